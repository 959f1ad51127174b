/**
 * Native histograms of Prometheus, as remote write has them, into the form of distribution.ts.
 *
 * Spans say which buckets there are: so many after a gap of so many, the first gap counted from bucket
 * 0. Integer histograms hold the difference of each count to the one before, float histograms the counts.
 * Prometheus' bucket i ends at base^i, that of distribution.ts starts there.
 */
import { limits } from '../catalog/limit.ts'
import {
  type Distribution,
  type DistributionRejection,
  isConsistent,
  isLong,
  isSum,
  keep,
} from './distribution.ts'
import { FIXED64, LENGTH, type Reader, tag, VARINT } from './protobuf.ts'
import { CUSTOM_SCHEMA, HISTOGRAM, RESET_GAUGE, SPAN, STALE } from './remote-write-fields.ts'

/** `distribution` is absent where the series has ended. */
export interface NativeHistogram {
  readonly timeMs: number
  readonly distribution?: Distribution
  readonly rejection?: DistributionRejection
}

interface Span {
  readonly offset: number
  readonly length: number
}
/** One sign of a histogram as it is sent. */
class Side {
  readonly spans: Span[] = []
  readonly deltas: number[] = []
  readonly counts: number[] = []
  /** Of all spans. */
  length = 0
}

const SCHEMA_MIN = -4
const SCHEMA_MAX = 8

const varints = (field: number) => [tag(field, VARINT), tag(field, LENGTH)] as const
const doubles = (field: number) => [tag(field, FIXED64), tag(field, LENGTH)] as const

const [NEGATIVE_DELTA, NEGATIVE_DELTAS] = varints(HISTOGRAM.negativeDeltas)
const [POSITIVE_DELTA, POSITIVE_DELTAS] = varints(HISTOGRAM.positiveDeltas)
const [NEGATIVE_COUNT, NEGATIVE_COUNTS] = doubles(HISTOGRAM.negativeCounts)
const [POSITIVE_COUNT, POSITIVE_COUNTS] = doubles(HISTOGRAM.positiveCounts)
const [CUSTOM_VALUE, CUSTOM_VALUES] = doubles(HISTOGRAM.customValues)
const NEGATIVE_SPAN = tag(HISTOGRAM.negativeSpans, LENGTH)
const POSITIVE_SPAN = tag(HISTOGRAM.positiveSpans, LENGTH)
const COUNT_INT = tag(HISTOGRAM.countInt, VARINT)
const COUNT_FLOAT = tag(HISTOGRAM.countFloat, FIXED64)
const SUM = tag(HISTOGRAM.sum, FIXED64)
const SCHEMA = tag(HISTOGRAM.schema, VARINT)
const ZERO_THRESHOLD = tag(HISTOGRAM.zeroThreshold, FIXED64)
const ZERO_INT = tag(HISTOGRAM.zeroCountInt, VARINT)
const ZERO_FLOAT = tag(HISTOGRAM.zeroCountFloat, FIXED64)
const RESET_HINT = tag(HISTOGRAM.resetHint, VARINT)
const TIMESTAMP = tag(HISTOGRAM.timestamp, VARINT)
const SPAN_OFFSET = tag(SPAN.offset, VARINT)
const SPAN_LENGTH = tag(SPAN.length, VARINT)

/** Whether the double that stands here is the one that ends a series. */
export const isStale = (bytes: Buffer, position: number): boolean =>
  bytes.readUInt32LE(position) === STALE.low && bytes.readUInt32LE(position + 4) === STALE.high

