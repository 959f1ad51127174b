import { describe, expect, test } from 'vitest'
import { limits } from '../../catalog/limit.ts'
import {
  BUCKETS,
  CUMULATIVE,
  DATA,
  EXPONENTIAL_POINT,
  HISTOGRAM_POINT,
  METRIC,
  NO_RECORDED_VALUE,
  POINT,
  QUANTILE,
  REQUEST,
  RESOURCE_METRICS,
  SCOPE_METRICS,
  SUM,
  SUMMARY_POINT,
} from '../../wire/otlp-fields.ts'
import { Writer } from '../../wire/protobuf.ts'
import { record } from './recorder.ts'
import { sdkBodies } from './otlp-sdk.ts'

function message(writer: Writer, field: number, content: () => void): void {
  const start = writer.begin(field)
  content()
  writer.end(start)
}

const fixed64 = (writer: Writer, field: number, values: readonly number[]) =>
  message(writer, field, () => {
    const bytes = Buffer.alloc(8 * values.length)
    for (const [i, value] of values.entries()) bytes.writeBigInt64LE(BigInt(value), 8 * i)
    writer.raw(bytes)
  })
const doubles = (writer: Writer, field: number, values: readonly number[]) =>
  message(writer, field, () => {
    const bytes = Buffer.alloc(8 * values.length)
    for (const [i, value] of values.entries()) bytes.writeDoubleLE(value, 8 * i)
    writer.raw(bytes)
  })
const count = (writer: Writer, field: number, value: number) => {
  writer.varint((field << 3) | 1)
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64LE(BigInt(value))
  writer.raw(bytes)
}

/** A body of one point of one metric. */
function bodyOf(
  data: number,
  point: (writer: Writer) => void,
  temporality: number = CUMULATIVE,
): Buffer {
  const writer = new Writer()
  message(writer, REQUEST.resourceMetrics, () =>
    message(writer, RESOURCE_METRICS.scopeMetrics, () =>
      message(writer, SCOPE_METRICS.metrics, () => {
        writer.textField(METRIC.name, 'm')
        message(writer, data, () => {
          message(writer, DATA.points, () => {
            writer.unixNanoField(POINT.time, 1_000)
            point(writer)
          })
          if (data !== METRIC.summary) writer.varintField(SUM.temporality, temporality)
        })
      }),
    ),
  )
  return writer.take()
}

test("the SDK's histograms arrive as they were recorded", async () => {
  const { protobuf } = await sdkBodies((meter) => {
    const took = meter.createHistogram('took', {
      unit: 's',
      advice: { explicitBucketBoundaries: [0.5, 1] },
    })
    for (const value of [0.2, 0.5, 0.7, 3]) took.record(value, { path: '/' })
    const size = meter.createHistogram('size.exponential')
    for (const value of [0, 1.5, 1.5, 2]) size.record(value)
  })
  const { distributions, rejected } = record(protobuf)
  expect(rejected).toEqual({})
  const [size, took] = distributions.toSorted((a, b) => (a.metric < b.metric ? -1 : 1))
  expect(took).toMatchObject({
    unit: 's',
    kind: 'histogram',
    attributes: { path: '/' },
    unrecorded: false,
    distribution: {
      form: 'explicit',
      count: 4,
      sum: 4.4,
      bounds: [0.5, 1],
      counts: [2, 1, 1],
      isGauge: false,
    },
  })
  const { distribution } = size!
  expect(distribution).toMatchObject({
    form: 'exponential',
    count: 4,
    sum: 5,
    zeroCount: 1,
    positive: { counts: [2, 1] },
    negative: { indexes: [], counts: [] },
  })
  // Where its buckets begin and end: around what was recorded.
  const { scale, positive } = distribution as Extract<typeof distribution, { form: 'exponential' }>
  const base = 2 ** (2 ** -scale)
  for (const [i, value] of [1.5, 2].entries()) {
    const index = positive.indexes[i]!
    expect(base ** index).toBeLessThan(value)
    expect(base ** (index + 1)).toBeGreaterThanOrEqual(value * (1 - 1e-12))
  }
})

