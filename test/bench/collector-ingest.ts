/**
 * What a sample costs a collector from the socket to the disk: 1,000 machines with 20 containers of 30
 * figures each send scrape after scrape from a process of their own, and each answer says that its
 * rows are durable. CPU time is that of the whole process of the receiver, with what it does behind the
 * answers up to some seconds after the last one. The first scrape, in which all is new, is told apart.
 *
 * The same samples go by remote write into VictoriaMetrics and Prometheus, where they are installed.
 * `BENCH_MACHINES` and `BENCH_SCRAPES` make it smaller.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { openStore } from '../../collector/store/open-store.ts'
import type { Store } from '../../collector/store/store.ts'
import { silentLog } from '../../settings/log.ts'
import { startCandor } from '../end-to-end/candor.ts'
import { peer } from '../peers/list.ts'
import { startServer } from '../peers/server.ts'
import type { Figures } from './bench.ts'
import { columnNames, CONTAINERS, SAMPLES, STEP_MS, values } from './ingest/machines.ts'
import type { Done, Fleet, Order } from './ingest/sender.ts'

const MACHINES = Number(process.env['BENCH_MACHINES'] ?? 1_000)
const SCRAPES = Number(process.env['BENCH_SCRAPES'] ?? 20)
/** Peers are slower, and need fewer to show it. */
const PEER_SCRAPES = Math.min(SCRAPES, 6)
/** Merges and flushes that follow the last answer; a small round is too short for them. */
const SETTLE_MS = MACHINES < 1_000 ? 1_000 : 8_000

interface Cost {
  readonly firstSamplesPerCpuSecond: number
  readonly samplesPerCpuSecond: number
  readonly samplesPerSecond: number
  readonly p99AnswerMs: number
  readonly bytesOnWire: number
  readonly rssMiB: number
  readonly retries: number
}

/** User and system time of a process and of all threads that it ever had, in s. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

const rssMiB = (pid: number) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))![1]) / 1_024

async function tell<T>(sender: ChildProcess, order: Order): Promise<T> {
  sender.send(order)
  const over = new AbortController()
  const ended = once(sender, 'exit', { signal: over.signal }).then(() => {
    throw new Error('the sender has ended')
  })
  const [answer] = (await Promise.race([once(sender, 'message'), ended])) as [T]
  over.abort()
  await ended.catch(() => {})
  return answer
}

async function measure(pid: number, scrapes: number, fleet: Fleet): Promise<Cost> {
  const sender = fork(new URL('ingest/sender.ts', import.meta.url), [JSON.stringify(fleet)])
  try {
    await once(sender, 'message')
    const done: Done[] = []
    const start = cpuSeconds(pid)
    let afterFirst = start
    let rss = 0
    for (let scrape = 0; scrape < scrapes; scrape++) {
      await tell(sender, { make: scrape })
      done.push(await tell<Done>(sender, { send: scrape }))
      if (scrape === 0) {
        await wait(SETTLE_MS)
        afterFirst = cpuSeconds(pid)
      }
      rss = Math.max(rss, rssMiB(pid))
    }
    await wait(SETTLE_MS)
    const steady = done.slice(1)
    const seconds = steady.reduce((sum, each) => sum + each.seconds, 0)
    const samples = fleet.machines * SAMPLES
    const answers = steady.flatMap(({ answerMs }) => answerMs).toSorted((a, b) => a - b)
    return {
      firstSamplesPerCpuSecond: samples / (afterFirst - start),
      samplesPerCpuSecond: (steady.length * samples) / (cpuSeconds(pid) - afterFirst),
      samplesPerSecond: (steady.length * samples) / seconds,
      p99AnswerMs: answers[Math.floor(answers.length * 0.99)] ?? Number.NaN,
      bytesOnWire: done.reduce((sum, { bytes }) => sum + bytes, 0) / (done.length * samples),
      rssMiB: rss,
      retries: done.reduce((sum, each) => sum + each.retries, 0),
    }
  } finally {
    sender.kill('SIGKILL')
  }
}

/** A little ahead, so that no minute is over before the end: rollups have benches of their own. */
const startMs = Date.now() + 60_000

const fleetOf = (protocol: Fleet['protocol'], url: string): Fleet => ({
  protocol,
  url,
  machines: MACHINES,
  connections: protocol === 'otlp' ? MACHINES : 8,
  startMs,
  stepMs: STEP_MS,
})

/** Those that these samples go to. */
const TABLES = ['container', 'entity', 'fact'] as const

async function sizeOf(store: Store): Promise<number> {
  const [disk] = await store.query<{ bytes: string }>(
    `SELECT sum(bytes_on_disk) AS bytes FROM system.parts
     WHERE active AND database = 'candor' AND has({tables:Array(String)}, table)`,
    { tables: TABLES },
  )
  return Number(disk!.bytes) / (MACHINES * SAMPLES * SCRAPES)
}

