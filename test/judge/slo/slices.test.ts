import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  closedEnd,
  holds,
  type IndicatorSeries,
  ratioSlices,
  type Slices,
  sliceStart,
  thresholdSlices,
} from '../../../judge/slo/slices.ts'

const SLICE = 60_000
const HOUR = 60 * SLICE

const series = (
  points: readonly (readonly [number, number])[],
  more: Partial<IndicatorSeries> = {},
): IndicatorSeries => ({
  times: Float64Array.from(points, ([time]) => time),
  values: Float64Array.from(points, ([, value]) => value),
  target: 'web a:1',
  born: false,
  ...more,
})

const ratio = (
  part: 'good' | 'bad',
  partSeries: IndicatorSeries[],
  totalSeries: IndicatorSeries[],
  endMs = 3 * SLICE,
  counter = true,
) => ratioSlices({ part, partSeries, totalSeries, counter, bridgeMs: HOUR }, 0, endMs, SLICE)

const plain = ({ good, total, measured }: Slices) => ({
  good: [...good],
  total: [...total],
  measured: [...measured],
})

test('borders are multiples of the slice length, closed after the delay', () => {
  expect(sliceStart(119_999, SLICE)).toBe(60_000)
  expect(sliceStart(120_000, SLICE)).toBe(120_000)
  expect(closedEnd(179_999, SLICE, 60_000)).toBe(60_000)
  expect(closedEnd(180_000, SLICE, 60_000)).toBe(120_000)
})

describe('ratio of counters', () => {
  test('amounts are split by share of time', () => {
    const total = series([
      [30_000, 100],
      [90_000, 160],
      [150_000, 160],
    ])
    const bad = series([
      [30_000, 7],
      [90_000, 7],
      [150_000, 13],
    ])
    expect(plain(ratio('bad', [bad], [total]))).toEqual({
      good: [30, 27, 0],
      total: [30, 30, 0],
      measured: [1, 1, 1],
    })
  })

  test('a part of the pair that lies outside is left out', () => {
    const total = series([
      [-60_000, 0],
      [60_000, 120],
    ])
    expect(plain(ratio('good', [total], [total], SLICE))).toEqual({
      good: [60],
      total: [60],
      measured: [1],
    })
  })

  test('good is what was counted, bad what is left of the total', () => {
    const total = series([
      [0, 0],
      [60_000, 100],
    ])
    const part = series([
      [0, 0],
      [60_000, 99],
    ])
    expect(plain(ratio('good', [part], [total], SLICE)).good).toEqual([99])
    expect(plain(ratio('bad', [part], [total], SLICE)).good).toEqual([1])
  })

  test('no sample is not measured; a sample without events is', () => {
    const total = series([
      [0, 5],
      [60_000, 5],
    ])
    expect(plain(ratio('bad', [], [total]))).toEqual({
      good: [0, 0, 0],
      total: [0, 0, 0],
      measured: [1, 0, 0],
    })
    expect(plain(ratio('bad', [], []))).toEqual({
      good: [0, 0, 0],
      total: [0, 0, 0],
      measured: [0, 0, 0],
    })
  })

  test('an error counter that is born with its first error after a scrape counts it', () => {
    const total = series([
      [10_000, 100],
      [40_000, 110],
      [70_000, 120],
    ])
    const bad = series([[40_000, 1]], { born: true })
    expect(plain(ratio('bad', [bad], [total]))).toMatchObject({
      good: [10 + 20 / 3 - 1, 10 / 3, 0],
    })
  })
})

test('a birth without an earlier scrape of the target starts the count', () => {
  const born = series(
    [
      [10_000, 40],
      [40_000, 41],
    ],
    { born: true },
  )
  const elsewhere = series([[5_000, 1]], { target: 'web b:1' })
  const slices = ratio('bad', [], [born, elsewhere], SLICE)
  expect([...slices.total]).toEqual([1])
})

test('amounts that are not running totals are added up', () => {
  const total = series([
    [0, 10],
    [59_999, 10],
    [60_000, 3],
    [200_000, 9],
  ])
  const good = series([
    [0, 9],
    [60_000, -2],
  ])
  expect(plain(ratio('good', [good], [total], 3 * SLICE, false))).toEqual({
    good: [9, 0, 0],
    total: [20, 3, 0],
    measured: [1, 1, 0],
  })
})

describe('threshold', () => {
  test('each sample is good or bad', () => {
    const gauge = series([
      [0, 0.2],
      [30_000, 0.31],
      [60_000, Number.NaN],
      [130_000, Infinity],
    ])
    const slices = thresholdSlices(
      { operator: 'lte', value: 0.3, series: [gauge] },
      0,
      180_000,
      SLICE,
    )
    expect(plain(slices)).toEqual({ good: [1, 0, 0], total: [2, 0, 1], measured: [1, 0, 1] })
  })

  test('operators', () => {
    const f = (operator: 'lte' | 'gte' | 'lt' | 'gt', want: boolean[]) =>
      expect([1, 2, 3].map((value) => holds(value, operator, 2))).toEqual(want)
    f('lte', [true, true, false])
    f('lt', [true, false, false])
    f('gte', [false, true, true])
    f('gt', [false, false, true])
  })
})

const counters = fc.array(
  fc
    .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 30 * SLICE }), fc.nat(1_000)), {
      selector: ([time]) => time,
      maxLength: 30,
    })
    .map((points) => series(points.toSorted(([a], [b]) => a - b))),
  { maxLength: 5 },
)
const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0)

test('the sum of the slices is the sum of the increments, wherever the borders are', () => {
  fc.assert(
    fc.property(counters, fc.integer({ min: 1_000, max: 7 * SLICE }), (totalSeries, sliceMs) => {
      const endMs = Math.ceil((30 * SLICE) / sliceMs) * sliceMs
      const { total } = ratioSlices(
        { part: 'bad', partSeries: [], totalSeries, counter: true, bridgeMs: HOUR },
        0,
        endMs,
        sliceMs,
      )
      const wanted = sum(
        totalSeries.map(({ values }) =>
          sum([...values].slice(1).map((v, i) => (v < values[i]! ? v : v - values[i]!))),
        ),
      )
      expect(sum(total)).toBeCloseTo(wanted, 6)
    }),
  )
})

test('a range computed in two parts is the range computed at once', () => {
  fc.assert(
    fc.property(counters, fc.integer({ min: 1, max: 29 }), (totalSeries, cut) => {
      const of = (from: number, to: number) =>
        ratioSlices(
          { part: 'good', partSeries: totalSeries, totalSeries, counter: true, bridgeMs: HOUR },
          from * SLICE,
          to * SLICE,
          SLICE,
        )
      const whole = of(0, 30)
      const [left, right] = [of(0, cut), of(cut, 30)]
      expect([...left.total, ...right.total]).toEqual([...whole.total])
      expect([...left.measured, ...right.measured]).toEqual([...whole.measured])
    }),
  )
})
