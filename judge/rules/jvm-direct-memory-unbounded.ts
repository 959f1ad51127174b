/**
 * jvm.direct-memory-unbounded: buffers beside the heap may take as much again as the heap, and they do
 * grow.
 *
 * Without a bound direct buffers may come to the maximum of the heap. That alone is no harm: something
 * beside the heap that no other part explains must be large, or must grow.
 */
import { sizeOf } from '../ergonomics/jvm-flags.ts'
import { memoryOf, nonHeap } from '../ergonomics/jvm-memory.ts'
import { keepsBuffers } from '../ergonomics/jvm-programs.ts'
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { evidence, finding, type Fix } from './evidence.ts'
import { anyOf, flagsAreWhole, withFlag } from './flag-fix.ts'
import { NO_HEAP_MAX, unexplained, WHOSE_UNKNOWN } from './jvm-need.ts'
import { type Limit, limitOf } from './limit.ts'
import { longEnough, slopeOf } from './long-run.ts'
import { heapNotFrom } from './not-from.ts'
import { thresholdsOf } from './thresholds.ts'
import { heldByOthers, jvmsOf, stayingOf } from './together.ts'
import { mebibytes, percent } from './words.ts'

const RULE = 'jvm.direct-memory-unbounded'
const { unexplainedShare: UNEXPLAINED_SHARE, growth: GROWTH_PER_HOUR } = thresholdsOf(RULE)
const MIB = 1024 ** 2
const LIMIT_SHARE = 0.95
const LEAST_BYTES = 64 * MIB
const STEP_BYTES = 16 * MIB
const HEADROOM = 1.25

export function judgeDirectMemory(jvm: RuntimeProfile): Judgement {
  const limit = limitOf(jvm)
  if (limit === undefined) return FINE
  const { heapMaxBytes, flags = [] } = jvm
  if (heapMaxBytes === undefined) return notJudged(NO_HEAP_MAX)
  if ((sizeOf(flags, 'MaxDirectMemorySize') ?? 0) > 0) return FINE
  if (!flagsAreWhole(jvm)) return notJudged('not all of its flags could be read')
  const others = otherBytes(jvm, heapMaxBytes) + (heldByOthers(jvm) ?? 0)
  if (2 * heapMaxBytes + others <= limit.bytes) return FINE
  if (jvmsOf(jvm) > 1 || heldByOthers(jvm) === undefined) return notJudged(WHOSE_UNKNOWN)
  const seen = longEnough(RULE, jvm)
  if ('reason' in seen) return notJudged(seen.reason)
  const rest = unexplained(jvm)
  if (rest === undefined) return notJudged('the memory of its cgroup was not measured')
  const growth = growthOf(jvm)
  const isLarge = rest > UNEXPLAINED_SHARE * limit.bytes
  const grows = growth !== undefined && growth > GROWTH_PER_HOUR
  if (!isLarge && !grows) return FINE
  const believed = evidence(
    'direct memory that it may take',
    heapMaxBytes,
    'By',
    'MaxDirectMemorySize is not set',
  )
  const enforced = evidence('memory limit', limit.bytes, 'By', limit.source)
  return finding({
    rule: RULE,
    ...heapNotFrom(jvm),
    severity: keepsBuffers(jvm) ? 'high' : 'warning',
    confidence: 'inferred',
    summary: `Buffers beside the heap may take another ${mebibytes(heapMaxBytes)}; ${mebibytes(rest)} beside the heap are not explained by anything else${grows ? `, and it grows by ${percent(growth)} an hour` : ''}.`,
    believed,
    enforced,
    evidence: [
      believed,
      enforced,
      evidence(
        'unexplained beside the heap',
        Math.round(rest),
        'By',
        'memory.stat anon and shmem less the parts of the model',
        seen.longRun.seconds,
      ),
    ],
    ...fixOf(jvm, limit, heapMaxBytes + others, rest),
  })
}

const otherBytes = (jvm: RuntimeProfile, heapBytes: number): number =>
  memoryOf({ ...nonHeap(jvm, 'expected'), directBytes: 0 }, heapBytes).nonHeapBytes

function growthOf(jvm: RuntimeProfile): number | undefined {
  const slope = slopeOf(RULE, jvm)
  // Of what others hold too nobody knows who grows.
  if ('reason' in slope || stayingOf(jvm).length > 0) return undefined
  const { nonHeapBytesPerHour, nonHeapP99Bytes } = slope.longRun
  return nonHeapBytesPerHour === undefined || nonHeapP99Bytes === undefined || nonHeapP99Bytes <= 0
    ? undefined
    : nonHeapBytesPerHour / nonHeapP99Bytes
}

/** A bound that holds what is there now and fits beside the heap; where none does, a smaller heap. */
function fixOf(jvm: RuntimeProfile, limit: Limit, besidesBytes: number, rest: number): Fix {
  const room = Math.floor((LIMIT_SHARE * limit.bytes - besidesBytes) / STEP_BYTES) * STEP_BYTES
  const wanted = Math.max(LEAST_BYTES, Math.ceil((HEADROOM * rest) / STEP_BYTES) * STEP_BYTES)
  const bytes = room >= wanted ? room : wanted
  const flag = withFlag(
    jvm,
    anyOf('MaxDirectMemorySize'),
    `-XX:MaxDirectMemorySize=${bytes / MIB}m -Djdk.nio.maxCachedBufferSize=262144`,
  )
  const netty = keepsBuffers(jvm) ? `, for Netty -Dio.netty.maxDirectMemory=${bytes}` : ''
  const smaller =
    room >= wanted
      ? ''
      : `; it does not fit beside this heap, so lower that by ${mebibytes(wanted - room)}`
  return { fix: `${flag}${netty}${smaller}`, fixValues: { maxDirectMemoryBytes: bytes } }
}
