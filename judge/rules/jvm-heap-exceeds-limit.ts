/**
 * jvm.heap-exceeds-limit: the JVM believes in a heap that the kernel will not grant.
 *
 * The JVM collects when its heap is full, not when the cgroup is. So a heap that may grow to the
 * limit or beyond ends with a kill by the kernel (exit 137), without an OutOfMemoryError.
 */
import type { Severity } from '../../catalog/finding.ts'
import { memoryOf } from '../ergonomics/jvm-memory.ts'
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { evidence, finding } from './evidence.ts'
import { heapFix } from './heap-fix.ts'
import { heapMaxOf } from './heap-max.ts'
import { expectedParts, mayBeSwapped, NO_HEAP_MAX } from './jvm-need.ts'
import { limitOf } from './limit.ts'
import { heapNotFrom } from './not-from.ts'
import { thresholdsOf } from './thresholds.ts'
import { mebibytes } from './words.ts'

const RULE = 'jvm.heap-exceeds-limit'
const { highShare: HIGH_SHARE } = thresholdsOf(RULE)

export function judgeHeapExceedsLimit(jvm: RuntimeProfile): Judgement {
  const limit = limitOf(jvm)
  if (limit === undefined) return FINE
  const { heapMaxBytes, collector } = jvm
  if (heapMaxBytes === undefined) return notJudged(NO_HEAP_MAX)
  const swaps = mayBeSwapped(jvm) === true
  const severity = severityOf(heapMaxBytes, limit.bytes, swaps)
  if (severity === undefined) return FINE
  if (collector === 'Epsilon')
    return notJudged('Epsilon never collects: its heap is sized for one run, not to live within')
  const parts = expectedParts(jvm)
  const believed = heapMaxOf(jvm, heapMaxBytes)
  const enforced = evidence('memory limit', limit.bytes, 'By', limit.source)
  const beside = evidence(
    'expected beside the heap',
    Math.round(memoryOf(parts, Math.min(heapMaxBytes, limit.bytes)).nonHeapBytes),
    'By',
    'model of what a JVM needs beside its heap',
  )
  return finding({
    rule: RULE,
    ...heapNotFrom(jvm),
    severity,
    confidence: 'exact',
    summary: `The JVM may grow its heap to ${mebibytes(heapMaxBytes)}, the kernel stops ${limit.source} at ${mebibytes(limit.bytes)}${swaps ? ', and swaps before it kills' : ''}.`,
    believed,
    enforced,
    evidence: [believed, enforced, beside],
    ...heapFix(jvm, limit, heapMaxBytes, parts),
  })
}

/** Where the kernel may swap, the JVM gets slow before it is killed. */
function severityOf(
  heapMaxBytes: number,
  limitBytes: number,
  swaps: boolean,
): Severity | undefined {
  if (heapMaxBytes >= limitBytes) return swaps ? 'high' : 'critical'
  return heapMaxBytes > HIGH_SHARE * limitBytes ? 'high' : undefined
}
