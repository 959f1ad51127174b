/**
 * jvm.limit-changed-after-start: heap, collector and its threads are chosen when a JVM starts; the
 * memory limit has changed since.
 *
 * A limit that shrank below what the JVM may come to will have it killed; one that grew is not used.
 */
import type { Severity } from '../../catalog/finding.ts'
import { choiceOf } from '../ergonomics/jvm-choice.ts'
import { fixedHeapFlag } from '../ergonomics/jvm-flags.ts'
import { memoryOf } from '../ergonomics/jvm-memory.ts'
import { blindnessOf, seenMemory } from '../ergonomics/jvm-sight.ts'
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { leastSure } from './cpu.ts'
import { evidence, finding, type Fix } from './evidence.ts'
import { flagsAreWhole } from './flag-fix.ts'
import { heapFix } from './heap-fix.ts'
import { heapMaxOf } from './heap-max.ts'
import { type Need, needOf, NO_HEAP_MAX, OTHERS_UNKNOWN } from './jvm-need.ts'
import { type Limit, limitOf } from './limit.ts'
import { heapNotFrom } from './not-from.ts'
import { thresholdsOf } from './thresholds.ts'
import { mebibytes } from './words.ts'

const RULE = 'jvm.limit-changed-after-start'
const { growth: GROWTH, slack: SLACK } = thresholdsOf(RULE)

export function judgeLimitChanged(jvm: RuntimeProfile): Judgement {
  const { first, heapMaxBytes } = jvm
  const limit = limitOf(jvm)
  if (limit === undefined) return FINE
  if (first === undefined) return notJudged('what its limit was at the start is not known')
  if (heapMaxBytes === undefined) return notJudged(NO_HEAP_MAX)
  // Of a limit that the machine does not reach nothing is felt.
  const before = Math.min(
    first.memoryLimitBytes ?? Number.POSITIVE_INFINITY,
    jvm.machineMemoryBytes ?? Number.POSITIVE_INFINITY,
  )
  if (limit.bytes >= GROWTH * before) return grown(jvm, before, limit, heapMaxBytes)
  // In the minute that counts as its start the limit may have changed as well.
  const fromOther = before === limit.bytes && isOfAnother(jvm, heapMaxBytes)
  if (limit.bytes >= before && !fromOther) return FINE
  const need = needOf(jvm, heapMaxBytes)
  if (need === undefined) return notJudged(OTHERS_UNKNOWN)
  if (need.totalBytes <= limit.bytes) return FINE
  return shrunk(jvm, fromOther ? undefined : before, limit, heapMaxBytes, need)
}

/** Whether the heap is larger than what the JVM would make of its limit now. */
function isOfAnother(jvm: RuntimeProfile, heapMaxBytes: number): boolean {
  if (!flagsAreWhole(jvm) || fixedHeapFlag(jvm.flags ?? []) !== undefined) return false
  if (blindnessOf(jvm) !== undefined) return false
  const now = heapNow(jvm)
  return now !== undefined && heapMaxBytes > SLACK * now
}

/** The heap that it would take if it started now. */
function heapNow(jvm: RuntimeProfile): number | undefined {
  const memoryBytes = seenMemory(jvm)
  if (memoryBytes === undefined) return undefined
  const cpus = jvm.believedCpus?.value ?? 1
  return choiceOf(jvm.flags ?? [], jvm.version, { cpus, memoryBytes }).heapMaxBytes
}

function shrunk(
  jvm: RuntimeProfile,
  before: number | undefined,
  limit: Limit,
  heapMaxBytes: number,
  need: Need,
): Judgement {
  const now = heapNow(jvm)
  const restart = 'restart it, since a heap is sized when a JVM starts'
  const again =
    now !== undefined &&
    now < heapMaxBytes &&
    flagsAreWhole(jvm) &&
    memoryOf(need.parts, now).totalBytes + need.othersBytes <= limit.bytes
  const was =
    before === undefined || before === Number.POSITIVE_INFINITY
      ? 'another limit'
      : mebibytes(before)
  return verdict(
    jvm,
    'high',
    `It was started for ${was} and may come to ${mebibytes(need.totalBytes)}; ${limit.source} is stopped at ${mebibytes(limit.bytes)} now.`,
    limit,
    heapMaxBytes,
    before,
    leastSure(
      before === undefined || jvm.first?.fromStart !== true ? 'inferred' : 'strong',
      need.confidence,
    ),
    again
      ? { fix: `${restart}: it would take ${mebibytes(now)} now`, fixValues: { heapMaxBytes: now } }
      : prefixed('restart it with other flags: ', heapFix(jvm, limit, heapMaxBytes, need.parts)),
  )
}

const prefixed = (words: string, { fix, fixValues }: Fix): Fix => ({
  fix: `${words}${fix}`,
  fixValues,
})

function grown(jvm: RuntimeProfile, before: number, limit: Limit, heapMaxBytes: number): Judgement {
  const now = heapNow(jvm)
  // Where a flag fixes the heap it would not grow with the limit.
  if (fixedHeapFlag(jvm.flags ?? []) !== undefined || !flagsAreWhole(jvm)) return FINE
  if (now === undefined || now <= heapMaxBytes) return FINE
  return verdict(
    jvm,
    'info',
    `It was started for ${mebibytes(before)} and keeps its heap of ${mebibytes(heapMaxBytes)}; ${limit.source} may use ${mebibytes(limit.bytes)} now.`,
    limit,
    heapMaxBytes,
    before,
    jvm.first?.fromStart === true ? 'strong' : 'inferred',
    {
      fix: `restart it, since a heap is sized when a JVM starts: it would take ${mebibytes(now)} now`,
      fixValues: { heapMaxBytes: now },
    },
  )
}

function verdict(
  jvm: RuntimeProfile,
  severity: Severity,
  summary: string,
  limit: Limit,
  heapMaxBytes: number,
  before: number | undefined,
  confidence: 'exact' | 'strong' | 'inferred',
  fix: Fix,
): Judgement {
  const believed = heapMaxOf(jvm, heapMaxBytes)
  const enforced = evidence('memory limit', limit.bytes, 'By', limit.source)
  const known = before !== undefined && Number.isFinite(before)
  const at = evidence(
    jvm.first?.fromStart === true ? 'limit at its start' : 'limit when it was first seen',
    before ?? 0,
    'By',
    'the agent',
  )
  return finding({
    rule: RULE,
    ...heapNotFrom(jvm),
    severity,
    confidence,
    summary,
    believed,
    enforced,
    evidence: known ? [believed, enforced, at] : [believed, enforced],
    ...fix,
  })
}
