/**
 * jvm.cpu-count-exceeds-quota: the JVM sizes its pools for more CPUs than the kernel grants.
 *
 * Threads that collect and compile, the common pool of Java, carriers of virtual threads and the event
 * loops of Netty are all made by the count of CPUs that the JVM takes itself to have. When they run
 * together they spend the quota at the start of each period, and then all of them stand still.
 */
import { numberOf, switchOf } from '../ergonomics/jvm-flags.ts'
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { type Granted, grantedCpus, leastSure, throttled } from './cpu.ts'
import { evidence, finding, type Fix } from './evidence.ts'
import { anyOf, withFlag } from './flag-fix.ts'
import { watchedFor } from './history.ts'
import { cpusNotFrom } from './not-from.ts'
import { thresholdsOf } from './thresholds.ts'
import { cores } from './words.ts'

const RULE = 'jvm.cpu-count-exceeds-quota'
const {
  highFactor: HIGH_FACTOR,
  harmlessRatio: HARMLESS_RATIO,
  harmlessSeconds: HARMLESS_SECONDS,
} = thresholdsOf(RULE)

export function judgeCpuCountExceedsQuota(jvm: RuntimeProfile): Judgement {
  const granted = grantedCpus(jvm)
  if (jvm.cpuLimitCores === undefined || granted === undefined) return FINE
  const { believedCpus } = jvm
  if (believedCpus === undefined) return notJudged('how many CPUs it believes in is not known')
  const { value, confidence, source } = believedCpus
  if (value <= granted.whole) return FINE
  const stops = throttled(jvm)
  const believed = evidence('CPUs that it believes in', value, '{cpu}', source)
  const severe = value >= HIGH_FACTOR * granted.cores ? 'high' : 'warning'
  return finding({
    rule: RULE,
    ...cpusNotFrom(jvm),
    severity: isDeliberate(jvm) ? 'info' : severe,
    confidence: leastSure(confidence, granted.confidence),
    summary: `The JVM sizes its threads for ${value} CPUs, the kernel grants ${cores(granted.cores)} to ${granted.evidence.source}.`,
    believed,
    enforced: granted.evidence,
    evidence: [believed, granted.evidence, ...(stops === undefined ? [] : [stops.evidence])],
    ...fixOf(jvm, granted),
  })
}

/** Whoever mostly waits for others may want more threads than CPUs. */
function isDeliberate(jvm: RuntimeProfile): boolean {
  const set = numberOf(jvm.flags ?? [], 'ActiveProcessorCount') ?? 0
  const stops = throttled(jvm)
  return (
    set > 0 &&
    'recent' in watchedFor(HARMLESS_SECONDS, jvm) &&
    stops !== undefined &&
    stops.value < HARMLESS_RATIO
  )
}

function fixOf(jvm: RuntimeProfile, { whole }: Granted): Fix {
  const wanted = `-XX:ActiveProcessorCount=${whole}`
  const blinded = switchOf(jvm.flags ?? [], 'UseContainerSupport') === false
  const change = withFlag(jvm, anyOf('ActiveProcessorCount'), wanted)
  return {
    fix: blinded ? `take out -XX:-UseContainerSupport, or ${change}` : change,
    fixValues: { activeProcessorCount: whole },
  }
}
