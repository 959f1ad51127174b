/**
 * jvm.hsperf-on-disk: the JVM keeps its counters in a file that the kernel writes back to a disk.
 *
 * It updates them by plain stores, at safepoints too. While the page is on its way to the disk a store has
 * to wait for it, and with it all threads.
 *
 * Source: Evan Jones, "The Four Month Bug: JVM statistics cause garbage collection pauses"
 */
import { switchOf } from '../ergonomics/jvm-flags.ts'
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { throttled } from './cpu.ts'
import { evidence, finding } from './evidence.ts'
import { watchedFor } from './history.ts'
import { thresholdsOf } from './thresholds.ts'
import { percent } from './words.ts'

const RULE = 'jvm.hsperf-on-disk'
const {
  diskShare: DISK_SHARE,
  stoppedShare: STOPPED_SHARE,
  throttledShare: THROTTLED_SHARE,
  watched: WATCHED_SECONDS,
} = thresholdsOf(RULE)
const IN_MEMORY: readonly string[] = ['tmpfs', 'ramfs', 'hugetlbfs']

export function judgeHsperfOnDisk(jvm: RuntimeProfile): Judgement {
  const { countersFileSystem: type, flags = [] } = jvm
  if (switchOf(flags, 'PerfDisableSharedMem') === true) return FINE
  if (switchOf(flags, 'UsePerfData') === false) return FINE
  if (type === undefined) return notJudged('where its counters are is not known')
  if (IN_MEMORY.includes(type)) return FINE
  const harm = harmOf(jvm)
  // Of what nobody limits, such as a tool on a workstation, only harm is worth a word.
  if (harm === undefined && (jvm.memoryLimitBytes ?? jvm.cpuLimitCores) === undefined) return FINE
  const where = evidence('stopped by no collection', harm?.stopped ?? 0, '1', `counters on ${type}`)
  return finding({
    rule: RULE,
    severity: harm === undefined ? 'info' : 'warning',
    confidence: harm === undefined ? 'exact' : 'inferred',
    summary:
      harm === undefined
        ? `The JVM keeps its counters on ${type}: while they are written back, a pause may wait for the disk.`
        : `The JVM keeps its counters on ${type}; it stood still ${percent(harm.stopped)} of the time without a collection, while all waited for a disk in ${percent(harm.disk)}.`,
    evidence:
      harm === undefined
        ? []
        : [
            { ...where, windowSeconds: harm.seconds },
            evidence('waiting for a disk', harm.disk, '1', 'io.pressure full', harm.seconds),
          ],
    fix: 'mount a tmpfs on /tmp/hsperfdata_USER; or add -XX:+PerfDisableSharedMem, with which jstat sees nothing, and this agent only with --runtime.introspection=deep',
    fixValues: {},
  })
}

interface Harm {
  readonly stopped: number
  readonly disk: number
  readonly seconds: number
}

function harmOf(jvm: RuntimeProfile): Harm | undefined {
  const seen = watchedFor(WATCHED_SECONDS, jvm)
  if ('reason' in seen) return undefined
  const { ioFullSeconds, safepointSeconds, stopSeconds, seconds } = seen.recent
  if (ioFullSeconds === undefined || safepointSeconds === undefined || stopSeconds === undefined)
    return undefined
  if ((throttled(jvm)?.value ?? 0) > THROTTLED_SHARE) return undefined
  const stopped = Math.max(0, safepointSeconds - stopSeconds) / seconds
  const disk = ioFullSeconds / seconds
  return stopped > STOPPED_SHARE && disk > DISK_SHARE ? { stopped, disk, seconds } : undefined
}
