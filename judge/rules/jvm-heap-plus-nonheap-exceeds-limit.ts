/**
 * jvm.heap-plus-nonheap-exceeds-limit: the heap fits the limit, but not together with what a JVM needs
 * beside it.
 *
 * The kernel counts everything: metaspace, compiled code, stacks, buffers, the books of the collector.
 * Several JVMs in one cgroup count together. What is beside the heap is a model, and after a day what
 * was measured where that is more; pages of files can be reclaimed and are left out.
 */
import type { Severity } from '../../catalog/finding.ts'
import { sizeOf, valueOf } from '../ergonomics/jvm-flags.ts'
import { memoryOf, type NonHeap } from '../ergonomics/jvm-memory.ts'
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { evidence, finding, type Fix } from './evidence.ts'
import { heapFix, heapIn } from './heap-fix.ts'
import { heapMaxOf } from './heap-max.ts'
import {
  mayBeSwapped,
  type Need,
  needOf,
  NO_HEAP_MAX,
  OTHERS_UNKNOWN,
  tableOf,
} from './jvm-need.ts'
import { type Limit, limitOf } from './limit.ts'
import { heapNotFrom } from './not-from.ts'
import { thresholdsOf } from './thresholds.ts'
import { mebibytes, percent } from './words.ts'

const RULE = 'jvm.heap-plus-nonheap-exceeds-limit'
const { highShare: HIGH_SHARE, nearShare: NEAR_SHARE } = thresholdsOf(RULE)
const METASPACE_CAP = 1.5
const DIRECT_CAP_SHARE = 0.1
const DIRECT_CAP_LEAST_MIB = 64
const MIB = 1024 * 1024

export function judgeHeapPlusNonheap(jvm: RuntimeProfile): Judgement {
  const limit = limitOf(jvm)
  if (limit === undefined) return FINE
  const { heapMaxBytes } = jvm
  if (heapMaxBytes === undefined) return notJudged(NO_HEAP_MAX)
  if (jvm.collector === 'Epsilon')
    return notJudged('Epsilon never collects: its heap is sized for one run, not to live within')
  const need = needOf(jvm, heapMaxBytes)
  if (need === undefined) return notJudged(OTHERS_UNKNOWN)
  const severity = severityOf(jvm, need, limit.bytes)
  if (severity === undefined) return FINE
  const believed = heapMaxOf(jvm, heapMaxBytes)
  const enforced = evidence('memory limit', limit.bytes, 'By', limit.source)
  return finding({
    rule: RULE,
    ...heapNotFrom(jvm),
    severity,
    confidence: need.confidence,
    summary: summaryOf(severity, need, heapMaxBytes, limit),
    believed,
    enforced,
    evidence: [believed, enforced, ...tableOf(need, heapMaxBytes)],
    ...fixOf(jvm, severity, need, heapMaxBytes, limit),
  })
}

/** A model alone is not sure enough to say that it will be killed. */
function severityOf(jvm: RuntimeProfile, need: Need, limitBytes: number): Severity | undefined {
  if (need.totalBytes > limitBytes)
    return need.confidence === 'inferred' || mayBeSwapped(jvm) === true ? 'high' : 'critical'
  if (need.totalBytes > HIGH_SHARE * limitBytes) return 'high'
  const near = need.totalBytes > NEAR_SHARE * limitBytes
  return near && need.ceilingBytes > limitBytes ? 'info' : undefined
}

function summaryOf(severity: Severity, need: Need, heapMaxBytes: number, limit: Limit): string {
  const others = need.othersBytes === 0 ? '' : ` and ${mebibytes(need.othersBytes)} of others`
  const sum = `${mebibytes(heapMaxBytes)} of heap and ${mebibytes(need.nonHeapBytes)} beside it${others} are ${mebibytes(need.totalBytes)}, ${percent(need.totalBytes / limit.bytes)} of the limit of ${limit.source}, ${mebibytes(limit.bytes)}`
  const basis = need.measured ? `beside the heap as measured (${need.basis})` : 'by the model'
  return severity === 'info'
    ? `${sum}; its flags allow up to ${mebibytes(need.ceilingBytes)}.`
    : `${sum}, ${basis}.`
}

function fixOf(
  jvm: RuntimeProfile,
  severity: Severity,
  need: Need,
  heapMaxBytes: number,
  limit: Limit,
): Fix {
  if (severity === 'info') return boundsOnly(jvm, need, heapMaxBytes, limit)
  const { xmxBytes } = heapIn(jvm, limit, need.parts)
  const { flags, parts } = boundsOf(jvm, need, xmxBytes)
  const { fix, fixValues } = heapFix(jvm, limit, heapMaxBytes, need.parts, parts)
  const bounded = flags.length === 0 || 'memoryLimitBytes' in fixValues
  return { fix: bounded ? fix : `${fix}, and bound the rest by ${flags.join(' ')}`, fixValues }
}

/** The heap may stay as it is, where all of it fits at its bounds. */
function boundsOnly(jvm: RuntimeProfile, need: Need, heapMaxBytes: number, limit: Limit): Fix {
  const { flags, parts } = boundsOf(jvm, need, heapMaxBytes)
  const raise = (bytes: number) =>
    `raise the limit to ${mebibytes(Math.ceil(bytes / MIB) * MIB)}, or leave it`
  if (flags.length === 0) return { fix: raise(need.ceilingBytes), fixValues: {} }
  const atBounds = memoryOf(parts, heapMaxBytes).totalBytes + need.othersBytes
  const add = `add ${flags.join(' ')} (so that what is beside the heap stays bounded)`
  return { fix: atBounds <= limit.bytes ? add : `${add}, and ${raise(atBounds)}`, fixValues: {} }
}

interface Bounds {
  readonly flags: readonly string[]
  /** What is beside the heap when all of it has come to its bounds. */
  readonly parts: NonHeap
}

/** Bounds that turn a kill by the kernel into an error that names its cause; those that are unset. */
function boundsOf({ flags = [] }: RuntimeProfile, { parts }: Need, heapBytes: number): Bounds {
  const metaspaceMib = Math.ceil((METASPACE_CAP * parts.metaspaceBytes) / MIB)
  const directMib = Math.max(DIRECT_CAP_LEAST_MIB, Math.ceil((DIRECT_CAP_SHARE * heapBytes) / MIB))
  const freeMetaspace = valueOf(flags, 'MaxMetaspaceSize') === undefined
  const freeDirect = (sizeOf(flags, 'MaxDirectMemorySize') ?? 0) === 0
  return {
    flags: [
      ...(freeMetaspace ? [`-XX:MaxMetaspaceSize=${metaspaceMib}m`] : []),
      ...(freeDirect ? [`-XX:MaxDirectMemorySize=${directMib}m`] : []),
    ],
    parts: {
      ...parts,
      metaspaceBytes: freeMetaspace
        ? metaspaceMib * MIB
        : (sizeOf(flags, 'MaxMetaspaceSize') ?? parts.metaspaceBytes),
      ...(freeDirect && { directBytes: directMib * MIB }),
    },
  }
}
