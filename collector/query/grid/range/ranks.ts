/** Least, largest and quantiles of a window. NaN is below all numbers, and least or largest only alone. */
import type { OverWindow, Samples } from './windows.ts'

type Beats = (value: number, other: number) => boolean

/**
 * Index of the best number of a window, −1 where there is none but NaN. Kept are those that no later one beats: the
 * first of them that is still in the window is its best, so each sample is looked at once.
 */
function bestIndex(values: Float64Array, beats: Beats): OverWindow {
  const kept = new Int32Array(values.length)
  let head = 0
  let tail = 0
  let next = 0
  return (from, to) => {
    // What lies before the first window, or between two, is in none.
    if (next < from) next = from
    for (; next < to; next++) {
      const value = values[next]!
      if (Number.isNaN(value)) continue
      while (tail > head && beats(value, values[kept[tail - 1]!]!)) tail--
      kept[tail++] = next
    }
    while (head < tail && kept[head]! < from) head++
    return head < tail ? kept[head]! : -1
  }
}

/** The first of equals. */
const valueOfBest =
  (beats: Beats) =>
  ({ values }: Samples): OverWindow => {
    const index = bestIndex(values, beats)
    return (from, to, step) => {
      const best = index(from, to, step)
      return best === -1 ? Number.NaN : values[best]!
    }
  }

/** Of the last of equals, and of the last NaN where there is nothing else; Unix seconds. */
const timeOfBest =
  (beats: Beats) =>
  ({ times, values }: Samples): OverWindow => {
    const index = bestIndex(values, beats)
    return (from, to, step) => {
      const best = index(from, to, step)
      return times[best === -1 ? to - 1 : best]! / 1000
    }
  }

export const least = valueOfBest((value, other) => value < other)
export const largest = valueOfBest((value, other) => value > other)
export const timeOfLeast = timeOfBest((value, other) => value <= other)
export const timeOfLargest = timeOfBest((value, other) => value >= other)

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
