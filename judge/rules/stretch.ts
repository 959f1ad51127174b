/**
 * How much longer the pauses of a collector are than the CPU time in them: 1 where its threads were
 * never made to wait. Threads that collect beside the program count as work too, so that for
 * collectors that have some the figure is on the low side.
 */
import type { Evidence } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { grantedCpus } from './cpu.ts'
import { evidence } from './evidence.ts'
import { pauseThreads } from './gc-threads.ts'

export interface Stretch {
  readonly value: number
  /** Share of the wall time that the program stood still. */
  readonly stopped: number
  readonly evidence: Evidence
}

export function stretchOf(jvm: RuntimeProfile): Stretch | undefined {
  const { seconds = 0, stopSeconds, gcCpuSeconds } = jvm.recent ?? {}
  const granted = grantedCpus(jvm)
  if (granted === undefined || stopSeconds === undefined || !((gcCpuSeconds ?? 0) > 0))
    return undefined
  const cores = Math.max(1, granted.cores)
  const workers = pauseThreads(jvm)?.value
  if (workers === undefined && cores > 1) return undefined
  const value = (stopSeconds * Math.min(workers ?? 1, cores)) / gcCpuSeconds!
  const shown = Math.round(value * 10) / 10
  const source = 'pauses by hsperfdata, CPU time by /proc/PID/task/*/stat'
  return {
    value,
    stopped: stopSeconds / seconds,
    evidence: evidence('pause time per CPU time of it', shown, '1', source, Math.round(seconds)),
  }
}
