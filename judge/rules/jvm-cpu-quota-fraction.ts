/**
 * jvm.cpu-quota-fraction: a quota between two whole CPUs, which the JVM rounds up.
 *
 * With 1.1 CPUs it sizes its threads for 2, with 0.2 for 1: the quota is spent before the period is
 * over. That only matters where the kernel does stop it.
 */
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { grantedCpus, leastSure, quotaSource, THROTTLING_UNKNOWN, throttled } from './cpu.ts'
import { evidence, finding, type Fix } from './evidence.ts'
import { anyOf, withFlag } from './flag-fix.ts'
import { watched } from './history.ts'
import { thresholdsOf } from './thresholds.ts'
import { cores, percent } from './words.ts'

const RULE = 'jvm.cpu-quota-fraction'
const { roundedFactor: ROUNDED_FACTOR, stoppedRatio: THROTTLED_RATIO } = thresholdsOf(RULE)

export function judgeCpuQuotaFraction(jvm: RuntimeProfile): Judgement {
  const { cpuLimitCores, believedCpus } = jvm
  if (cpuLimitCores === undefined) return FINE
  const granted = grantedCpus(jvm)
  // Where fewer CPUs are allowed than the quota has, it is not the quota that stops anyone.
  if (granted === undefined || granted.cores < cpuLimitCores) return FINE
  if (granted.whole / cpuLimitCores < ROUNDED_FACTOR) return FINE
  if (believedCpus === undefined) return notJudged('how many CPUs it believes in is not known')
  if (believedCpus.value !== granted.whole) return FINE
  const history = watched(RULE, jvm)
  if ('reason' in history) return notJudged(history.reason)
  const stops = throttled(jvm)
  if (stops === undefined) return notJudged(THROTTLING_UNKNOWN)
  if (stops.value <= THROTTLED_RATIO) return FINE
  const { value, confidence, source } = believedCpus
  const believed = evidence('CPUs that it believes in', value, '{cpu}', source)
  return finding({
    rule: RULE,
    severity: cpuLimitCores < 1 ? 'info' : 'warning',
    confidence: leastSure(confidence, granted.confidence),
    summary: `The JVM rounds its quota of ${cores(cpuLimitCores)} up to ${value}, and was stopped in ${percent(stops.value)} of the periods.`,
    believed,
    enforced: granted.evidence,
    evidence: [believed, granted.evidence, stops.evidence],
    ...fixOf(jvm, cpuLimitCores, granted.whole),
  })
}

/** Below one CPU there is nothing that the JVM could be told. */
function fixOf(jvm: RuntimeProfile, quota: number, whole: number): Fix {
  const raise = `raise the CPU limit of ${quotaSource(jvm)} to ${cores(whole)}`
  if (quota < 1)
    return {
      fix: `${raise}, or drop it and keep the request`,
      fixValues: { cpuLimitCores: whole },
    }
  const below = Math.floor(quota)
  const count = `-XX:ActiveProcessorCount=${below}`
  return {
    fix: `${raise}, or ${withFlag(jvm, anyOf('ActiveProcessorCount'), count)}`,
    fixValues: { cpuLimitCores: whole, activeProcessorCount: below },
  }
}
