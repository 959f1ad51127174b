/**
 * Functions of a range as the documentation words them, one window at a time and without regard to speed. Sums
 * are plain; who compares allows for what that loses.
 */
export interface Sample {
  readonly timeMs: number
  readonly value: number
  readonly isMarker: boolean
}

/** Samples after `start` and up to `end`. */
export interface Window {
  readonly samples: readonly Sample[]
  readonly startMs: number
  readonly endMs: number
}

export const windowOf = (samples: readonly Sample[], endMs: number, rangeMs: number): Window => ({
  samples: samples.filter(
    ({ timeMs, isMarker }) => !isMarker && timeMs > endMs - rangeMs && timeMs <= endMs,
  ),
  startMs: endMs - rangeMs,
  endMs,
})

/** Undefined where there is no value. */
export type Reference = (window: Window, parameter: number) => number | undefined

const values = ({ samples }: Window): number[] => samples.map(({ value }) => value)
const plainSum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)

const ofSome =
  (of: (window: Window, parameter: number) => number): Reference =>
  (window, parameter) =>
    window.samples.length > 0 ? of(window, parameter) : undefined

const ofTwo =
  (of: (window: Window, parameter: number) => number): Reference =>
  (window, parameter) =>
    window.samples.length > 1 ? of(window, parameter) : undefined

function extrapolated(window: Window, isCounter: boolean): number {
  const { samples, startMs, endMs } = window
  const first = samples[0]!
  const last = samples.at(-1)!
  let change = last.value - first.value
  if (isCounter) {
    for (const [i, { value }] of samples.entries()) {
      if (i > 0 && value < samples[i - 1]!.value) change += samples[i - 1]!.value
    }
  }
  const sampled = last.timeMs - first.timeMs
  const between = sampled / (samples.length - 1)
  const isNear = (gap: number) => gap / 1000 < (between / 1000) * 1.1
  let before = first.timeMs - startMs
  if (!isNear(before)) before = between / 2
  if (isCounter && change > 0 && first.value >= 0) {
    before = Math.min(before, (sampled * first.value) / change)
  }
  const gap = endMs - last.timeMs
  const after = isNear(gap) ? gap : between / 2
  return (change * (before + sampled + after)) / sampled
}

function line(window: Window): { slope: number; at: (timeMs: number) => number } {
  const { samples } = window
  const first = samples[0]!
  if (samples.every(({ value }) => value === first.value)) {
    if (!Number.isFinite(first.value)) return { slope: Number.NaN, at: () => Number.NaN }
    return { slope: 0, at: () => first.value }
  }
  const x = samples.map(({ timeMs }) => (timeMs - first.timeMs) / 1000)
  const y = values(window)
  const meanX = plainSum(x) / x.length
  const meanY = plainSum(y) / y.length
  const covariance = plainSum(x.map((one, i) => (one - meanX) * (y[i]! - meanY)))
  const slope = covariance / plainSum(x.map((one) => (one - meanX) ** 2))
  return { slope, at: (timeMs) => meanY + slope * ((timeMs - first.timeMs) / 1000 - meanX) }
}

/** NaN first. */
const inOrder = (numbers: readonly number[]): number[] => [
  ...numbers.filter((value) => Number.isNaN(value)),
  ...numbers.filter((value) => !Number.isNaN(value)).toSorted((a, b) => a - b),
]

function quantile(q: number, numbers: readonly number[]): number {
  const order = inOrder(numbers)
  const rank = q * (order.length - 1)
  const lower = Math.floor(rank)
  const upper = Math.min(lower + 1, order.length - 1)
  return order[lower]! * (1 - (rank - lower)) + order[upper]! * (rank - lower)
}

const numbersOf = (window: Window): Sample[] =>
  window.samples.filter(({ value }) => !Number.isNaN(value))

function lastWhere(window: Window, best: number): number {
  if (numbersOf(window).length === 0) return window.samples.at(-1)!.timeMs / 1000
  return numbersOf(window).findLast(({ value }) => value === best)!.timeMs / 1000
}

const largest = (window: Window): number =>
  numbersOf(window).length === 0
    ? Number.NaN
    : Math.max(...numbersOf(window).map(({ value }) => value))
const least = (window: Window): number =>
  numbersOf(window).length === 0
    ? Number.NaN
    : Math.min(...numbersOf(window).map(({ value }) => value))

const pairs = ({ samples }: Window): (readonly [number, number])[] =>
  samples.slice(1).map(({ value }, i) => [samples[i]!.value, value] as const)

const variance = (window: Window): number => {
  const numbers = values(window)
  const mean = plainSum(numbers) / numbers.length
  return plainSum(numbers.map((value) => (value - mean) ** 2)) / numbers.length
}

const lastTwo = ({ samples }: Window): readonly [Sample, Sample] => [
  samples.at(-2)!,
  samples.at(-1)!,
]

export const references: Readonly<Record<string, Reference>> = {
  rate: ofTwo((window) => extrapolated(window, true) / ((window.endMs - window.startMs) / 1000)),
  increase: ofTwo((window) => extrapolated(window, true)),
  delta: ofTwo((window) => extrapolated(window, false)),
  irate: ofTwo((window) => {
    const [a, b] = lastTwo(window)
    const change = b.value < a.value ? b.value : b.value - a.value
    return change / ((b.timeMs - a.timeMs) / 1000)
  }),
  idelta: ofTwo((window) => {
    const [a, b] = lastTwo(window)
    return b.value - a.value
  }),
  resets: ofSome((window) => pairs(window).filter(([a, b]) => b < a).length),
  changes: ofSome((window) => pairs(window).filter(([a, b]) => !Object.is(a + 0, b + 0)).length),
  deriv: ofTwo((window) => line(window).slope),
  predict_linear: ofTwo((window, seconds) => line(window).at(window.endMs + seconds * 1000)),
  sum_over_time: ofSome((window) => plainSum(values(window))),
  avg_over_time: ofSome((window) => plainSum(values(window)) / window.samples.length),
  count_over_time: ofSome(({ samples }) => samples.length),
  stdvar_over_time: ofSome(variance),
  stddev_over_time: ofSome((window) => Math.sqrt(variance(window))),
  min_over_time: ofSome(least),
  max_over_time: ofSome(largest),
  quantile_over_time: ofSome((window, q) => quantile(q, values(window))),
  mad_over_time: ofSome((window) => {
    const median = quantile(0.5, values(window))
    return quantile(
      0.5,
      values(window).map((value) => Math.abs(value - median)),
    )
  }),
  first_over_time: ofSome(({ samples }) => samples[0]!.value),
  last_over_time: ofSome(({ samples }) => samples.at(-1)!.value),
  present_over_time: ofSome(() => 1),
  ts_of_first_over_time: ofSome(({ samples }) => samples[0]!.timeMs / 1000),
  ts_of_last_over_time: ofSome(({ samples }) => samples.at(-1)!.timeMs / 1000),
  ts_of_max_over_time: ofSome((window) => lastWhere(window, largest(window))),
  ts_of_min_over_time: ofSome((window) => lastWhere(window, least(window))),
}
