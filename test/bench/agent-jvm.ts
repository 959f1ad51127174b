/**
 * What one JVM costs the agent: each pass, and once for a look into its memory. CPU time of this process
 * with all its threads, over real JVMs at rest; what the scan of all processes costs is not in it.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { Apart } from '../../agent/apart/apart.ts'
import { readAddressSpace } from '../../agent/runtime/jvm/address-space.ts'
import { DeepLook } from '../../agent/runtime/jvm/deep-look.ts'
import { median } from '../../judge/statistics.ts'
import { Javas, javas, openRuntimes } from '../agent/runtime/jvm/java.ts'
import type { Figures } from './bench.ts'
import { cpuMs } from './statistics.ts'

const JVMS = Number(process.env['BENCH_JVMS'] ?? 12)
const WARM_PASSES = 30
const PASSES = 180
const INTERVAL_MS = 10_000

const FLAGS = ['-XX:+UseG1GC', '-Xmx64m', '-Xshare:auto']

/** CPU time of a pass, threads and slow looks included, each as often as at an interval of 10 s. */
function passMs(): number {
  const runtimes = openRuntimes()
  let timeMs = Date.now()
  const pass = () => runtimes.read((timeMs += INTERVAL_MS))
  for (let i = 0; i < WARM_PASSES; i += 1) pass()
  const before = cpuMs()
  for (let i = 0; i < PASSES; i += 1) pass()
  const spent = cpuMs() - before
  runtimes.close()
  return spent / PASSES
}

/** The thread apart, once an agent; it ends when it is not used for a while. */
async function startMs(apart: Apart): Promise<number> {
  const before = cpuMs()
  await new Promise((resolve) => {
    apart.ask('statfs', '/', resolve)
  })
  return cpuMs() - before
}

async function deepMs(apart: Apart, pid: number): Promise<number> {
  const { library } = readAddressSpace('/proc', pid)
  const before = cpuMs()
  const look = new DeepLook(apart, '/proc', pid, library!.base)
  while (look.deep === undefined) {
    if (look.failure !== undefined) throw look.failure.cause
    await wait(1)
  }
  const spent = cpuMs() - before
  await wait(20)
  return spent
}

export async function run(): Promise<Figures> {
  const all = new Javas()
  const apart = new Apart()
  try {
    const withoutMs = passMs()
    const pids: number[] = []
    for (let i = 0; i < JVMS; i += 1)
      pids.push(await all.start(javas[i % javas.length]!, FLAGS, { seconds: 0.5 }))
    const withMs = passMs()
    const looks: number[] = []
    const threadMs = await startMs(apart)
    for (const pid of pids) looks.push(await deepMs(apart, pid))
    const threads = pids.map((pid) =>
      Number(/^Threads:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))![1]),
    )
    return {
      jvms: JVMS,
      threadsPerJvm: median(threads),
      msPerJvmPass: (withMs - withoutMs) / JVMS,
      // The first is made by code that was never run before.
      deepMsOnce: Math.max(...looks),
      deepMsMedian: median(looks),
      threadStartMs: threadMs,
    }
  } finally {
    apart.close()
    await all.remove()
  }
}
