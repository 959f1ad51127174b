/**
 * What a whole agent costs beside 20 containers, or as many as BENCH_CONTAINERS says: CPU a paced
 * pass (read, render nothing, encode, compress, push) and resident memory, both as the kernel
 * accounts them. `rssAnonMiB` is the part that no other process of the same program shares.
 *
 * Started as it is deployed, by bin/candor.js, for the second time: the compile cache is filled. It
 * pushes to a sink that says what the collector says: that it takes zstd.
 *
 * BENCH_PASSES are measured; BENCH_FLOOR=no leaves the floor out.
 *
 * The floor is a program in Node.js that pushes one of those bodies at the same pace, and reads
 * nothing: what no agent in Node.js can go below, on this machine in this minute.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { zstdDecompressSync } from 'node:zlib'
import { otlp } from '../../collector/receive/otlp.ts'
import type { Figures } from './bench.ts'
import { makeCgroups } from './cgroups.ts'
import { threadsCpuMs } from './statistics.ts'

const CONTAINERS = Number(process.env['BENCH_CONTAINERS'] ?? 20)
const INTERVAL_MS = 1_000
/** About 10 s after its start V8 clears up once what the start left behind, for some 50 ms. */
const WARM_MS = 20_000
const PASSES = Number(process.env['BENCH_PASSES'] ?? 30)
const HAS_FLOOR = process.env['BENCH_FLOOR'] !== 'no'
const FLOOR_WARM_MS = 5_000
const ENTRY = new URL('../../bin/candor.js', import.meta.url).pathname
const FLOOR = new URL('footprint-floor.js', import.meta.url).pathname

function memoryMiB(pid: number): { readonly rssMiB: number; readonly rssAnonMiB: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const mib = (line: string) =>
    Number(new RegExp(`^${line}:\\s+(\\d+)`, 'm').exec(status)?.[1]) / 1024
  return { rssMiB: mib('VmRSS'), rssAnonMiB: mib('RssAnon') }
}

/** A large pass is several pushes, one right after the other. */
const countPasses = (arrivals: readonly number[]): number =>
  arrivals.filter((ms, i) => ms - (arrivals[i - 1] ?? 0) > INTERVAL_MS / 4).length

/** Fills the compile cache, as the first start after an installation does. */
async function warm(): Promise<void> {
  const first = spawn(process.execPath, [ENTRY, 'agent', '--help'], { stdio: 'ignore' })
  await once(first, 'exit')
}

/** Takes all that is pushed, and gives the newest body to who asks for it. */
class Sink implements AsyncDisposable {
  readonly arrivals: number[] = []
  #newest = Buffer.alloc(0)
  readonly #server = createServer(async (request, response) => {
    if (request.method === 'GET') {
      response.end(zstdDecompressSync(this.#newest))
      return
    }
    const body = Buffer.concat(await request.toArray())
    if (request.headers['content-encoding'] === 'zstd') this.#newest = body
    this.arrivals.push(Date.now())
    response
      .writeHead(200, {
        'content-type': 'application/x-protobuf',
        'accept-encoding': otlp.encodings.join(', '),
      })
      .end()
  })

  async listen(): Promise<string> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

interface Cost {
  readonly passes: number
  readonly cpuMsPerPass: number
  readonly rssMiB: number
  readonly rssAnonMiB: number
}

/** The cost of a process once it is warm; it is ended after that. */
async function costOf(process: ChildProcess, warmMs: number, sink: Sink): Promise<Cost> {
  try {
    await once(process, 'spawn')
    await wait(warmMs)
    const pid = process.pid!
    const first = { cpu: threadsCpuMs(pid), pushes: sink.arrivals.length }
    await wait(PASSES * INTERVAL_MS)
    const passes = countPasses(sink.arrivals.slice(first.pushes))
    const cpuMsPerPass = (threadsCpuMs(pid) - first.cpu) / passes
    return { passes, cpuMsPerPass, ...memoryMiB(pid) }
  } finally {
    process.kill('SIGKILL')
    await once(process, 'exit')
  }
}

export async function run(): Promise<Figures> {
  await warm()
  await using _ = makeCgroups(CONTAINERS)
  await using sink = new Sink()
  const url = await sink.listen()
  const flags = ['--web.listen-address=127.0.0.1:0', `--interval=${INTERVAL_MS}ms`]
  const agent = spawn(process.execPath, [ENTRY, 'agent', ...flags, `--push.url=${url}`], {
    stdio: 'ignore',
  })
  const cost = await costOf(agent, WARM_MS, sink)
  if (!HAS_FLOOR) return { containers: CONTAINERS, ...cost }
  const bare = spawn(process.execPath, [FLOOR, url, String(INTERVAL_MS)], { stdio: 'ignore' })
  const floor = await costOf(bare, FLOOR_WARM_MS, sink)
  return {
    containers: CONTAINERS,
    ...cost,
    floorMsPerPass: floor.cpuMsPerPass,
    floorRssMiB: floor.rssMiB,
    ratioToFloor: cost.cpuMsPerPass / floor.cpuMsPerPass,
  }
}
