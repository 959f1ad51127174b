/**
 * What a whole agent costs beside 20 containers, or as many as BENCH_CONTAINERS says: CPU a paced
 * pass (read, render nothing, encode, compress, push) and resident memory, both as the kernel
 * accounts them. `rssAnonMiB` is the part that no other process of the same program shares.
 *
 * Started as it is deployed, by bin/candor.js, for the second time: the compile cache is filled. It
 * pushes to a sink that says what the collector says: that it takes zstd.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { ENCODINGS } from '../../collector/receive/inflate.ts'
import type { Figures } from './bench.ts'
import { makeCgroups } from './cgroups.ts'
import { threadsCpuMs } from './statistics.ts'

const CONTAINERS = Number(process.env['BENCH_CONTAINERS'] ?? 20)
const INTERVAL_MS = 1_000
/** About 10 s after its start V8 clears up once what the start left behind, for some 50 ms. */
const WARM_MS = 20_000
const PASSES = 30
const ENTRY = new URL('../../bin/candor.js', import.meta.url).pathname

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

export async function run(): Promise<Figures> {
  await warm()
  await using _ = makeCgroups(CONTAINERS)
  const arrivals: number[] = []
  const sink = createServer((request, response) => {
    request.resume().on('end', () => {
      arrivals.push(Date.now())
      response
        .writeHead(200, { 'content-type': 'application/x-protobuf', 'accept-encoding': ENCODINGS })
        .end()
    })
  })
  await once(sink.listen(0, '127.0.0.1'), 'listening')
  const { port } = sink.address() as AddressInfo
  const agent = spawn(
    process.execPath,
    [
      ENTRY,
      'agent',
      '--web.listen-address=127.0.0.1:0',
      `--interval=${INTERVAL_MS}ms`,
      `--push.url=http://127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  )
  try {
    await once(agent, 'spawn')
    await wait(WARM_MS)
    const pid = agent.pid!
    const first = { cpu: threadsCpuMs(pid), pushes: arrivals.length }
    await wait(PASSES * INTERVAL_MS)
    const passes = countPasses(arrivals.slice(first.pushes))
    const cpuMsPerPass = (threadsCpuMs(pid) - first.cpu) / passes
    return { containers: CONTAINERS, passes, cpuMsPerPass, ...memoryMiB(pid) }
  } finally {
    agent.kill('SIGKILL')
    await once(agent, 'exit')
    sink.closeAllConnections()
    sink.close()
  }
}
