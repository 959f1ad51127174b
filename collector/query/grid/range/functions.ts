/**
 * Functions of a range, as a table: name → how. Samples that mark an end are in no range; NaN is a value like
 * any other, and what each function makes of it follows from its own arithmetic.
 */
import type { GridSeries, SampleSeries } from '../grid.ts'
import { changes, extrapolated, instantDelta, instantRate, resets } from './counters.ts'
import { largest, least, medianDeviation, quantile, timeOfLargest, timeOfLeast } from './ranks.ts'
import { average, deviation, sum, variance } from './sums.ts'
import { predicted, slope, smoothed } from './trend.ts'
import {
  overWindows,
  withoutMarkers,
  type OverWindow,
  type Samples,
  type Windows,
} from './windows.ts'

type Parameter = (step: number) => number

export interface RangeFunction {
  /** Samples that a window must have to give a value. */
  readonly least: 1 | 2
  /** The result is still that metric. */
  readonly keepsName?: true
  /** Expects a counter, and says so where a name does not look like one. */
  readonly isOfCounter?: true
  readonly of: (samples: Samples, windows: Windows, parameters: readonly Parameter[]) => OverWindow
}

const one: OverWindow = () => 1

export const rangeFunctions: Readonly<Record<string, RangeFunction>> = {
  // what changed
  rate: {
    least: 2,
    isOfCounter: true,
    of: extrapolated({ isCounter: true, isPerSecond: true }),
  },
  increase: {
    least: 2,
    isOfCounter: true,
    of: extrapolated({ isCounter: true, isPerSecond: false }),
  },
  delta: { least: 2, of: extrapolated({ isCounter: false, isPerSecond: false }) },
  irate: { least: 2, of: instantRate },
  idelta: { least: 2, of: instantDelta },
  resets: { least: 1, of: resets },
  changes: { least: 1, of: changes },
  // where it is heading
  deriv: { least: 2, of: slope },
  predict_linear: {
    least: 2,
    of: (samples, windows, [seconds]) => predicted(samples, windows, seconds!),
  },
  double_exponential_smoothing: {
    least: 2,
    of: (samples, _, [smoothing, trend]) => smoothed(samples, smoothing!, trend!),
  },
  // all samples together
  sum_over_time: { least: 1, of: sum },
  avg_over_time: { least: 1, of: average },
  count_over_time: { least: 1, of: () => (from, to) => to - from },
  stdvar_over_time: { least: 1, of: variance },
  stddev_over_time: { least: 1, of: deviation },
  min_over_time: { least: 1, of: least },
  max_over_time: { least: 1, of: largest },
  quantile_over_time: { least: 1, of: (samples, _, [q]) => quantile(samples, q!) },
  mad_over_time: { least: 1, of: medianDeviation },
  // one of them
  first_over_time: {
    least: 1,
    keepsName: true,
    of:
      ({ values }) =>
      (from) =>
        values[from]!,
  },
  last_over_time: {
    least: 1,
    keepsName: true,
    of:
      ({ values }) =>
      (_, to) =>
        values[to - 1]!,
  },
  present_over_time: { least: 1, of: () => one },
  ts_of_first_over_time: {
    least: 1,
    of:
      ({ times }) =>
      (from) =>
        times[from]! / 1000,
  },
  ts_of_last_over_time: {
    least: 1,
    of:
      ({ times }) =>
      (_, to) =>
        times[to - 1]! / 1000,
  },
  ts_of_min_over_time: { least: 1, of: timeOfLeast },
  ts_of_max_over_time: { least: 1, of: timeOfLargest },
}

/** Samples of a subquery may be of a metric whose name is dropped already. */
export interface NamedSamples extends SampleSeries {
  readonly dropsName?: boolean
}

/** Undefined where no window has a value. */
export function overRange(
  { least: fewest, keepsName, of }: RangeFunction,
  series: NamedSamples,
  windows: Windows,
  parameters: readonly Parameter[],
): GridSeries | undefined {
  const samples = withoutMarkers(series)
  const { values, present, isEmpty } = overWindows(
    samples,
    windows,
    fewest,
    of(samples, windows, parameters),
  )
  if (isEmpty) return undefined
  const dropsName = keepsName !== true || series.dropsName === true
  return { labels: series.labels, dropsName, values, present }
}