interface Disk {
  /** As the last insert left it, and as it is when the parts of the day have become one. */
  readonly unmergedBytesPerSample: number
  readonly bytesPerSample: number
}

/** Bytes a sample on disk; throws when a row, or a value of some that are looked at, is not as sent. */
async function bytesOnDisk(path: string): Promise<Disk> {
  const store = await openStore({ path }, silentLog())
  try {
    const [rows] = await store.query<{ rows: string; entities: string }>(
      'SELECT count() AS rows, uniqExact(entity) AS entities FROM container FINAL',
    )
    const entities = MACHINES * CONTAINERS
    if (Number(rows!.rows) !== entities * SCRAPES || Number(rows!.entities) !== entities) {
      throw new Error(`the store has ${JSON.stringify(rows)}`)
    }
    for (const machine of [0, MACHINES - 1]) await compare(store, machine)
    const unmerged = await sizeOf(store)
    for (const table of TABLES) await store.command(`OPTIMIZE TABLE ${table} FINAL`)
    return { unmergedBytesPerSample: unmerged, bytesPerSample: await sizeOf(store) }
  } finally {
    await store.close()
  }
}

async function compare(store: Store, machine: number) {
  const scrape = SCRAPES - 1
  const found = await store.query<Record<string, number>>(
    `SELECT ${columnNames.join(', ')} FROM container FINAL INNER JOIN entity FINAL USING (tenant, entity)
     WHERE attributes['host.name'] = {host:String} AND ts = fromUnixTimestamp64Milli({at:Int64})
     ORDER BY toUInt32(attributes['candor.cgroup.inode'])`,
    {
      host: `host-${String(machine).padStart(5, '0')}.dc1.example.net`,
      at: startMs + scrape * STEP_MS,
    },
  )
  const sent = values(machine, scrape)
  const stored = found.flatMap((row) => columnNames.map((name) => row[name]))
  const differs = stored.findIndex((value, i) => value !== sent[i])
  if (stored.length !== sent.length || differs >= 0) {
    throw new Error(`machine ${machine}: value ${differs} of ${stored.length} is not as sent`)
  }
}

async function ours(): Promise<Cost & Disk> {
  // Judging a fleet has benches of its own.
  await using candor = await startCandor('collector', ['--evaluation.interval=1h'])
  await wait(3_000)
  const cost = await measure(
    candor.child.pid!,
    SCRAPES,
    fleetOf('otlp', `${candor.otlp}/v1/metrics`),
  )
  await candor.stop()
  return { ...cost, ...(await bytesOnDisk(candor.store)) }
}

interface Peer {
  readonly name: 'victoria_metrics' | 'prometheus'
  readonly args: (address: string, folder: string) => readonly string[]
  readonly readyPath: string
}
const VICTORIA: Peer = {
  name: 'victoria_metrics',
  args: (address, folder) => [
    `-httpListenAddr=${address}`,
    `-storageDataPath=${join(folder, 'data')}`,
    '-loggerLevel=WARN',
  ],
  readyPath: '/health',
}
const PROMETHEUS: Peer = {
  name: 'prometheus',
  args: (address, folder) => [
    `--config.file=${join(folder, 'empty.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
    '--web.enable-remote-write-receiver',
    '--log.level=warn',
  ],
  readyPath: '/-/ready',
}

async function theirs({ name, args, readyPath }: Peer): Promise<Cost | undefined> {
  const program = peer(name)
  if (program === undefined || process.env['BENCH_PEERS'] === 'no') return undefined
  const folder = mkdtempSync(join(tmpdir(), 'candor-ingest-'))
  writeFileSync(join(folder, 'empty.yml'), '')
  try {
    await using server = await startServer({
      program,
      args: (address) => args(address, folder),
      readyPath,
      folder,
    })
    await wait(2_000)
    return await measure(
      server.pid,
      PEER_SCRAPES,
      fleetOf('remote-write', `${server.url}/api/v1/write`),
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export async function run(): Promise<Figures> {
  const cost = await ours()
  console.log('ours', cost)
  const victoria = await theirs(VICTORIA)
  console.log('VictoriaMetrics', victoria)
  const prometheus = await theirs(PROMETHEUS)
  console.log('Prometheus', prometheus)
  const ratio = (peer: Cost | undefined) =>
    peer === undefined ? undefined : cost.samplesPerCpuSecond / peer.samplesPerCpuSecond
  return {
    samplesPerCpuSecond: cost.samplesPerCpuSecond,
    firstSamplesPerCpuSecond: cost.firstSamplesPerCpuSecond,
    ratioToVictoriaMetrics: ratio(victoria),
    ratioToPrometheus: ratio(prometheus),
    bytesPerSample: cost.bytesPerSample,
    unmergedBytesPerSample: cost.unmergedBytesPerSample,
    rssMiB: cost.rssMiB,
    p99AnswerMs: cost.p99AnswerMs,
    samplesPerSecond: cost.samplesPerSecond,
  }
}
