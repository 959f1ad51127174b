/**
 * jvm.throttled-during-gc: the kernel stops the collector in the middle of a pause.
 *
 * Then the pause lasts until the next period of the quota, and all of the program waits with it. Seen
 * as pauses that take longer than the CPU time in them explains, in a cgroup that was stopped.
 */
import { type Evidence, FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import {
  GC_CPU_UNKNOWN,
  type Granted,
  grantedCpus,
  quotaSource,
  THROTTLING_UNKNOWN,
  type Share,
  throttled,
} from './cpu.ts'
import { evidence, finding, type Fix } from './evidence.ts'
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
  waitingShare: WAITING_SHARE,
  stolenShare: STOLEN_SHARE,
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
  const others = otherCauses(jvm, stops)
  const said = others.map(({ says }) => says).join(' and ')
  const too = others.length === 0 ? '' : ` There was ${said} too.`
  return finding({
    rule: RULE,
    ...cpusNotFrom(jvm),
    severity: 'high',
    confidence: others.length === 0 ? 'strong' : 'inferred',
    summary: `Pauses to collect take ${stretch.evidence.value} times the CPU time in them, and the quota stopped it in ${percent(stops.value)} of the periods.${too}`,
    enforced: granted.evidence,
    evidence: [
      stretch.evidence,
      stops.evidence,
      granted.evidence,
      ...others.map(({ figure }) => figure),
    ],
    ...fixOf(jvm, granted),
  })
}

interface Cause {
  readonly says: string
  readonly figure: Evidence
}

/** What else makes a pause wait; a quota is not to blame for it. */
function otherCauses(jvm: RuntimeProfile, stops: Share): readonly Cause[] {
  const { machineCpus, machineStolenCores = 0, recent } = jvm
  const { seconds = 0, majorFaults = 0, ioFullSeconds = 0 } = recent ?? {}
  const cause = (is: boolean, says: string, value: number, unit: string, source: string): Cause[] =>
    is ? [{ says, figure: evidence(says, value, unit, source, Math.round(seconds)) }] : []
  const faults = majorFaults / seconds
  const disk = ioFullSeconds / seconds
  const waiting = waitingOf(jvm, stops) / seconds
  const stolen = machineCpus === undefined ? 0 : machineStolenCores / machineCpus
  return [
    ...cause(
      faults > FAULTS_PER_SECOND,
      'reading from disk or swap',
      faults,
      '{fault}/s',
      'memory.stat pgmajfault',
    ),
    ...cause(disk > DISK_STALL_SHARE, 'waiting for disks', disk, '1', 'io.pressure full'),
    ...cause(
      waiting > WAITING_SHARE,
      'waiting for a CPU where the quota stopped nobody',
      waiting,
      '1',
      'cpu.pressure some, less the time that the quota stopped it',
    ),
    ...cause(
      stolen > STOLEN_SHARE,
      'CPU time that the hypervisor gave to others',
      stolen,
      '1',
      '/proc/stat steal',
    ),
  ]
}

/** Least time that tasks waited for a CPU: who is stopped by the quota counts as waiting as well. */
function waitingOf({ recent }: RuntimeProfile, stops: Share): number {
  const { seconds = 0, cpuSomeSeconds = 0, throttledSeconds } = recent ?? {}
  // The kernel adds up the CPUs, so that it may come to more than the periods in which it stopped.
  const stopped = Math.min(throttledSeconds ?? Number.POSITIVE_INFINITY, stops.value * seconds)
  return Math.max(0, cpuSomeSeconds - stopped)
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
