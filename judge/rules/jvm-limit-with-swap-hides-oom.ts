/**
 * jvm.limit-with-swap-hides-oom: what does not fit the limit goes into swap, so that a heap that is too
 * large makes the JVM slow and nobody learns why.
 */
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { evidence, finding } from './evidence.ts'
import { heapFix } from './heap-fix.ts'
import { mayBeSwapped, needOf, NO_HEAP_MAX, OTHERS_UNKNOWN } from './jvm-need.ts'
import { limitOf } from './limit.ts'
import { noSwapBeyond, swapLimitSource } from './memory-files.ts'
import { heapNotFrom } from './not-from.ts'
import { mebibytes } from './words.ts'

const RULE = 'jvm.limit-with-swap-hides-oom'

export function judgeLimitWithSwap(jvm: RuntimeProfile): Judgement {
  const limit = limitOf(jvm)
  if (limit === undefined) return FINE
  const swaps = mayBeSwapped(jvm)
  if (swaps === false) return FINE
  if (swaps === undefined) return notJudged('whether the kernel may swap is not known')
  const { heapMaxBytes } = jvm
  if (heapMaxBytes === undefined) return notJudged(NO_HEAP_MAX)
  const need = needOf(jvm, heapMaxBytes)
  if (need === undefined) return notJudged(OTHERS_UNKNOWN)
  if (need.totalBytes <= limit.bytes) return FINE
  const believed = evidence('heap and all beside it', Math.round(need.totalBytes), 'By', need.basis)
  const enforced = evidence('memory limit', limit.bytes, 'By', limit.source)
  const { fix, fixValues } = heapFix(jvm, limit, heapMaxBytes, need.parts)
  const out = noSwapBeyond(jvm, limit.source, limit.bytes)
  return finding({
    rule: RULE,
    ...heapNotFrom(jvm),
    severity: 'info',
    confidence: need.confidence,
    summary: `The JVM may come to ${mebibytes(need.totalBytes)} in ${mebibytes(limit.bytes)}; the kernel would swap the rest, and each collection would read it back.`,
    believed,
    enforced,
    evidence: [believed, enforced, swapOf(jvm)],
    fix: `${fix}; then ${out.fix}`,
    fixValues: { ...fixValues, ...out.fixValues },
  })
}

const swapOf = (jvm: RuntimeProfile) =>
  jvm.swapLimitBytes === undefined
    ? evidence('swap of the machine', jvm.machineSwapBytes ?? 0, 'By', '/proc/meminfo SwapTotal')
    : evidence('limit of swap', jvm.swapLimitBytes, 'By', swapLimitSource(jvm))
