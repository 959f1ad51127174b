/**
 * Where samples are heading: least-squares lines, and smoothing with a trend (Holt's linear method).
 * Source: prometheus.io/docs/prometheus/latest/querying/functions (deriv, predict_linear,
 * double_exponential_smoothing).
 */
import { QueryError } from '../../query-error.ts'
import type { OverWindow, Samples, Windows } from './windows.ts'

type Parameter = (step: number) => number

/** Per second. */
export const slope = ({ times, values }: Samples): OverWindow => {
  const line = new Line()
  return (from, to) => {
    // Near the samples, so that large Unix times cost no digits.
    line.fit(times, values, from, to, times[from]!)
    return line.slope
  }
}

/** So many seconds after the end of the window. */
export const predicted = (
  { times, values }: Samples,
  { endMs, strideMs }: Windows,
  seconds: Parameter,
): OverWindow => {
  const line = new Line()
  return (from, to, step) => {
    line.fit(times, values, from, to, endMs + step * strideMs)
    return line.slope * seconds(step) + line.value
  }
}

/**
 * A least-squares line. All four sums are compensated (Kahan, Neumaier) where they are made, as most of the time
 * of these functions goes there.
 */
class Line {
  slope = 0
  /** At the time that was asked for. */
  value = 0

  fit(times: Float64Array, values: Float64Array, from: number, to: number, atMs: number): void {
    const first = values[from]!
    let isFlat = true
    let sumX = 0
    let lostX = 0
    let sumY = 0
    let lostY = 0
    let sumXY = 0
    let lostXY = 0
    let sumXX = 0
    let lostXX = 0
    for (let i = from; i < to; i++) {
      const x = (times[i]! - atMs) / 1000
      const y = values[i]!
      if (y !== first && i > from) isFlat = false
      let next = sumX + x
      lostX += Math.abs(sumX) >= Math.abs(x) ? sumX - next + x : x - next + sumX
      sumX = next
      next = sumY + y
      if (isInfinite(next)) lostY = 0
      else lostY += Math.abs(sumY) >= Math.abs(y) ? sumY - next + y : y - next + sumY
      sumY = next
      const xy = x * y
      next = sumXY + xy
      if (isInfinite(next)) lostXY = 0
      else lostXY += Math.abs(sumXY) >= Math.abs(xy) ? sumXY - next + xy : xy - next + sumXY
      sumXY = next
      const xx = x * x
      next = sumXX + xx
      lostXX += sumXX >= xx ? sumXX - next + xx : xx - next + sumXX
      sumXX = next
    }
    if (isFlat) {
      this.slope = isInfinite(first) ? Number.NaN : 0
      this.value = isInfinite(first) ? Number.NaN : first
      return
    }
    const n = to - from
    const x = sumX + lostX
    const y = sumY + lostY
    const covariance = sumXY + lostXY - (x * y) / n
    const variance = sumXX + lostXX - (x * x) / n
    this.slope = covariance / variance
    this.value = y / n - (this.slope * x) / n
  }
}

const isInfinite = (value: number): boolean => value === Infinity || value === -Infinity

/** Both factors between 0 and 1, without the ends; throws QueryError otherwise. */
export const smoothed = (
  { values }: Samples,
  smoothing: Parameter,
  trending: Parameter,
): OverWindow => {
  return (from, to, step) => {
    const smooth = factor('smoothing', 'sf', smoothing(step))
    const trend = factor('trend', 'tf', trending(step))
    let before = 0
    let level = values[from]!
    let slope = values[from + 1]! - values[from]!
    for (let i = from + 1; i < to; i++) {
      if (i > from + 1) slope = trend * (level - before) + (1 - trend) * slope
      const next = smooth * values[i]! + (1 - smooth) * (level + slope)
      before = level
      level = next
    }
    return level
  }
}

function factor(name: string, short: string, value: number): number {
  // NaN passes, as it does in Prometheus: it makes every result NaN.
  if (value <= 0 || value >= 1) {
    throw new QueryError(
      'execution',
      `invalid ${name} factor. Expected: 0 < ${short} < 1, got: ${fixed(value)}`,
    )
  }
  return value
}

const fixed = (value: number): string =>
  Number.isFinite(value) ? value.toFixed(6) : value > 0 ? '+Inf' : '-Inf'
