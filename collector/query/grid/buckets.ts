/** The buckets of a histogram at one step: bounds in ascending order, counts of all that is at most that. */

export class Buckets {
  readonly bounds: Float64Array
  readonly counts: Float64Array
  length = 0

  constructor(capacity: number) {
    this.bounds = new Float64Array(capacity)
    this.counts = new Float64Array(capacity)
  }

  clear(): void {
    this.length = 0
  }

  /** In ascending order of bounds; those of one bound are one bucket. */
  add(bound: number, count: number): void {
    if (this.length > 0 && this.bounds[this.length - 1] === bound) {
      this.counts[this.length - 1]! += count
      return
    }
    this.bounds[this.length] = bound
    this.counts[this.length++] = count
  }

  get last(): number {
    return this.length - 1
  }
}

/** Differences between counts that come of rounding. */
const TOLERANCE = 1e-12
const LEAST_NORMAL = 2.2250738585072014e-308

interface Quantile {
  readonly value: number
  /** Counts fell from a bucket to a larger one, which cannot be; they were taken as equal. */
  readonly isForced: boolean
}

/** Changes counts where they fall. */
export function quantileOf(q: number, buckets: Buckets): Quantile {
  const unforced = (value: number): Quantile => ({ value, isForced: false })
  if (Number.isNaN(q)) return unforced(Number.NaN)
  if (q < 0) return unforced(-Infinity)
  if (q > 1) return unforced(Infinity)
  const { bounds, counts, last } = buckets
  if (bounds[last] !== Infinity) return unforced(Number.NaN)
  const isForced = forceMonotonic(buckets)
  return { value: interpolated(q, bounds, counts, last), isForced }
}

function interpolated(q: number, bounds: Float64Array, counts: Float64Array, last: number): number {
  const all = counts[last]!
  if (last < 1 || all === 0) return Number.NaN
  const rank = q * all
  const at = firstAtLeast(rank, counts, last)
  if (at === last) return bounds[last - 1]!
  const end = bounds[at]!
  if (at === 0) return end <= 0 ? end : end * (rank / counts[0]!)
  const start = bounds[at - 1]!
  const before = counts[at - 1]!
  return start + (end - start) * ((rank - before) / (counts[at]! - before))
}

/** The first bucket below `last` that counts as many as `rank`, or `last`. */
function firstAtLeast(rank: number, counts: Float64Array, last: number): number {
  let [from, to] = [0, last]
  while (from < to) {
    const middle = (from + to) >> 1
    if (counts[middle]! >= rank) to = middle
    else from = middle + 1
  }
  return from
}

function forceMonotonic({ counts, length }: Buckets): boolean {
  let isForced = false
  let previous = counts[0]!
  for (let i = 1; i < length; i++) {
    const count = counts[i]!
    if (count === previous) continue
    if (isNearly(previous, count)) counts[i] = previous
    else if (count < previous) {
      counts[i] = previous
      isForced = true
    } else previous = count
  }
  return isForced
}

function isNearly(a: number, b: number): boolean {
  if (Number.isNaN(a) && Number.isNaN(b)) return true
  const sum = Math.abs(a) + Math.abs(b)
  const difference = Math.abs(a - b)
  if (a === 0 || b === 0 || sum < LEAST_NORMAL) return difference < TOLERANCE * LEAST_NORMAL
  return difference / Math.min(sum, Number.MAX_VALUE) < TOLERANCE
}

/** The share of what is counted between two values, as if it were spread evenly in its bucket. */
export function fractionOf(from: number, to: number, { bounds, counts, last }: Buckets): number {
  if (bounds[last] !== Infinity) return Number.NaN
  const all = counts[last]!
  if (all === 0 || Number.isNaN(from) || Number.isNaN(to)) return Number.NaN
  if (from >= to) return 0
  const below = (value: number) => Math.min(all, countBelow(value, bounds, counts, last))
  return (below(to) - below(from)) / all
}

function countBelow(
  value: number,
  bounds: Float64Array,
  counts: Float64Array,
  last: number,
): number {
  let rank = 0
  // What is positive only begins at 0.
  let lower = bounds[0]! <= 0 ? -Infinity : 0
  for (let i = 0; i <= last; i++) {
    const upper = bounds[i]!
    const count = counts[i]!
    if (lower >= value) return rank
    if (upper > value) {
      return lower === -Infinity
        ? count
        : rank + ((count - rank) * (value - lower)) / (upper - lower)
    }
    rank = count
    lower = upper
  }
  return counts[last]!
}
