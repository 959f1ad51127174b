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

const isInfinite = (value: number): boolean => value === Infinity || value === -Infinity

const sum: Fold = (series, steps) => {
  const { values: totals, present: any } = empty(steps)
  const lost = new Float64Array(steps)
  for (const { values, present } of series) {
    for (let step = 0; step < steps; step++) {
      if (present[step] === 0) continue
      const value = values[step]!
      if (any[step] === 0) {
        any[step] = 1
        totals[step] = value
        continue
      }
      const total = totals[step]!
      const next = total + value
      if (isInfinite(next)) lost[step] = 0
      else if (Math.abs(total) >= Math.abs(value)) lost[step]! += total - next + value
      else lost[step]! += value - next + total
      totals[step] = next
    }
  }
  for (let step = 0; step < steps; step++) totals[step]! += lost[step]!
  return { values: totals, present: any }
}

/** The mean is carried along in place of the sum from where the sum is larger than a number can be. */
const avg: Fold = (series, steps) => {
  const { values: totals, present: any } = empty(steps)
  const lost = new Float64Array(steps)
  const counts = new Float64Array(steps)
  const isMean = new Uint8Array(steps)
  for (const { values, present } of series) {
    for (let step = 0; step < steps; step++) {
      if (present[step] === 0) continue
      let value = values[step]!
      const count = ++counts[step]!
      if (count === 1) {
        any[step] = 1
        totals[step] = value
        continue
      }
      let total = totals[step]!
      if (isMean[step] === 0 && isInfinite(total + value)) {
        isMean[step] = 1
        total /= count - 1
        lost[step]! /= count - 1
      }
      if (isMean[step] === 1) {
        const share = (count - 1) / count
        total *= share
        lost[step]! *= share
        value /= count
      }
      const next = total + value
      if (isInfinite(next)) lost[step] = 0
      else if (Math.abs(total) >= Math.abs(value)) lost[step]! += total - next + value
      else lost[step]! += value - next + total
      totals[step] = next
    }
  }
  for (let step = 0; step < steps; step++) {
    const by = isMean[step] === 1 ? 1 : counts[step]!
    totals[step] = totals[step]! / by + lost[step]! / by
  }
  return { values: totals, present: any }
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
