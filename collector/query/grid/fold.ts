/**
 * Aggregations that take one series after the other into a value a step. Sums are compensated (Kahan, Neumaier), so
 * that they do not depend on the order much more than Prometheus' do.
 */
import type { GridSeries } from './grid.ts'

interface Values {
  readonly values: Float64Array
  readonly present: Uint8Array
}
type Fold = (series: readonly GridSeries[], steps: number) => Values

const empty = (steps: number): Values => ({
  values: new Float64Array(steps),
  present: new Uint8Array(steps),
})

interface Sums {
  readonly totals: Float64Array
  /** What the totals lack for rounding, of finite ones. */
  readonly lost: Float64Array
}

/** The error of each addition is exact (Knuth), which is what Kahan's and Neumaier's add up too. */
function sums(series: readonly GridSeries[], steps: number): Sums {
  const totals = new Float64Array(steps)
  const lost = new Float64Array(steps)
  for (const { values, present } of series) {
    const isWhole = !present.includes(0)
    for (let step = 0; step < steps; step++) {
      if (!isWhole && present[step] === 0) continue
      const value = values[step]!
      const total = totals[step]!
      const next = total + value
      const taken = next - total
      lost[step]! += total - (next - taken) + (value - taken)
      totals[step] = next
    }
  }
  return { totals, lost }
}

const sum: Fold = (series, steps) => {
  const { totals, lost } = sums(series, steps)
  for (let step = 0; step < steps; step++) {
    // Once a total is infinite or none, so is what it lacks.
    if (Number.isFinite(totals[step])) totals[step]! += lost[step]!
  }
  return { values: totals, present: presentOfAny(series, steps) }
}

const avg: Fold = (series, steps) => {
  const { totals, lost } = sums(series, steps)
  const { values: counts, present } = count(series, steps)
  for (let step = 0; step < steps; step++) {
    const of = counts[step]!
    totals[step] = Number.isFinite(totals[step])
      ? totals[step]! / of + lost[step]! / of
      : carriedMean(series, step)
  }
  return { values: totals, present }
}

/** The mean, carried along in place of the sum from where the sum is larger than a number can be. */
function carriedMean(series: readonly GridSeries[], step: number): number {
  let total = 0
  let lost = 0
  let count = 0
  let isMean = false
  for (const { values, present } of series) {
    if (present[step] === 0) continue
    let value = values[step]!
    count++
    if (count > 1 && !isMean && isInfinite(total + value)) {
      isMean = true
      total /= count - 1
      lost /= count - 1
    }
    if (isMean) {
      total *= (count - 1) / count
      lost *= (count - 1) / count
      value /= count
    }
    const next = total + value
    if (isInfinite(next)) lost = 0
    else if (Math.abs(total) >= Math.abs(value)) lost += total - next + value
    else lost += value - next + total
    total = next
  }
  return isMean ? total + lost : total / count + lost / count
}

const isInfinite = (value: number): boolean => value === Infinity || value === -Infinity

function presentOfAny(series: readonly GridSeries[], steps: number): Uint8Array {
  const any = new Uint8Array(steps)
  let missing = steps
  for (const { present } of series) {
    if (missing === 0) break
    missing = 0
    for (let step = 0; step < steps; step++) {
      any[step]! |= present[step]!
      if (any[step] === 0) missing++
    }
  }
  return any
}

/** NaN is best only where there is nothing else. */
const best =
  (sign: 1 | -1): Fold =>
  (series, steps) => {
    const { values: bests, present: any } = empty(steps)
    for (const { values, present } of series) {
      for (let step = 0; step < steps; step++) {
        if (present[step] === 0) continue
        const known = bests[step]!
        const isFirst = any[step] === 0 || Number.isNaN(known)
        if (isFirst || sign * values[step]! > sign * known) bests[step] = values[step]!
        any[step] = 1
      }
    }
    return { values: bests, present: any }
  }

const count: Fold = (series, steps) => {
  const { values: counts, present: any } = empty(steps)
  for (const { present } of series) {
    for (let step = 0; step < steps; step++) {
      counts[step]! += present[step]!
      any[step]! |= present[step]!
    }
  }
  return { values: counts, present: any }
}

const group: Fold = (series, steps) => {
  const { values, present } = count(series, steps)
  values.set(present)
  return { values, present }
}

/** Of the population; NaN where a value is no finite number. */
const stdvar: Fold = (series, steps) => {
  const { values: squares, present: any } = empty(steps)
  const means = new Float64Array(steps)
  const counts = new Float64Array(steps)
  for (const { values, present } of series) {
    for (let step = 0; step < steps; step++) {
      if (present[step] === 0) continue
      const value = values[step]!
      const count = ++counts[step]!
      if (count === 1) {
        any[step] = 1
        means[step] = value
        squares[step] = Number.isFinite(value) ? 0 : Number.NaN
        continue
      }
      const off = value - means[step]!
      means[step]! += off / count
      squares[step]! += off * (value - means[step]!)
    }
  }
  for (let step = 0; step < steps; step++) squares[step]! /= counts[step]!
  return { values: squares, present: any }
}

const stddev: Fold = (series, steps) => {
  const { values, present } = stdvar(series, steps)
  for (let step = 0; step < steps; step++) values[step] = Math.sqrt(values[step]!)
  return { values, present }
}

export const folds = { avg, count, group, max: best(1), min: best(-1), stddev, stdvar, sum }
