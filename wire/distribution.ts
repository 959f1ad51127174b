/** Histograms and summaries, as they are told to visitors: what OTLP and remote write have in common. */
import { limits } from '../catalog/limit.ts'

export interface ExplicitHistogram {
  readonly form: 'explicit'
  readonly count: number
  /** Absent where it was not told. */
  readonly sum: number | undefined
  /** Upper bounds, rising. */
  readonly bounds: readonly number[]
  /** One more than bounds, or none: those of the last are above all bounds. */
  readonly counts: readonly number[]
  /** Values may leave it again; it counts what is, not what was. */
  readonly isGauge: boolean
}

/**
 * Bucket i holds what is above base^i and not above base^(i + 1), base = 2^(2^-scale). Of negative
 * buckets that holds without the sign.
 */
export interface ExponentialHistogram {
  readonly form: 'exponential'
  readonly count: number
  readonly sum: number | undefined
  readonly scale: number
  readonly zeroThreshold: number
  readonly zeroCount: number
  readonly positive: Buckets
  readonly negative: Buckets
  readonly isGauge: boolean
}

/** Buckets that have counts, by rising index. */
export interface Buckets {
  readonly indexes: readonly number[]
  readonly counts: readonly number[]
}

export interface Summary {
  readonly form: 'summary'
  readonly count: number
  readonly sum: number
  /** A value is NaN where nothing was observed. */
  readonly quantiles: readonly { readonly quantile: number; readonly value: number }[]
}

export type Distribution = ExplicitHistogram | ExponentialHistogram | Summary

/** Why one was not taken: a limit by its name, or what it is. */
export type DistributionRejection = 'histogramBuckets' | 'histogramSchema' | 'inconsistent'

/** Adds to a list of buckets; one more than may be is kept: that says that there are too many. */
export function keep<T>(list: T[], value: T): void {
  if (list.length <= limits.histogramBuckets.value) list.push(value)
}

/** Whether any list has more than may be. */
export const isLong = (...lists: readonly (readonly unknown[])[]): boolean =>
  lists.some(({ length }) => length > limits.histogramBuckets.value)

/** Buckets that stand side by side, without those that are empty. */
export function denseBuckets(first: number, counts: readonly number[]): Buckets {
  const indexes: number[] = []
  const filled: number[] = []
  for (const [i, count] of counts.entries()) {
    if (count === 0) continue
    indexes.push(first + i)
    filled.push(count)
  }
  return { indexes, counts: filled }
}

/** Whether upper bounds and counts can be those of a histogram with this count. */
export function isConsistent(
  count: number,
  bounds: readonly number[],
  counts: readonly number[],
): boolean {
  if (counts.length === 0) return bounds.length === 0 && count >= 0
  if (counts.length !== bounds.length + 1 || bounds.some(Number.isNaN)) return false
  if (bounds.some((bound, i) => i > 0 && bound <= bounds[i - 1]!)) return false
  return isSum(count, counts)
}

/** Counts are exact up to 2^53; what is above may be off by what it is rounded by. */
export function isSum(count: number, ...parts: readonly (readonly number[])[]): boolean {
  let sum = 0
  for (const counts of parts) {
    for (const each of counts) {
      if (!(each >= 0)) return false
      sum += each
    }
  }
  return Math.abs(sum - count) <= 1e-9 * count
}
