/** Least, largest and quantiles of a window. NaN is below all numbers, and least or largest only alone. */
import type { OverWindow, Samples } from './windows.ts'

type IsBetter = (value: number, best: number) => boolean

/** Index of the best sample of a window: the first of equals with <, the last with <=. */
const bestIndex = (values: Float64Array, isBetter: IsBetter): OverWindow => {
  return (from, to) => {
    let best = from
    for (let i = from + 1; i < to; i++) {
      if (isBetter(values[i]!, values[best]!) || Number.isNaN(values[best]!)) best = i
    }
    return best
  }
}

const valueOfBest =
  (isBetter: IsBetter) =>
  ({ values }: Samples): OverWindow => {
    const index = bestIndex(values, isBetter)
    return (from, to, step) => values[index(from, to, step)]!
  }

/** Unix seconds. */
const timeOfBest =
  (isBetter: IsBetter) =>
  ({ times, values }: Samples): OverWindow => {
    const index = bestIndex(values, isBetter)
    return (from, to, step) => times[index(from, to, step)]! / 1000
  }

export const least = valueOfBest((value, best) => value < best)
export const largest = valueOfBest((value, best) => value > best)
export const timeOfLeast = timeOfBest((value, best) => value <= best)
export const timeOfLargest = timeOfBest((value, best) => value >= best)

export const quantile = ({ values }: Samples, q: (step: number) => number): OverWindow => {
  const scratch = new Scratch()
  return (from, to, step) => quantileOf(q(step), scratch.sorted(values, from, to))
}

/** Median of the distances from the median. */
export const medianDeviation = ({ values }: Samples): OverWindow => {
  const scratch = new Scratch()
  const distances = new Scratch()
  return (from, to) => {
    const median = quantileOf(0.5, scratch.sorted(values, from, to))
    return quantileOf(
      0.5,
      distances.sorted(values, from, to, (value) => Math.abs(value - median)),
    )
  }
}

interface Sorted {
  /** Numbers in order, then all NaN. */
  readonly values: Float64Array
  readonly nans: number
}

/**
 * Between the two nearest ranks, in proportion. A weight of 0 still makes NaN of an infinite neighbour, as in
 * Prometheus.
 */
function quantileOf(q: number, { values, nans }: Sorted): number {
  if (values.length === 0 || Number.isNaN(q)) return Number.NaN
  if (q < 0) return -Infinity
  if (q > 1) return Infinity
  const at = (rank: number) => (rank < nans ? Number.NaN : values[rank - nans]!)
  const rank = q * (values.length - 1)
  const lower = Math.max(0, Math.floor(rank))
  const upper = Math.min(values.length - 1, lower + 1)
  const weight = rank - Math.floor(rank)
  return at(lower) * (1 - weight) + at(upper) * weight
}

/** Where windows are sorted, one after the other. */
class Scratch {
  #buffer = new Float64Array(64)

  sorted(values: Float64Array, from: number, to: number, map?: (value: number) => number): Sorted {
    const length = to - from
    if (length > this.#buffer.length) this.#buffer = new Float64Array(2 * length)
    const part = this.#buffer.subarray(0, length)
    let nans = 0
    for (let i = 0; i < length; i++) {
      const value = map === undefined ? values[from + i]! : map(values[from + i]!)
      part[i] = value
      if (Number.isNaN(value)) nans++
    }
    return { values: part.sort(), nans }
  }
}
