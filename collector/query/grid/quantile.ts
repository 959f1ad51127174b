/** Quantiles of values, between the two nearest ranks in proportion. NaN is below all numbers. */
import type { GridSeries } from './grid.ts'

/** Of numbers in order that follow `nans` times NaN. */
export function quantileOf(q: number, sorted: Float64Array, nans: number): number {
  const length = sorted.length
  if (length === 0 || Number.isNaN(q)) return Number.NaN
  if (q < 0) return -Infinity
  if (q > 1) return Infinity
  const at = (rank: number) => (rank < nans ? Number.NaN : sorted[rank - nans]!)
  const rank = q * (length - 1)
  const lower = Math.max(0, Math.floor(rank))
  const upper = Math.min(length - 1, lower + 1)
  const weight = rank - Math.floor(rank)
  return at(lower) * (1 - weight) + at(upper) * weight
}

/** So many steps are taken out of each series at a time: reading along a series is faster than across. */
const BLOCK = 16

/** Over all series, at each step where there is one. */
export function quantileAtEachStep(
  series: readonly GridSeries[],
  qs: Float64Array,
  steps: number,
): Pick<GridSeries, 'values' | 'present'> {
  const result = new Float64Array(steps)
  const any = new Uint8Array(steps)
  const scratch = new Float64Array(series.length * BLOCK)
  const lengths = new Int32Array(BLOCK)
  const nans = new Int32Array(BLOCK)
  for (let from = 0; from < steps; from += BLOCK) {
    const to = Math.min(steps, from + BLOCK)
    lengths.fill(0)
    nans.fill(0)
    for (const { values, present } of series) {
      for (let step = from; step < to; step++) {
        if (present[step] === 0) continue
        const row = step - from
        const value = values[step]!
        scratch[row * series.length + lengths[row]!] = value
        lengths[row]!++
        if (Number.isNaN(value)) nans[row]!++
      }
    }
    for (let step = from; step < to; step++) {
      const row = step - from
      const start = row * series.length
      if (lengths[row] === 0) continue
      // A typed array sorts NaN behind all numbers.
      const sorted = scratch.subarray(start, start + lengths[row]!).sort()
      result[step] = quantileOf(qs[step]!, sorted, nans[row]!)
      any[step] = 1
    }
  }
  return { values: result, present: any }
}
