/**
 * jvm.gc-threads-exceed-quota: more threads collect at once than the quota can run.
 *
 * A pause ends when the last of them is done. At 0.5 CPUs 16 workers of Parallel took 1.7 s where
 * Serial took 0.3 s, and the kernel stopped the process twice as long.
 */
import type { Severity } from '../../catalog/finding.ts'
import { majorVersion, switchOf } from '../ergonomics/jvm-flags.ts'
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { Believed, RuntimeProfile } from '../profile.ts'
import { type Granted, grantedCpus, leastSure, throttled } from './cpu.ts'
import { evidence, finding, type Fix } from './evidence.ts'
import { anyOf, withFlag } from './flag-fix.ts'
import { pauseThreads } from './gc-threads.ts'
import { gcThreadsNotFrom } from './not-from.ts'
import { stretchOf } from './stretch.ts'
import { thresholdsOf } from './thresholds.ts'
import { cores } from './words.ts'

const RULE = 'jvm.gc-threads-exceed-quota'
const {
  excessFactor: EXCESS_FACTOR,
  excessThreads: EXCESS_THREADS,
  stretch: STRETCHED,
  stoppedInPauses: THROTTLED_IN_PAUSES,
} = thresholdsOf(RULE)
/** Since then workers are made as the work asks for them, up to the count. */
const DYNAMIC_SINCE = 11
const CONCURRENT = /^(?:G1|CMS)$/
const ONE_THREAD: readonly (string | undefined)[] = ['Serial', 'Epsilon']

export function judgeGcThreadsExceedQuota(jvm: RuntimeProfile): Judgement {
  const granted = grantedCpus(jvm)
  if (jvm.cpuLimitCores === undefined || granted === undefined) return FINE
  if (ONE_THREAD.includes(jvm.collector)) return FINE
  const workers = pauseThreads(jvm)
  if (workers === undefined)
    return notJudged('how many threads its collector may make is not known')
  if (!exceeds(workers.value, granted)) return FINE
  const stops = throttled(jvm)
  const believed = evidence(
    'threads that collect at once',
    workers.value,
    '{thread}',
    workers.source,
  )
  const collector = jvm.collector ?? 'its collector'
  return finding({
    rule: RULE,
    ...gcThreadsNotFrom(jvm),
    severity: severityOf(jvm, granted),
    confidence: leastSure(workers.confidence, granted.confidence),
    summary: `${collector} may collect with ${workers.value} threads at once, the kernel grants ${cores(granted.cores)} to ${granted.evidence.source}.`,
    believed,
    enforced: granted.evidence,
    evidence: [believed, granted.evidence, ...(stops === undefined ? [] : [stops.evidence])],
    ...fixOf(jvm, granted),
  })
}

const exceeds = (workers: Believed['value'], { whole }: Granted): boolean =>
  workers > whole * EXCESS_FACTOR && workers - whole >= EXCESS_THREADS

function severityOf(jvm: RuntimeProfile, granted: Granted): Severity {
  const stretch = stretchOf(jvm)?.value ?? 0
  if (stretch > STRETCHED && (throttled(jvm)?.value ?? 0) > THROTTLED_IN_PAUSES) return 'high'
  if (isDynamic(jvm) && jvm.gcThreads !== undefined && !exceeds(jvm.gcThreads, granted))
    return 'info'
  return jvm.collector === 'Parallel' ? 'high' : 'warning'
}

const isDynamic = ({ version, flags }: RuntimeProfile): boolean =>
  (majorVersion(version) ?? 0) >= DYNAMIC_SINCE &&
  switchOf(flags ?? [], 'UseDynamicNumberOfGCThreads') !== false

function fixOf(jvm: RuntimeProfile, { cores: granted, whole }: Granted): Fix {
  const concurrent = Math.max(1, Math.ceil(granted / 4))
  const both = CONCURRENT.test(jvm.collector ?? '')
  const wanted = `-XX:ParallelGCThreads=${whole}${both ? ` -XX:ConcGCThreads=${concurrent}` : ''}`
  const old = both ? anyOf('ParallelGCThreads', 'ConcGCThreads') : anyOf('ParallelGCThreads')
  return {
    fix: withFlag(jvm, old, wanted),
    fixValues: { parallelGcThreads: whole, ...(both && { concGcThreads: concurrent }) },
  }
}
