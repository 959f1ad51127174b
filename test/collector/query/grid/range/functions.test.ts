import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { STALE_BITS, type GridSeries } from '../../../../../collector/query/grid/grid.ts'
import { Labels } from '../../../../../collector/query/grid/labels.ts'
import { overRange, rangeFunctions } from '../../../../../collector/query/grid/range/functions.ts'
import { newest } from '../../../../../collector/query/grid/range/newest.ts'
import { withoutMarkers, type Windows } from '../../../../../collector/query/grid/range/windows.ts'
import { references, windowOf, type Sample } from './reference.ts'

const LONG = process.env['LONG'] === '1'
const numRuns = LONG ? 5_000 : 150
const labels = Labels.of({ __name__: 'x' })

const whole = fc.integer({ min: -20, max: 50 })
const valueArb = (rare: number) =>
  fc.oneof(
    { weight: 12, arbitrary: whole },
    { weight: 6, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) },
    { weight: rare, arbitrary: fc.constantFrom(Number.NaN, Infinity, -Infinity, 0) },
  )

/** Samples with gaps, resets and ends; those of a counter grow in between. */
const samplesArb = (rare: number, leastGapMs = 1): fc.Arbitrary<Sample[]> =>
  fc
    .array(
      fc.record({
        gapMs: fc.constantFrom(leastGapMs, 15_000, 15_000, 15_000, 30_000, 400_000),
        value: valueArb(rare),
        isMarker: fc.constantFrom(false, false, false, false, false, true),
      }),
      { maxLength: 40 },
    )
    .map((steps) => {
      let timeMs = -60_000
      return steps.map(({ gapMs, value, isMarker }) => ({
        timeMs: (timeMs += gapMs),
        value,
        isMarker,
      }))
    })

const windowsArb: fc.Arbitrary<Windows> = fc.record({
  endMs: fc.integer({ min: -200_000, max: 300_000 }),
  strideMs: fc.constantFrom(0, 1, 7_500, 15_000, 60_000, 600_000),
  steps: fc.integer({ min: 1, max: 30 }),
  rangeMs: fc.constantFrom(1, 15_000, 60_000, 300_000, 3_600_000),
})

function seriesOf(samples: readonly Sample[]) {
  const values = Float64Array.from(samples, ({ value }) => value)
  const bits = new BigUint64Array(values.buffer)
  for (const [i, { isMarker }] of samples.entries()) if (isMarker) bits[i] = STALE_BITS
  return { labels, times: Float64Array.from(samples, ({ timeMs }) => timeMs), values }
}

const told = (series: GridSeries | undefined, { steps }: Windows): (number | undefined)[] =>
  Array.from({ length: steps }, (_, step) =>
    series?.present[step] === 1 ? series.values[step]! : undefined,
  )

/** The wanted in place of what is as good as it, given numbers of that size. */
const near = (
  have: readonly (number | undefined)[],
  want: readonly (number | undefined)[],
  size: number,
) =>
  have.map((value, i) => {
    const wanted = want[i]
    if (value === undefined || wanted === undefined) return value
    return Math.abs(value - wanted) <= 1e-9 * (Math.abs(wanted) + size) ? wanted : value + 0
  })

const QUANTILES = [0, 0.25, 0.5, 0.9, 1]

/** A line far ahead of samples a millisecond apart is all rounding. */
const leastGapMs = (name: string): number => (name === 'predict_linear' ? 5_000 : 1)

describe.each(Object.entries(references))('%s', (name, reference) => {
  test.each([
    ['numbers', 0],
    ['numbers, NaN and infinities', 4],
  ])('is what the documentation says, of %s', (_, rare) => {
    fc.assert(
      fc.property(
        samplesArb(rare, leastGapMs(name)),
        windowsArb,
        fc.constantFrom(...(name === 'quantile_over_time' ? QUANTILES : [-60, 0, 3600])),
        (samples, windows, parameter) => {
          const series = overRange(rangeFunctions[name]!, seriesOf(samples), windows, [
            () => parameter,
          ])
          const wanted = Array.from({ length: windows.steps }, (_, step) => {
            const end = windows.endMs + step * windows.strideMs
            const value = reference(windowOf(samples, end, windows.rangeMs), parameter)
            return value === undefined ? undefined : value + 0
          })
          const finite = samples.map(({ value }) => Math.abs(value)).filter(Number.isFinite)
          const largest = Math.max(1, ...finite)
          const size = name === 'stdvar_over_time' ? largest ** 2 : largest
          const isAhead = name === 'predict_linear' || name === 'deriv'
          const isRoot = name === 'stddev_over_time'
          const loss = isAhead ? size * 1e4 : isRoot ? size * 1e2 : size
          expect(near(told(series, windows), wanted, loss)).toEqual(wanted)
        },
      ),
      { numRuns },
    )
  })
})

describe('newest', () => {
  test('is the newest sample of the look-back, unless it marks an end', () => {
    fc.assert(
      fc.property(samplesArb(4), windowsArb, (samples, windows) => {
        const wanted = Array.from({ length: windows.steps }, (_, step) => {
          const end = windows.endMs + step * windows.strideMs
          const last = samples.findLast(({ timeMs }) => timeMs <= end)
          const isThere = last !== undefined && last.timeMs > end - windows.rangeMs
          return isThere && !last.isMarker ? last : undefined
        })
        const series = seriesOf(samples)
        const values = told(newest(series, windows), windows)
        const times = told(newest(series, windows, 'time'), windows)
        expect(values).toEqual(wanted.map((sample) => sample?.value))
        expect(times).toEqual(wanted.map((sample) => sample && sample.timeMs / 1000))
      }),
      { numRuns },
    )
  })

  test('of a time drops the name, of a value keeps it', () => {
    const series = seriesOf([{ timeMs: 0, value: 5, isMarker: false }])
    const windows = { endMs: 0, strideMs: 0, steps: 1, rangeMs: 1 }
    expect(newest(series, windows)?.dropsName).toBe(false)
    expect(newest(series, windows, 'time')?.dropsName).toBe(true)
  })
})

describe('samples that mark an end', () => {
  test('are told from other NaN by their bits', () => {
    const values = new Float64Array([1, Number.NaN, 0, 0, 2])
    const bits = new BigUint64Array(values.buffer)
    bits[2] = STALE_BITS
    bits[3] = 0x7ff8_0000_0000_0001n
    const times = Float64Array.of(1, 2, 3, 4, 5)
    const kept = withoutMarkers({ times, values })
    expect([...kept.times]).toEqual([1, 2, 4, 5])
    expect([...kept.values]).toEqual([1, Number.NaN, Number.NaN, 2])
  })

  test('cost nothing where there are none', () => {
    const samples = { times: Float64Array.of(1, 2), values: Float64Array.of(1, Number.NaN) }
    expect(withoutMarkers(samples)).toBe(samples)
  })
})

test('each function of a range has a reference, or cases of its own', () => {
  const own = ['double_exponential_smoothing']
  expect(Object.keys(rangeFunctions).toSorted()).toEqual(
    [...Object.keys(references), ...own].toSorted(),
  )
})
