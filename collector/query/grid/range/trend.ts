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

/** A compensated sum (Kahan, Neumaier). */
class Sum {
  #total = 0
  #lost = 0

  clear(): void {
    this.#total = 0
    this.#lost = 0
  }

  add(value: number): void {
    const total = this.#total
    const next = total + value
    if (next === Infinity || next === -Infinity) this.#lost = 0
    else if (Math.abs(total) >= Math.abs(value)) this.#lost += total - next + value
    else this.#lost += value - next + total
    this.#total = next
  }

  get value(): number {
    return this.#total + this.#lost
  }
}

class Line {
  slope = 0
  /** At the time that was asked for. */
  value = 0
  readonly #x = new Sum()
  readonly #y = new Sum()
  readonly #xy = new Sum()
  readonly #xx = new Sum()

  fit(times: Float64Array, values: Float64Array, from: number, to: number, atMs: number): void {
    for (const sum of [this.#x, this.#y, this.#xy, this.#xx]) sum.clear()
    const first = values[from]!
    let isFlat = true
    for (let i = from; i < to; i++) {
      const x = (times[i]! - atMs) / 1000
      const y = values[i]!
      if (y !== first && i > from) isFlat = false
      this.#x.add(x)
      this.#y.add(y)
      this.#xy.add(x * y)
      this.#xx.add(x * x)
    }
    if (isFlat) {
      const isInfinite = first === Infinity || first === -Infinity
      this.slope = isInfinite ? Number.NaN : 0
      this.value = isInfinite ? Number.NaN : first
      return
    }
    const n = to - from
    const covariance = this.#xy.value - (this.#x.value * this.#y.value) / n
    const variance = this.#xx.value - (this.#x.value * this.#x.value) / n
    this.slope = covariance / variance
    this.value = this.#y.value / n - (this.slope * this.#x.value) / n
  }
}

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