test('those that count anew after each collection are refused', async () => {
  const { protobuf } = await sdkBodies(
    (meter) => {
      meter.createHistogram('took').record(1)
      meter.createHistogram('size.exponential').record(1)
      meter.createCounter('jobs').add(1)
      meter.createUpDownCounter('open').add(1)
    },
    { isDelta: true },
  )
  const { points, distributions, rejected } = record(protobuf)
  expect([points, distributions]).toEqual([[], []])
  expect(rejected).toEqual({ deltaTemporality: 4 })
})

test('one that says no temporality is refused', () => {
  const body = bodyOf(METRIC.histogram, (w) => count(w, HISTOGRAM_POINT.count, 0), 0)
  expect(record(body).rejected).toEqual({ noTemporality: 1 })
})

test('a summary has a value for each of its quantiles, NaN too', () => {
  const body = bodyOf(METRIC.summary, (writer) => {
    count(writer, SUMMARY_POINT.count, 2)
    writer.doubleField(SUMMARY_POINT.sum, 5)
    for (const [quantile, value] of [
      [0.5, 2],
      [1, Number.NaN],
    ] as const) {
      message(writer, SUMMARY_POINT.quantileValues, () => {
        writer.doubleField(QUANTILE.quantile, quantile)
        writer.doubleField(QUANTILE.value, value)
      })
    }
  })
  const { distributions } = record(body)
  expect(distributions.map(({ kind, distribution }) => [kind, distribution])).toEqual([
    [
      'summary',
      {
        form: 'summary',
        count: 2,
        sum: 5,
        quantiles: [
          { quantile: 0.5, value: 2 },
          { quantile: 1, value: Number.NaN },
        ],
      },
    ],
  ])
})

test('one that was not recorded has its bounds, and whatever else does not count', () => {
  const body = bodyOf(METRIC.histogram, (writer) => {
    doubles(writer, HISTOGRAM_POINT.explicitBounds, [1, 2])
    writer.varintField(HISTOGRAM_POINT.flags, NO_RECORDED_VALUE)
  })
  const { distributions } = record(body)
  expect(distributions).toMatchObject([{ unrecorded: true, distribution: { bounds: [1, 2] } }])
})

describe('a histogram that cannot be one is refused', () => {
  const f = (data: number, reason: string, point: (writer: Writer) => void) =>
    expect(record(bodyOf(data, point))).toMatchObject({
      distributions: [],
      rejected: { [reason]: 1 },
    })
  const classic = (total: number, counts: readonly number[], bounds: readonly number[]) =>
    f(METRIC.histogram, 'inconsistent', (writer) => {
      count(writer, HISTOGRAM_POINT.count, total)
      fixed64(writer, HISTOGRAM_POINT.bucketCounts, counts)
      doubles(writer, HISTOGRAM_POINT.explicitBounds, bounds)
    })
  test('as many counts as bounds', () => classic(2, [1, 1], [1, 2]))
  test('bounds and no counts', () => classic(0, [], [1]))
  test('counts that are not its count', () => classic(3, [1, 1], [1]))
  test('a negative count', () => classic(0, [1, -1], [1]))
  test('a negative count of all, and no others', () => classic(-1, [], []))
  test('bounds that do not rise', () => classic(2, [1, 0, 1], [1, 1]))
  test('a bound that is none', () => classic(2, [1, 1], [Number.NaN]))
  test('too many buckets', () =>
    f(METRIC.histogram, 'histogramBuckets', (writer) => {
      const bounds = Array.from({ length: limits.histogramBuckets.value + 1 }, (_, i) => i)
      doubles(writer, HISTOGRAM_POINT.explicitBounds, bounds)
    }))
  test('a scale that nobody has', () =>
    f(METRIC.exponentialHistogram, 'histogramSchema', (writer) =>
      writer.varintField(EXPONENTIAL_POINT.scale, 2 * 21),
    ))
  test('buckets that are not its count', () =>
    f(METRIC.exponentialHistogram, 'inconsistent', (writer) => {
      count(writer, EXPONENTIAL_POINT.count, 3)
      message(writer, EXPONENTIAL_POINT.positive, () => {
        message(writer, BUCKETS.bucketCounts, () => writer.raw(Buffer.from([1, 1])))
      })
    }))
  test('a quantile beyond one', () =>
    f(METRIC.summary, 'inconsistent', (writer) => {
      message(writer, SUMMARY_POINT.quantileValues, () => writer.doubleField(QUANTILE.quantile, 2))
    }))
})
