/**
 * Sums, averages and variance over windows. Sums are compensated (Kahan, Neumaier), as Prometheus' are, so
 * that a sum does not depend on what came before the window.
 */
import type { OverWindow, Samples } from './windows.ts'

export const sum = ({ values }: Samples): OverWindow => {
  const exact = exactSums(values)
  if (exact !== undefined) return (from, to) => exact[to]! - exact[from]!
  return (from, to) => {
    let total = 0
    let lost = 0
    for (let i = from; i < to; i++) {
      const value = values[i]!
      const next = total + value
      if (isInfinite(next)) lost = 0
      else if (Math.abs(total) >= Math.abs(value)) lost += total - next + value
      else lost += value - next + total
      total = next
    }
    return isInfinite(total) ? total : total + lost
  }
}

/** The mean is carried along in place of the sum from where the sum is larger than a number can be. */
export const average = ({ values }: Samples): OverWindow => {
  const exact = exactSums(values)
  if (exact !== undefined) return (from, to) => (exact[to]! - exact[from]!) / (to - from)
  return (from, to) => {
    let total = values[from]!
    let lost = 0
    for (let i = from + 1; i < to; i++) {
      const value = values[i]!
      const next = total + value
      if (isInfinite(next)) return meanFrom(values, i, to, i - from, total, lost)
      if (Math.abs(total) >= Math.abs(value)) lost += total - next + value
      else lost += value - next + total
      total = next
    }
    const count = to - from
    return total / count + lost / count
  }
}

/** The mean of samples up to `to`, of `known` of which before `at` the sum is known. */
function meanFrom(
  values: Float64Array,
  at: number,
  to: number,
  known: number,
  total: number,
  lostOfTotal: number,
): number {
  let mean = total / known
  let lost = lostOfTotal / known
  let count = known
  for (let i = at; i < to; i++) {
    count++
    const share = (count - 1) / count
    const part = values[i]! / count
    const before = share * mean
    const next = before + part
    lost *= share
    if (isInfinite(next)) lost = 0
    else if (Math.abs(before) >= Math.abs(part)) lost += before - next + part
    else lost += part - next + before
    mean = next
  }
  return mean + lost
}

/** Of the population. */
export const variance = ({ values }: Samples): OverWindow => {
  return (from, to) => {
    let count = 0
    let mean = 0
    let lostMean = 0
    let squares = 0
    let lostSquares = 0
    for (let i = from; i < to; i++) {
      const value = values[i]!
      count++
      const off = value - (mean + lostMean)
      const part = off / count
      const nextMean = mean + part
      if (isInfinite(nextMean)) lostMean = 0
      else if (Math.abs(mean) >= Math.abs(part)) lostMean += mean - nextMean + part
      else lostMean += part - nextMean + mean
      mean = nextMean
      const square = off * (value - (mean + lostMean))
      const nextSquares = squares + square
      if (isInfinite(nextSquares)) lostSquares = 0
      else if (Math.abs(squares) >= Math.abs(square)) lostSquares += squares - nextSquares + square
      else lostSquares += square - nextSquares + squares
      squares = nextSquares
    }
    return (squares + lostSquares) / count
  }
}

export const deviation = (samples: Samples): OverWindow => {
  const of = variance(samples)
  return (from, to, step) => Math.sqrt(of(from, to, step))
}

const isInfinite = (value: number): boolean => value === Infinity || value === -Infinity

/**
 * Sums of the first i values, where all are whole and every sum is one that a float64 holds exactly: then the
 * difference of two is the sum between them, to the last bit. Most counters and sizes are so.
 */
function exactSums(values: Float64Array): Float64Array | undefined {
  const sums = new Float64Array(values.length + 1)
  let total = 0
  for (let i = 0; i < values.length; i++) {
    total += values[i]!
    if (!Number.isSafeInteger(values[i]!) || !Number.isSafeInteger(total)) return undefined
    sums[i + 1] = total
  }
  return sums
}
