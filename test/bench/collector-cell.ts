/**
 * A collector under a whole cell: 10,000 machines with 20 containers of 30 figures each, every 15 s, over
 * a connection each, made up by a process of its own beside it. First with a hundredth and a tenth of the
 * machines, which tells whether a sample costs more where there are more of them; then all of them for
 * some minutes; then all agents start anew at once.
 *
 * CPU time is that of the collector's whole process, evaluation of findings and SLOs included.
 * `BENCH_MACHINES`, `BENCH_SECONDS` and `BENCH_EVALUATION` (its interval) make it smaller; `BENCH_PARTS=no`
 * leaves out the smaller fleets.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { type Candor, startCandor } from '../end-to-end/candor.ts'
import type { Figures } from './bench.ts'
import { type RunningFleet, startFleet } from './fleet/fleet.ts'
import { cpuMsByThread, threadsCpuMs, threadsWaitMs } from './statistics.ts'

const MACHINES = Number(process.env['BENCH_MACHINES'] ?? 10_000)
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 300)
const EVALUATION = process.env['BENCH_EVALUATION'] ?? '15s'
const PARTS = process.env['BENCH_PARTS'] !== 'no'
const INTERVAL_MS = 15_000
/** Machines that are new are told to the store in full, so the first passes are not the steady state. */
const WARM_MS = 2 * INTERVAL_MS
/** A hundredth and a tenth of the fleet are looked at for a fifth of the time each. */
const PART_SECONDS = Math.max(2 * (INTERVAL_MS / 1_000), SECONDS / 5)
const RECOVERY_MS = 180_000
const RSS_EVERY_MS = 1_000

interface Stretch {
  readonly machines: number
  readonly seconds: number
  readonly samples: number
  /** Of one core. */
  readonly cores: number
  /** That it wanted and others had: above a little, times tell of the machine and not of the collector. */
  readonly waitCores: number
  readonly usPerSample: number
  readonly p50AckMs: number
  readonly p99AckMs: number
  readonly maxAckMs: number
  /** Answers that were not of success. */
  readonly rejected: number
  readonly rssMiB: number
  readonly simulatorCores: number
  readonly simulatorLateMs: number
}

const rssMiB = (pid: number) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))![1]) / 1_024

/** The largest of what is seen each second until it is asked for. */
function watchRss(pid: number): () => number {
  let most = rssMiB(pid)
  const timer = setInterval(() => (most = Math.max(most, rssMiB(pid))), RSS_EVERY_MS)
  return () => {
    clearInterval(timer)
    return most
  }
}

async function stretch(
  candor: Candor,
  fleet: RunningFleet,
  machines: number,
  seconds: number,
): Promise<Stretch> {
  const pid = candor.child.pid!
  await fleet.resize(machines)
  await wait(INTERVAL_MS + WARM_MS)
  await fleet.tell()
  const cpuMs = threadsCpuMs(pid)
  const waitMs = threadsWaitMs(pid)
  const before = cpuMsByThread(pid)
  const rss = watchRss(pid)
  await wait(seconds * 1_000)
  const told = await fleet.tell()
  const usedMs = threadsCpuMs(pid) - cpuMs
  const found = {
    machines,
    seconds: told.seconds,
    samples: told.samples,
    cores: usedMs / 1_000 / told.seconds,
    waitCores: (threadsWaitMs(pid) - waitMs) / 1_000 / told.seconds,
    usPerSample: (1_000 * usedMs) / told.samples,
    p50AckMs: told.answerMs.p50,
    p99AckMs: told.answerMs.p99,
    maxAckMs: told.answerMs.max,
    rejected: Object.values(told.refused).reduce((sum, count) => sum + count, 0),
    rssMiB: rss(),
    simulatorCores: told.cpuSeconds / told.seconds,
    simulatorLateMs: told.lateMs,
  }
  console.log('cores by thread', coresByThread(before, cpuMsByThread(pid), told.seconds))
  console.log({ ...found, ...(found.rejected > 0 && { refused: told.refused }) })
  return found
}

/** The ten that took most; of the process the main thread has its name. */
function coresByThread(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  seconds: number,
): Record<string, number> {
  const cores = Array.from(after, ([name, ms]): [string, number] => [
    name,
    (ms - (before.get(name) ?? 0)) / 1_000 / seconds,
  ])
  const most = cores.toSorted(([, a], [, b]) => b - a).slice(0, 10)
  return Object.fromEntries(most.map(([name, share]) => [name, Number(share.toFixed(3))]))
}

export async function run(): Promise<Figures> {
  await using candor = await startCandor('collector', [`--evaluation.interval=${EVALUATION}`])
  await using fleet = await startFleet({
    url: `${candor.otlp}/v1/metrics`,
    seed: 1,
    intervalMs: INTERVAL_MS,
  })
  const part = (share: number) => Math.max(1, Math.round(MACHINES * share))
  const small = async (share: number) =>
    PARTS ? await stretch(candor, fleet, part(share), PART_SECONDS) : undefined
  const hundredth = await small(0.01)
  const tenth = await small(0.1)
  const all = await stretch(candor, fleet, MACHINES, SECONDS)
  const rss = watchRss(candor.child.pid!)
  const { seconds: recoverySeconds } = await fleet.restart(RECOVERY_MS)
  const after = await fleet.tell()
  console.log('restart of all agents', { recoverySeconds, collectorRssMiB: rss(), ...after })
  return {
    machines: MACHINES,
    cores: all.cores,
    waitCores: all.waitCores,
    p99AckMs: all.p99AckMs,
    rssMiB: all.rssMiB,
    rejected: all.rejected,
    ...(hundredth && {
      costRatio10: tenth!.usPerSample / hundredth.usPerSample,
      costRatio100: all.usPerSample / hundredth.usPerSample,
    }),
    recoverySeconds,
    samplesPerSecond: all.samples / all.seconds,
    simulatorCores: all.simulatorCores,
    simulatorLateMs: all.simulatorLateMs,
  }
}