export function readHistogram(reader: Reader, end: number): NativeHistogram {
  const positive = new Side()
  const negative = new Side()
  const bounds: number[] = []
  let count = 0
  let sum = 0
  let hasEnded = false
  let schema = 0
  let zeroThreshold = 0
  let zeroCount = 0
  let isGauge = false
  let timeMs = 0
  while (reader.position < end) {
    const field = reader.tag(end)
    switch (field) {
      case COUNT_INT:
        count = reader.varint(end)
        break
      case COUNT_FLOAT:
        count = reader.double(end)
        break
      case SUM:
        sum = reader.double(end)
        hasEnded = isStale(reader.bytes, reader.position - 8)
        break
      case SCHEMA:
        schema = reader.zigzag(end)
        break
      case ZERO_THRESHOLD:
        zeroThreshold = reader.double(end)
        break
      case ZERO_INT:
        zeroCount = reader.varint(end)
        break
      case ZERO_FLOAT:
        zeroCount = reader.double(end)
        break
      case NEGATIVE_SPAN:
        readSpan(reader, reader.open(end), negative)
        break
      case POSITIVE_SPAN:
        readSpan(reader, reader.open(end), positive)
        break
      case NEGATIVE_DELTA:
      case POSITIVE_DELTA:
        keep(field === NEGATIVE_DELTA ? negative.deltas : positive.deltas, reader.zigzag(end))
        break
      case NEGATIVE_DELTAS:
      case POSITIVE_DELTAS: {
        const stop = reader.open(end)
        const { deltas } = field === NEGATIVE_DELTAS ? negative : positive
        while (reader.position < stop) keep(deltas, reader.zigzag(stop))
        break
      }
      case NEGATIVE_COUNT:
      case POSITIVE_COUNT:
      case CUSTOM_VALUE:
        keep(doublesOf(field, negative, positive, bounds), reader.double(end))
        break
      case NEGATIVE_COUNTS:
      case POSITIVE_COUNTS:
      case CUSTOM_VALUES: {
        const stop = reader.open(end)
        const into = doublesOf(field, negative, positive, bounds)
        while (reader.position < stop) keep(into, reader.double(stop))
        break
      }
      case RESET_HINT:
        isGauge = reader.varint(end) === RESET_GAUGE
        break
      case TIMESTAMP:
        timeMs = reader.signedVarint(end)
        break
      default:
        reader.skip(field, end)
    }
  }
  if (hasEnded) return { timeMs }
  const lists = [positive, negative].flatMap((side) => [side.spans, side.deltas, side.counts])
  const length = positive.length + negative.length
  if (isLong(bounds, ...lists) || length > limits.histogramBuckets.value) {
    return { timeMs, rejection: 'histogramBuckets' }
  }
  if (schema === CUSTOM_SCHEMA) {
    const counts = customCounts(positive, bounds)
    if (counts === undefined || !isConsistent(count, bounds, counts)) {
      return { timeMs, rejection: 'inconsistent' }
    }
    return { timeMs, distribution: { form: 'explicit', count, sum, bounds, counts, isGauge } }
  }
  if (schema < SCHEMA_MIN || schema > SCHEMA_MAX) return { timeMs, rejection: 'histogramSchema' }
  const above = bucketsOf(positive)
  const below = bucketsOf(negative)
  if (
    above === undefined ||
    below === undefined ||
    !(zeroThreshold >= 0) ||
    !isSum(count, above.counts, below.counts, [zeroCount])
  ) {
    return { timeMs, rejection: 'inconsistent' }
  }
  return {
    timeMs,
    distribution: {
      form: 'exponential',
      count,
      sum,
      scale: schema,
      zeroThreshold,
      zeroCount,
      positive: above,
      negative: below,
      isGauge,
    },
  }
}

function doublesOf(field: number, negative: Side, positive: Side, bounds: number[]): number[] {
  if (field === CUSTOM_VALUE || field === CUSTOM_VALUES) return bounds
  return (field === NEGATIVE_COUNT || field === NEGATIVE_COUNTS ? negative : positive).counts
}

function readSpan(reader: Reader, end: number, side: Side): void {
  let offset = 0
  let length = 0
  while (reader.position < end) {
    const field = reader.tag(end)
    if (field === SPAN_OFFSET) offset = reader.zigzag(end)
    else if (field === SPAN_LENGTH) length = reader.varint(end)
    else reader.skip(field, end)
  }
  side.length += length
  keep(side.spans, { offset, length })
}

/** Prometheus' index and count of each bucket. */
function* bucketsIn({ spans, deltas, counts }: Side): Generator<[number, number]> {
  let index = 0
  let at = 0
  let count = 0
  for (const { offset, length } of spans) {
    index += offset
    for (let i = 0; i < length; i++) {
      count = deltas.length > 0 ? count + deltas[at]! : counts[at]!
      at += 1
      yield [index, count]
      index += 1
    }
  }
}

function bucketsOf(side: Side): { indexes: number[]; counts: number[] } | undefined {
  if (!fits(side)) return undefined
  const indexes: number[] = []
  const counts: number[] = []
  for (const [index, count] of bucketsIn(side)) {
    if (count === 0) continue
    indexes.push(index - 1)
    counts.push(count)
  }
  return { indexes, counts }
}

/** A bucket is the bound that it ends at; the last has none. */
function customCounts(side: Side, bounds: readonly number[]): number[] | undefined {
  if (!fits(side)) return undefined
  const counts = Array.from({ length: bounds.length + 1 }, () => 0)
  for (const [index, count] of bucketsIn(side)) {
    if (index < 0 || index > bounds.length) return undefined
    counts[index] = count
  }
  return counts
}

/** Whether there is a count for each bucket of the spans, which do not go back. */
const fits = ({ spans, deltas, counts, length }: Side): boolean =>
  (deltas.length === 0 || counts.length === 0) &&
  length === deltas.length + counts.length &&
  spans.every(({ offset }, i) => i === 0 || offset >= 0)
