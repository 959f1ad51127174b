/**
 * Points of OTLP's histograms, exponential histograms and summaries (otlp-fields.ts has the grammar),
 * in the form of distribution.ts. Exemplars, minimum and maximum are passed over.
 */
import {
  type Buckets,
  denseBuckets,
  type Distribution,
  type DistributionRejection,
  isConsistent,
  isLong,
  isSum,
  keep,
} from './distribution.ts'
import {
  BUCKETS,
  EXPONENTIAL_POINT,
  HISTOGRAM_POINT,
  QUANTILE,
  SUMMARY_POINT,
} from './otlp-fields.ts'
import { FIXED64, LENGTH, type Reader, tag, VARINT } from './protobuf.ts'

/** What all three have, under numbers of their own. */
interface PointTags {
  readonly attributes: number
  readonly startTime: number
  readonly time: number
  readonly count: number
  readonly sum: number
  readonly flags: number
}
const pointTags = (fields: PointTags): PointTags => ({
  attributes: tag(fields.attributes, LENGTH),
  startTime: tag(fields.startTime, FIXED64),
  time: tag(fields.time, FIXED64),
  count: tag(fields.count, FIXED64),
  sum: tag(fields.sum, FIXED64),
  flags: tag(fields.flags, VARINT),
})

/** A point as it stands: overwritten field by field while it is read. */
interface RawPoint {
  attributesStart: number
  attributesEnd: number
  timeMs: number
  startMs: number
  flags: number
  count: number
  sum: number | undefined
  readonly counts: number[]
  readonly bounds: number[]
  scale: number
  zeroCount: number
  zeroThreshold: number
  positive: RawBuckets
  negative: RawBuckets
  readonly quantiles: { readonly quantile: number; readonly value: number }[]
}
interface RawBuckets {
  readonly offset: number
  readonly counts: readonly number[]
}

export interface DistributionPoint {
  readonly attributesStart: number
  readonly attributesEnd: number
  readonly timeMs: number
  readonly startMs: number
  readonly flags: number
  /** Where nothing was recorded, only its form and bounds mean something. */
  readonly distribution: Distribution
  readonly rejection: DistributionRejection | undefined
}

/** One kind of them: its fields, and what they make. */
export interface DistributionForm {
  readonly tags: PointTags
  /** Reads the value of a field of its own; false where it is none. */
  readonly read: (reader: Reader, field: number, end: number, point: RawPoint) => boolean
  readonly make: (point: RawPoint) => {
    readonly distribution: Distribution
    readonly rejection?: DistributionRejection | undefined
  }
}

const SCALE_MIN = -10
const SCALE_MAX = 20
const NO_BUCKETS: RawBuckets = { offset: 0, counts: [] }

const COUNT = tag(HISTOGRAM_POINT.bucketCounts, FIXED64)
const COUNTS = tag(HISTOGRAM_POINT.bucketCounts, LENGTH)
const BOUND = tag(HISTOGRAM_POINT.explicitBounds, FIXED64)
const BOUNDS = tag(HISTOGRAM_POINT.explicitBounds, LENGTH)

export const explicitForm: DistributionForm = {
  tags: pointTags(HISTOGRAM_POINT),
  read: (reader, field, end, { counts, bounds }) => {
    if (field === COUNT) keep(counts, reader.sfixed64(end))
    else if (field === BOUND) keep(bounds, reader.double(end))
    else if (field === COUNTS || field === BOUNDS) {
      const stop = reader.open(end)
      while (reader.position < stop) {
        if (field === COUNTS) keep(counts, reader.sfixed64(stop))
        else keep(bounds, reader.double(stop))
      }
    } else return false
    return true
  },
  make: ({ count, sum, bounds, counts }) => ({
    distribution: { form: 'explicit', count, sum, bounds, counts, isGauge: false },
    rejection: isLong(bounds, counts)
      ? 'histogramBuckets'
      : isConsistent(count, bounds, counts)
        ? undefined
        : 'inconsistent',
  }),
}

const SCALE = tag(EXPONENTIAL_POINT.scale, VARINT)
const ZERO_COUNT = tag(EXPONENTIAL_POINT.zeroCount, FIXED64)
const ZERO_THRESHOLD = tag(EXPONENTIAL_POINT.zeroThreshold, FIXED64)
const POSITIVE = tag(EXPONENTIAL_POINT.positive, LENGTH)
const NEGATIVE = tag(EXPONENTIAL_POINT.negative, LENGTH)
const OFFSET = tag(BUCKETS.offset, VARINT)
const BUCKET_COUNT = tag(BUCKETS.bucketCounts, VARINT)
const BUCKET_COUNTS = tag(BUCKETS.bucketCounts, LENGTH)

