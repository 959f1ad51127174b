/**
 * jvm.parallelgc-small-quota: the collector for throughput where there is next to nothing to put through.
 *
 * Workers of Parallel spin while they look for work of each other. In a small quota that burns what
 * the others need, and then all wait for the next period: at 0.2 CPUs eight of them took 7.8 times
 * the CPU time of a pause, Serial 1.9 times.
 */
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import {
  GC_CPU_UNKNOWN,
  gcIsWorth,
  gcShare,
  type Granted,
  grantedCpus,
  leastSure,
  throttled,
} from './cpu.ts'
import { evidence, finding, type Fix } from './evidence.ts'
import { anyOf, COLLECTOR_FLAG, withFlag } from './flag-fix.ts'
import { pauseThreads } from './gc-threads.ts'
import { watchedFor } from './history.ts'
import { gcThreadsNotFrom } from './not-from.ts'
import { thresholdsOf } from './thresholds.ts'
import { cores, percent } from './words.ts'

const RULE = 'jvm.parallelgc-small-quota'
const {
  smallCores: SMALL_CORES,
  oneCore: ONE_CORE,
  gcShare: GC_SHARE,
  gcSeconds: GC_SECONDS,
  smallHeap: SERIAL_HEAP_BYTES,
} = thresholdsOf(RULE)

export function judgeParallelGcSmallQuota(jvm: RuntimeProfile): Judgement {
  const granted = grantedCpus(jvm)
  if (jvm.cpuLimitCores === undefined || granted === undefined) return FINE
  if (jvm.collector === undefined) return notJudged('its collector is not known')
  if (jvm.collector !== 'Parallel' || granted.cores >= SMALL_CORES) return FINE
  const workers = pauseThreads(jvm)
  const crowded = workers !== undefined && workers.value > granted.whole
  const gc = gcShare(jvm)
  if (!crowded) {
    if (granted.cores > ONE_CORE)
      return workers === undefined
        ? notJudged('how many threads its collector may make is not known')
        : FINE
    const history = watchedFor(GC_SECONDS, jvm)
    if ('reason' in history) return notJudged(history.reason)
    if (gc === undefined) return notJudged(GC_CPU_UNKNOWN)
    if (gc.value <= GC_SHARE || !gcIsWorth(history.recent)) return FINE
  }
  const why = crowded
    ? `with ${workers.value} threads`
    : `and takes ${percent(gc?.value ?? 0)} of its CPU time`
  const believed = crowded
    ? evidence('threads that collect at once', workers.value, '{thread}', workers.source)
    : undefined
  const third = crowded ? throttled(jvm)?.evidence : gc?.evidence
  return finding({
    rule: RULE,
    ...gcThreadsNotFrom(jvm),
    severity: 'warning',
    confidence: leastSure(granted.confidence, crowded ? workers.confidence : 'exact'),
    summary: `ParallelGC collects ${why} where the kernel grants ${cores(granted.cores)} to ${granted.evidence.source}.`,
    ...(believed !== undefined && { believed }),
    enforced: granted.evidence,
    evidence: [believed, granted.evidence, third].filter((each) => each !== undefined),
    ...fixOf(jvm, granted),
  })
}

function fixOf(jvm: RuntimeProfile, { cores: granted, whole }: Granted): Fix {
  const small = (jvm.heapMaxBytes ?? Number.POSITIVE_INFINITY) < SERIAL_HEAP_BYTES
  if (small && granted <= ONE_CORE)
    return { fix: withFlag(jvm, COLLECTOR_FLAG, '-XX:+UseSerialGC'), fixValues: {} }
  const fewer = withFlag(jvm, anyOf('ParallelGCThreads'), `-XX:ParallelGCThreads=${whole}`)
  return {
    fix: `${fewer}; where pauses matter, ${withFlag(jvm, COLLECTOR_FLAG, '-XX:+UseG1GC')}`,
    fixValues: { parallelGcThreads: whole },
  }
}
