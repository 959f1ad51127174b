/**
 * jvm.compressed-oops-cliff: the heap is so large that references take 8 bytes instead of 4, and not
 * large enough to make up for it.
 */
import { numberOf } from '../ergonomics/jvm-flags.ts'
import { referenceCliff } from '../ergonomics/jvm-heap.ts'
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { evidence, finding } from './evidence.ts'
import { flagsAreWhole } from './flag-fix.ts'
import { withHeap } from './heap-flag.ts'
import { heapMaxOf } from './heap-max.ts'
import { NO_HEAP_MAX } from './jvm-need.ts'
import { thresholdsOf } from './thresholds.ts'
import { mebibytes } from './words.ts'

const RULE = 'jvm.compressed-oops-cliff'
const { worthFrom, below: roundBelow } = thresholdsOf(RULE)
const MIB = 1024 ** 2
const OBJECT_ALIGNMENT = 8

export function judgeCompressedOopsCliff(jvm: RuntimeProfile): Judgement {
  const { heapMaxBytes, collector, flags = [], finalFlags } = jvm
  if (heapMaxBytes === undefined) return notJudged(NO_HEAP_MAX)
  const alignment = numberOf(flags, 'ObjectAlignmentInBytes') ?? OBJECT_ALIGNMENT
  const worth = (alignment / OBJECT_ALIGNMENT) * worthFrom
  if (heapMaxBytes >= worth) return FINE
  if (collector === undefined)
    return heapMaxBytes <= referenceCliff('G1', flags)
      ? FINE
      : notJudged('its collector is not known')
  const told = finalFlags?.['UseCompressedOops']?.value
  if (told === 'true' || collector === 'ZGC') return FINE
  if (heapMaxBytes <= referenceCliff(collector, flags)) return FINE
  const below = ((alignment / OBJECT_ALIGNMENT) * roundBelow) / MIB
  const believed = heapMaxOf(jvm, heapMaxBytes)
  return finding({
    rule: RULE,
    severity: 'warning',
    confidence: told === 'false' ? 'exact' : flagsAreWhole(jvm) ? 'strong' : 'inferred',
    summary: `With ${mebibytes(heapMaxBytes)} of heap each reference takes 8 bytes: it holds less than ${below} MiB would.`,
    believed,
    evidence: [
      believed,
      evidence(
        'largest heap with short references',
        referenceCliff(collector, flags),
        'By',
        `collector ${collector}`,
      ),
    ],
    fix: `${withHeap(jvm, `-Xmx${below}m`, below * MIB)}, or give it ${mebibytes(worth)} or more`,
    fixValues: { xmxBytes: below * MIB },
  })
}