export const exponentialForm: DistributionForm = {
  tags: pointTags(EXPONENTIAL_POINT),
  read: (reader, field, end, point) => {
    if (field === SCALE) point.scale = reader.zigzag(end)
    else if (field === ZERO_COUNT) point.zeroCount = reader.sfixed64(end)
    else if (field === ZERO_THRESHOLD) point.zeroThreshold = reader.double(end)
    else if (field === POSITIVE) point.positive = readBuckets(reader, reader.open(end))
    else if (field === NEGATIVE) point.negative = readBuckets(reader, reader.open(end))
    else return false
    return true
  },
  make: ({ count, sum, scale, zeroCount, zeroThreshold, positive, negative }) => {
    const distribution: Distribution = {
      form: 'exponential',
      count,
      sum,
      scale,
      zeroThreshold,
      zeroCount,
      positive: bucketsOf(positive),
      negative: bucketsOf(negative),
      isGauge: false,
    }
    if (isLong(positive.counts, negative.counts)) {
      return { distribution, rejection: 'histogramBuckets' }
    }
    if (scale < SCALE_MIN || scale > SCALE_MAX) {
      return { distribution, rejection: 'histogramSchema' }
    }
    const fits = zeroThreshold >= 0 && isSum(count, positive.counts, negative.counts, [zeroCount])
    return { distribution, rejection: fits ? undefined : 'inconsistent' }
  },
}

const VALUES = tag(SUMMARY_POINT.quantileValues, LENGTH)
const QUANTILE_TAG = tag(QUANTILE.quantile, FIXED64)
const VALUE_TAG = tag(QUANTILE.value, FIXED64)

export const summaryForm: DistributionForm = {
  tags: pointTags(SUMMARY_POINT),
  read: (reader, field, end, { quantiles }) => {
    if (field !== VALUES) return false
    keep(quantiles, readQuantile(reader, reader.open(end)))
    return true
  },
  make: ({ count, sum = 0, quantiles }) => ({
    distribution: { form: 'summary', count, sum, quantiles },
    rejection: isLong(quantiles)
      ? 'histogramBuckets'
      : count >= 0 && quantiles.every(({ quantile }) => quantile >= 0 && quantile <= 1)
        ? undefined
        : 'inconsistent',
  }),
}

export function readDistribution(
  reader: Reader,
  end: number,
  { tags, read, make }: DistributionForm,
): DistributionPoint {
  const point: RawPoint = {
    attributesStart: end,
    attributesEnd: end,
    timeMs: 0,
    startMs: 0,
    flags: 0,
    count: 0,
    sum: undefined,
    counts: [],
    bounds: [],
    scale: 0,
    zeroCount: 0,
    zeroThreshold: 0,
    positive: NO_BUCKETS,
    negative: NO_BUCKETS,
    quantiles: [],
  }
  while (reader.position < end) {
    const fieldStart = reader.position
    const field = reader.tag(end)
    if (field === tags.attributes) {
      if (point.attributesStart === end) point.attributesStart = fieldStart
      point.attributesEnd = reader.position = reader.open(end)
    } else if (field === tags.time) point.timeMs = reader.unixNanoAsMs(end)
    else if (field === tags.startTime) point.startMs = reader.unixNanoAsMs(end)
    else if (field === tags.count) point.count = reader.sfixed64(end)
    else if (field === tags.sum) point.sum = reader.double(end)
    else if (field === tags.flags) point.flags = reader.varint(end)
    else if (!read(reader, field, end, point)) reader.skip(field, end)
  }
  const { attributesStart, attributesEnd, timeMs, startMs, flags } = point
  const { distribution, rejection } = make(point)
  return { attributesStart, attributesEnd, timeMs, startMs, flags, distribution, rejection }
}

function readBuckets(reader: Reader, end: number): RawBuckets {
  let offset = 0
  const counts: number[] = []
  while (reader.position < end) {
    const field = reader.tag(end)
    if (field === OFFSET) offset = reader.zigzag(end)
    else if (field === BUCKET_COUNT) keep(counts, reader.varint(end))
    else if (field === BUCKET_COUNTS) {
      const stop = reader.open(end)
      while (reader.position < stop) keep(counts, reader.varint(stop))
    } else reader.skip(field, end)
  }
  return { offset, counts }
}

function readQuantile(reader: Reader, end: number): { quantile: number; value: number } {
  let quantile = 0
  let value = 0
  while (reader.position < end) {
    const field = reader.tag(end)
    if (field === QUANTILE_TAG) quantile = reader.double(end)
    else if (field === VALUE_TAG) value = reader.double(end)
    else reader.skip(field, end)
  }
  return { quantile, value }
}

const bucketsOf = ({ offset, counts }: RawBuckets): Buckets => denseBuckets(offset, counts)
