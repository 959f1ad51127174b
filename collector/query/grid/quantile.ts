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

/** Over all series, at each step where there is one. */
export function quantileAtEachStep(
  series: readonly GridSeries[],
  qs: Float64Array,
  steps: number,
): Pick<GridSeries, 'values' | 'present'> {
  const result = new Float64Array(steps)
  const any = new Uint8Array(steps)
  const scratch = new Float64Array(series.length)
  for (let step = 0; step < steps; step++) {
    let length = 0
    let nans = 0
    for (const { values, present } of series) {
      if (present[step] === 0) continue
      const value = values[step]!
      scratch[length++] = value
      if (Number.isNaN(value)) nans++
    }
    if (length === 0) continue
    // A typed array sorts NaN behind all numbers.
    result[step] = quantileOf(qs[step]!, scratch.subarray(0, length).sort(), nans)
    any[step] = 1
  }
  return { values: result, present: any }
}
