/**
 * jvm.throttled-during-gc: the kernel stops the collector in the middle of a pause.
 *
 * Then the pause lasts until the next period of the quota, and all of the program waits with it. Seen
 * as pauses that take longer than the CPU time in them explains, in a cgroup that was stopped.
 */
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { Recent, RuntimeProfile } from '../profile.ts'
import {
  GC_CPU_UNKNOWN,
  type Granted,
  grantedCpus,
  quotaSource,
  THROTTLING_UNKNOWN,
  throttled,
} from './cpu.ts'
import { finding, type Fix } from './evidence.ts'
import { anyOf, withFlag } from './flag-fix.ts'
import { pauseThreads } from './gc-threads.ts'
import { watched } from './history.ts'
import { cpusNotFrom } from './not-from.ts'
import { stretchOf } from './stretch.ts'
import { thresholdsOf } from './thresholds.ts'
import { cores, percent } from './words.ts'

const RULE = 'jvm.throttled-during-gc'
const {
  stoppedShare: STOPPED_SHARE,
  faults: FAULTS_PER_SECOND,
  diskShare: DISK_STALL_SHARE,
  stretch: STRETCHED,
  stoppedInPauses: THROTTLED_IN_PAUSES,
} = thresholdsOf(RULE)
const CORES_STEP = 0.5

export function judgeThrottledDuringGc(jvm: RuntimeProfile): Judgement {
  const granted = grantedCpus(jvm)
  if (jvm.cpuLimitCores === undefined || granted === undefined) return FINE
  const history = watched(RULE, jvm)
  if ('reason' in history) return notJudged(history.reason)
  const { recent } = history
  const stops = throttled(jvm)
  if (stops === undefined) return notJudged(THROTTLING_UNKNOWN)
  if (stops.value <= THROTTLED_IN_PAUSES) return FINE
  if (recent.stopSeconds === undefined)
    return notJudged('how long its collections stop it was not measured')
  if (recent.stopSeconds <= STOPPED_SHARE * recent.seconds) return FINE
  if (recent.gcCpuSeconds === undefined) return notJudged(GC_CPU_UNKNOWN)
  const stretch = stretchOf(jvm)
  if (stretch === undefined)
    return notJudged('what its pauses should have taken cannot be told from what was measured')
  if (stretch.value <= STRETCHED) return FINE
  const others = otherCauses(recent)
  const too = others.length === 0 ? '' : ` There was ${others.join(' and ')} too.`
  return finding({
    rule: RULE,
    ...cpusNotFrom(jvm),
    severity: 'high',
    confidence: others.length === 0 ? 'strong' : 'inferred',
    summary: `Pauses to collect take ${stretch.evidence.value} times the CPU time in them, and the quota stopped it in ${percent(stops.value)} of the periods.${too}`,
    enforced: granted.evidence,
    evidence: [stretch.evidence, stops.evidence, granted.evidence],
    ...fixOf(jvm, granted),
  })
}

/** What else makes a pause wait; a quota is not to blame for it. */
function otherCauses({ seconds, majorFaults = 0, ioFullSeconds = 0 }: Recent): string[] {
  return [
    ...(majorFaults > FAULTS_PER_SECOND * seconds ? ['reading from disk or swap'] : []),
    ...(ioFullSeconds > DISK_STALL_SHARE * seconds ? ['waiting for disks'] : []),
  ]
}

function fixOf(jvm: RuntimeProfile, granted: Granted): Fix {
  const workers = pauseThreads(jvm)
  const cpuLimitCores = Math.ceil((2 * granted.cores) / CORES_STEP) * CORES_STEP
  const raise = `raise the CPU limit of ${quotaSource(jvm)} to ${cores(cpuLimitCores)}, or drop it and keep the request`
  if (workers === undefined || workers.value <= granted.whole)
    return { fix: raise, fixValues: { cpuLimitCores } }
  const wanted = `-XX:ParallelGCThreads=${granted.whole}`
  return {
    fix: `${withFlag(jvm, anyOf('ParallelGCThreads'), wanted)}; or ${raise}`,
    fixValues: { parallelGcThreads: granted.whole, cpuLimitCores },
  }
}
