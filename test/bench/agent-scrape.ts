/**
 * A scrape of a large machine: 2,500 containers with 30 figures each. Our writer against the official
 * client library, which has the same figures set in 30 gauges and writes them, by CPU time and in
 * turns; and how long the event loop stood still while real scrapes were answered over HTTP.
 *
 * `longestBlockMs` is the longest pause of a scrape: the median over scrapes, of the worst encoding.
 * A pause that comes once, `worstBlockMs`, may be the machine's: `idleBlockMs` is the worst pause of a
 * loop that had nothing to do, looked at in the same way and as often.
 */
import { once } from 'node:events'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { Gauge, Registry } from '@prometheus-io/client'
import { ENCODINGS, type Encoding } from '../../agent/web/body.ts'
import { Expositions } from '../../agent/web/expositions.ts'
import type { AgentPass } from '../../agent/pass.ts'
import { serve } from '../../agent/web/serve.ts'
import { container } from '../../catalog/tables/container.ts'
import { median } from '../../judge/statistics.ts'
import { silentLog } from '../../settings/log.ts'
import { renderChunks, takeSnapshot } from '../../wire/exposition.ts'
import { emptyRow, type Row } from '../../wire/sample.ts'
import type { Figures } from './bench.ts'
import { cpuMs } from './statistics.ts'

const CONTAINERS = 2_500
const METRICS = 30
const ROUNDS = 15
const SCRAPES = 10
/** Every metric is a name of its own, as the client's gauges are. */
const COLUMNS = container.metrics
  .map(({ prom }, index) => ({ prom, index }))
  .filter(({ prom }, i, all) => all.findIndex((one) => one.prom === prom) === i)
  .slice(0, METRICS)

const identity = (i: number) => ({
  id: `/docker/${String(i).padStart(64, '5e')}`,
  name: `web-${i}`,
  image: 'registry.example/shop/web:1.2.3',
  namespace: 'shop',
  pod: `web-${i}`,
  container: 'web',
})

/** As many digits as real figures have: seconds counted in ns, bytes, counts. */
function fill(rows: readonly Row[], round: number): void {
  rows.forEach(({ values }, i) => {
    COLUMNS.forEach(({ index }, c) => {
      values[index] =
        c % 3 === 0 ? ((i + round) * 7_919_000_123 + c) / 1e9 : i * 123_456 + c * round
    })
  })
}

function makeRows(): Row[] {
  return Array.from({ length: CONTAINERS }, (_, i) => {
    const { id, name, image, namespace, pod, container: inPod } = identity(i)
    return emptyRow(container, {
      kind: 'container',
      attributes: {
        'host.id': 'bench',
        'candor.cgroup.path': id,
        'container.name': name,
        'container.image.name': image,
        'k8s.namespace.name': namespace,
        'k8s.pod.name': pod,
        'k8s.container.name': inPod,
      },
    })
  })
}

function ours(rows: readonly Row[]): number {
  const before = cpuMs()
  let bytes = 0
  for (const chunk of renderChunks(takeSnapshot(rows))) bytes += chunk.length
  const spent = cpuMs() - before
  if (bytes < 5e6) throw new Error('the exposition is too short')
  return spent
}

function clientOf(rows: readonly Row[]): () => Promise<number> {
  const registry = new Registry()
  const gauges = COLUMNS.map(
    ({ prom, index }) =>
      [
        new Gauge({
          name: prom,
          help: prom,
          labelNames: Object.keys(identity(0)),
          registers: [registry],
        }),
        index,
      ] as const,
  )
  const labels = rows.map((_, i) => identity(i))
  return async () => {
    const before = cpuMs()
    for (const [gauge, index] of gauges) {
      for (let i = 0; i < rows.length; i++) gauge.set(labels[i]!, rows[i]!.values[index]!)
    }
    await registry.metrics()
    return cpuMs() - before
  }
}

const passOf = (rows: readonly Row[]): AgentPass => ({
  timeMs: Date.now(),
  rows,
  readers: [],
  unread: [],
  durationSeconds: 0,
  openFiles: 0,
})

/** Reads with a loop of its own, so that only the server's stands still in ours. */
const SCRAPER = `
  const { parentPort } = require('node:worker_threads')
  const http = require('node:http')
  parentPort.on('message', ({ url, encoding }) => {
    const headers = { 'accept-encoding': encoding }
    http.get(url, { headers, agent: false }, (response) => {
      response.resume()
      response.once('end', () => parentPort.postMessage(response.headers['content-encoding']))
    })
  })`

/** The longest pause of the loop in ms while `work` goes on. */
async function pauseDuring(work: () => Promise<void>): Promise<number> {
  await sleep(20)
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  await work()
  await sleep(5)
  delay.disable()
  // It counts from when a timer was set, which is a resolution before it was due.
  return delay.max / 1e6 - 1
}

type Pauses = Readonly<Record<Encoding | 'idle', number[]>>

/** Of each encoding, over scrapes that each have a new pass. */
async function pauses(rows: readonly Row[]): Promise<Pauses> {
  const expositions = new Expositions(() => [])
  let pass = passOf(rows)
  await using stack = new AsyncDisposableStack()
  const server = await serve(
    {
      metrics: (wanted) => expositions.body(pass, wanted),
      readers: new Map(),
      notReady: () => undefined,
      landing: () => '',
      scraped: () => {},
    },
    { addresses: [{ host: '127.0.0.1', port: 0 }], log: silentLog() },
  )
  stack.defer(() => server.close())
  const scraper = new Worker(SCRAPER, { eval: true })
  stack.defer(() => scraper.terminate().then(() => {}))
  const longest: Pauses = { identity: [], gzip: [], zstd: [], idle: [] }
  for (let round = 0; round < SCRAPES; round++) {
    fill(rows, round)
    pass = passOf(rows)
    for (const encoding of ENCODINGS) {
      const pause = await pauseDuring(async () => {
        // A thread has no origin.
        // oxlint-disable-next-line unicorn/require-post-message-target-origin
        scraper.postMessage({ url: `${server.urls[0]}/metrics`, encoding })
        const [used] = (await once(scraper, 'message')) as [Encoding | undefined]
        if (used !== (encoding === 'identity' ? undefined : encoding)) throw new Error(encoding)
      })
      longest[encoding].push(pause)
      longest.idle.push(await pauseDuring(() => sleep(100)))
    }
  }
  return longest
}

const sum = (all: readonly number[]): number => all.reduce((total, each) => total + each, 0)

export async function run(): Promise<Figures> {
  const rows = makeRows()
  fill(rows, 1)
  // First of all, as in an agent that was just started: nothing is warm.
  const longest = await pauses(rows)
  const client = clientOf(rows)
  const oursMs: number[] = []
  const clientMs: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    fill(rows, round)
    oursMs.push(ours(rows))
    clientMs.push(await client())
  }
  return {
    series: CONTAINERS * COLUMNS.length,
    renderMs: median(oursMs),
    clientMs: median(clientMs),
    // Of all rounds: what each leaves behind to be collected is a part of its cost.
    ratioToClient: sum(oursMs) / sum(clientMs),
    longestBlockMs: Math.max(...ENCODINGS.map((encoding) => median(longest[encoding])!)),
    worstBlockMs: Math.max(...ENCODINGS.flatMap((encoding) => longest[encoding])),
    idleBlockMs: Math.max(...longest.idle),
    identityBlockMs: median(longest.identity),
    gzipBlockMs: median(longest.gzip),
    zstdBlockMs: median(longest.zstd),
  }
}
