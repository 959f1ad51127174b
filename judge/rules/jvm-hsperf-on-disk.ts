/**
 * jvm.hsperf-on-disk: the JVM keeps its counters in a file that the kernel writes back to a disk.
 *
 * It updates them by plain stores, at safepoints too. While the page is on its way to the disk a store has
 * to wait for it, and with it all threads.
 *
 * Source: Evan Jones, "The Four Month Bug: JVM statistics cause garbage collection pauses"
 */
import { switchOf } from '../ergonomics/jvm-flags.ts'
import { type Evidence, FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { throttled } from './cpu.ts'
import { evidence, finding } from './evidence.ts'
import { watchedFor } from './history.ts'
import { stretchOf } from './stretch.ts'
import { thresholdsOf } from './thresholds.ts'
import { percent } from './words.ts'

const RULE = 'jvm.hsperf-on-disk'
const {
  diskShare: DISK_SHARE,
  stoppedShare: STOPPED_SHARE,
  stretch: STRETCHED,
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
  return finding({
    rule: RULE,
    severity: harm === undefined ? 'info' : 'warning',
    confidence: harm === undefined ? 'exact' : 'inferred',
    summary:
      harm === undefined
        ? `The JVM keeps its counters on ${type}: while they are written back, a pause may wait for the disk.`
        : `The JVM keeps its counters on ${type}; ${harm.says}, while all waited for a disk in ${percent(harm.disk)}.`,
    evidence: [
      evidence('counters on a disk', 1, '{file}', `${type}, by /proc/PID/mountinfo`),
      ...(harm === undefined ? waitedOf(jvm) : [harm.figure, waiting(harm.disk, harm.seconds)]),
    ],
    fix: 'mount a tmpfs on /tmp/hsperfdata_USER; or add -XX:+PerfDisableSharedMem, with which jstat sees nothing, and this agent only with --runtime.introspection=deep',
    fixValues: {},
  })
}

const waiting = (share: number, seconds: number): Evidence =>
  evidence('waiting for a disk', share, '1', 'io.pressure full', Math.round(seconds))

/** How little all of it waited for disks, where that was measured for long enough to tell. */
function waitedOf(jvm: RuntimeProfile): readonly Evidence[] {
  const seen = watchedFor(WATCHED_SECONDS, jvm)
  if ('reason' in seen || seen.recent.ioFullSeconds === undefined) return []
  return [waiting(seen.recent.ioFullSeconds / seen.recent.seconds, seen.recent.seconds)]
}

interface Harm {
  readonly says: string
  readonly figure: Evidence
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
  const disk = ioFullSeconds / seconds
  if (disk <= DISK_SHARE) return undefined
  const stopped = Math.max(0, safepointSeconds - stopSeconds) / seconds
  if (stopped > STOPPED_SHARE)
    return {
      says: `it stood still ${percent(stopped)} of the time without a collection`,
      figure: evidence(
        'stopped by no collection',
        stopped,
        '1',
        'hsperfdata sun.rt.safepointTime',
        seconds,
      ),
      disk,
      seconds,
    }
  // Threads that collect write counters too.
  const stretch = stretchOf(jvm)
  if (stretch === undefined || stretch.value <= STRETCHED || stretch.stopped <= STOPPED_SHARE)
    return undefined
  const { evidence: figure } = stretch
  return {
    says: `its pauses took ${figure.value} times the CPU time in them`,
    figure,
    disk,
    seconds,
  }
}
