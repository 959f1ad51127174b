/**
 * jvm.limit-on-ancestor: the limit that holds sits on a cgroup above, where this JVM does not look.
 *
 * The limit of a slice, a pod or an outer container. Memory on cgroup v1 is told to every cgroup below;
 * CPU quotas are not, and on v2 only late builds look up. In a cgroup namespace of its own, as most
 * containers are, those see nothing above either: what such a JVM made of itself tells.
 */
import { choiceOf } from '../ergonomics/jvm-choice.ts'
import { fixedHeapFlag } from '../ergonomics/jvm-flags.ts'
import { memoryOf } from '../ergonomics/jvm-memory.ts'
import { blindnessOf, fixedCpus, seenMemory } from '../ergonomics/jvm-sight.ts'
import { hasFeature } from '../ergonomics/jvm-version.ts'
import { type Evidence, FINE, type Judgement, notJudged } from '../finding.ts'
import type { Believed, RuntimeProfile } from '../profile.ts'
import { leastSure } from './cpu.ts'
import { evidence, finding, type Fix } from './evidence.ts'
import { flagsAreWhole } from './flag-fix.ts'
import { heapIn } from './heap-fix.ts'
import { loweredStart } from './heap-flag.ts'
import { heapMaxOf } from './heap-max.ts'
import { expectedParts, NO_HEAP_MAX } from './jvm-need.ts'
import { type Limit, limitOf } from './limit.ts'
import { thresholdsOf } from './thresholds.ts'
import { cores, mebibytes } from './words.ts'

const RULE = 'jvm.limit-on-ancestor'
const { heapShare: HEAP_SHARE, seenFactor: SEEN_SHARE } = thresholdsOf(RULE)
const MIB = 1024 * 1024

interface Missed {
  readonly says: string
  readonly believed: Evidence
  readonly enforced: Evidence
  readonly confidence: Believed['confidence']
  readonly flag: string
  readonly fixValues: Fix['fixValues']
}

export function judgeLimitOnAncestor(jvm: RuntimeProfile): Judgement {
  const limit = limitOf(jvm)
  const memoryAbove = limit !== undefined && isAbove(jvm, limit)
  const quotaAbove = jvm.cpuLimitCores !== undefined && jvm.ownCpuLimitCores !== jvm.cpuLimitCores
  if (!memoryAbove && !quotaAbove) return FINE
  // It sees no cgroup at all, which is told by another rule.
  if (blindnessOf(jvm) !== undefined) return FINE
  const sees = hasFeature(jvm, 'ancestors')
  if (sees === undefined) return notJudged('neither its version nor its library is known')
  const answers = [
    memoryAbove ? missedMemory(jvm, limit, sees) : undefined,
    quotaAbove ? missedQuota(jvm, jvm.cpuLimitCores, sees) : undefined,
  ].filter((each) => each !== undefined)
  const missed = answers.filter((each) => typeof each !== 'string')
  const [first] = missed
  if (first === undefined) {
    const unknown = answers.find((each) => typeof each === 'string')
    return unknown === undefined ? FINE : notJudged(unknown)
  }
  const flags = missed.map(({ flag }) => flag).filter((flag) => flag !== '')
  const where = jvm.cgroup ?? 'its own cgroup'
  const fixValues = Object.assign({}, ...missed.map((each) => each.fixValues)) as Fix['fixValues']
  const start = loweredStart(jvm.flags, fixValues['xmxBytes'] ?? Number.POSITIVE_INFINITY)
  return finding({
    rule: RULE,
    severity: 'high',
    confidence: leastSure(...missed.map(({ confidence }) => confidence)),
    summary: `${missed.map(({ says }) => says).join('; ')}: the JVM ${sees ? 'sees nothing' : 'does not look'} above ${where}.`,
    believed: first.believed,
    enforced: first.enforced,
    evidence: missed.flatMap(({ believed, enforced }) => [believed, enforced]),
    fix: `set the same limit on ${where} too${flags.length === 0 ? '' : `, or add ${flags.join(' ')}${start}`}`,
    fixValues,
  })
}

/** Whether the limit sits above, and a JVM of this machine would have to look for it there. */
const isAbove = (jvm: RuntimeProfile, limit: Limit): boolean =>
  !limit.own &&
  jvm.machineCgroups === 'v2' &&
  (jvm.ownMemoryLimitBytes === undefined || jvm.ownMemoryLimitBytes > limit.bytes)

const NAMESPACE_UNKNOWN =
  'whether its cgroup namespace shows it what is above is not known, and nothing that it made of itself tells'

/** Undefined where nothing is missed, or it does no harm; else why that is not known. */
function missedMemory(
  jvm: RuntimeProfile,
  limit: Limit,
  sees: boolean,
): Missed | string | undefined {
  const { heapMaxBytes, flags = [] } = jvm
  // A size that somebody fixed is not what the JVM makes of its limits.
  if (fixedHeapFlag(flags) !== undefined) return undefined
  if (heapMaxBytes === undefined) return NO_HEAP_MAX
  if (heapMaxBytes <= HEAP_SHARE * limit.bytes) return undefined
  if (sees && !flagsAreWhole(jvm)) return NAMESPACE_UNKNOWN
  if (sees && heapMaxBytes <= SEEN_SHARE * heapBy(jvm, limit)) return undefined
  const parts = expectedParts(jvm)
  const { xmxBytes } = heapIn(jvm, limit, parts)
  const seen = sees ? undefined : seenMemory(jvm)
  const total = memoryOf(parts, heapMaxBytes).totalBytes
  return {
    says: `A heap of up to ${mebibytes(heapMaxBytes)} (${mebibytes(total)} in all) is sized by ${seen === undefined ? 'what it sees' : mebibytes(seen)}, ${limit.source} is stopped at ${mebibytes(limit.bytes)}`,
    believed: heapMaxOf(jvm, heapMaxBytes),
    enforced: evidence('memory limit', limit.bytes, 'By', limit.source),
    confidence: flagsAreWhole(jvm) ? 'strong' : 'inferred',
    flag: xmxBytes > 0 ? `-Xmx${xmxBytes / MIB}m` : '',
    fixValues: xmxBytes > 0 ? { xmxBytes } : {},
  }
}

/** What its flags make of the limit. */
const heapBy = ({ flags = [], version, believedCpus }: RuntimeProfile, { bytes }: Limit): number =>
  choiceOf(flags, version, { cpus: believedCpus?.value ?? 1, memoryBytes: bytes }).heapMaxBytes

function missedQuota(
  jvm: RuntimeProfile,
  quota: number,
  sees: boolean,
): Missed | string | undefined {
  const count = Math.max(1, Math.ceil(quota))
  const { believedCpus } = jvm
  if (fixedCpus(jvm) !== undefined) return undefined
  if (believedCpus === undefined) return 'how many CPUs it counts is not known'
  // What is only inferred takes it for granted that a build that can look up does.
  if (believedCpus.value <= count)
    return sees && believedCpus.confidence === 'inferred' ? NAMESPACE_UNKNOWN : undefined
  const source = `a cgroup above ${jvm.cgroup ?? 'its own'}`
  return {
    says: `It counts ${cores(believedCpus.value)}, ${source} has a quota of ${cores(quota)}`,
    believed: evidence('CPUs that it counts', believedCpus.value, '{cpu}', believedCpus.source),
    enforced: evidence('CPU quota', quota, '{cpu}', source),
    confidence: believedCpus.confidence,
    flag: `-XX:ActiveProcessorCount=${count}`,
    fixValues: { activeProcessorCount: count },
  }
}
