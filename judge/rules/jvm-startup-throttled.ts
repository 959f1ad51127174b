/**
 * jvm.startup-throttled: the kernel stopped the JVM for most of its start.
 *
 * A start is when it compiles: threads for that are made by the CPUs that it believes in, and together
 * with the program they spend the quota early in each period. What was seen of the start stays said
 * for an hour: after that nobody can do anything about it.
 */
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { grantedCpus, quotaSource, share, TASKS, THROTTLING_UNKNOWN, throttled } from './cpu.ts'
import { finding } from './evidence.ts'
import { watched } from './history.ts'
import { cpusNotFrom } from './not-from.ts'
import { thresholdsOf } from './thresholds.ts'
import { cores, percent } from './words.ts'

const RULE = 'jvm.startup-throttled'
const {
  start: START_SECONDS,
  stoppedRatio: THROTTLED_RATIO,
  jitShare: JIT_SHARE,
  oneCore: ONE_CORE,
  told: TOLD_SECONDS,
} = thresholdsOf(RULE)
const START_CORES = 2

export function judgeStartupThrottled(jvm: RuntimeProfile): Judgement {
  const granted = grantedCpus(jvm)
  if (jvm.cpuLimitCores === undefined || granted === undefined) return FINE
  if (jvm.ageSeconds === undefined) return notJudged('when it started is not known')
  if (jvm.ageSeconds > TOLD_SECONDS) return FINE
  if (jvm.ageSeconds > START_SECONDS) return notJudged('its start is over')
  const history = watched(RULE, jvm)
  if ('reason' in history) return notJudged(history.reason)
  const { recent } = history
  const stops = throttled(jvm)
  if (stops === undefined) return notJudged(THROTTLING_UNKNOWN)
  const { jitCpuSeconds, cpuSeconds } = recent
  if (jitCpuSeconds === undefined || cpuSeconds === undefined)
    return notJudged('the CPU time of its compiler was not measured')
  const jit = share('share of its CPU time that compiles', jitCpuSeconds, cpuSeconds, recent, TASKS)
  if (stops.value <= THROTTLED_RATIO || jit.value <= JIT_SHARE) return FINE
  const cpuLimitCores = Math.max(START_CORES, 2 * granted.whole)
  return finding({
    rule: RULE,
    ...cpusNotFrom(jvm),
    severity: granted.cores < ONE_CORE ? 'info' : 'warning',
    confidence: 'exact',
    summary: `While it started, the quota of ${cores(granted.cores)} stopped it in ${percent(stops.value)} of the periods, and ${percent(jit.value)} of its CPU time went to compiling.`,
    enforced: granted.evidence,
    evidence: [stops.evidence, jit.evidence, granted.evidence],
    fix: `give ${quotaSource(jvm)} ${cores(cpuLimitCores)} for the start (resize in place afterwards), or start from an archive of classes (-XX:+AutoCreateSharedArchive -XX:SharedArchiveFile=FILE, since 19); for a short job add -XX:TieredStopAtLevel=1; allow a probe the longer start`,
    fixValues: { cpuLimitCores },
  })
}
