/**
 * How much and how fast a counter or gauge changes.
 * Source: prometheus.io/docs/prometheus/latest/querying/functions (rate, increase, delta, irate, idelta,
 * resets, changes).
 * Units: per second, of times in ms.
 */
import type { OverWindow, Samples, Windows } from './windows.ts'

/**
 * A window is widened to its ends where a sample is near them: nearer than 1.1 times the average distance
 * of samples; otherwise by half that distance. A counter is not extrapolated to below zero.
 */
const NEAR = 1.1

interface Extrapolation {
  /** Falls are resets. */
  readonly isCounter: boolean
  readonly isPerSecond: boolean
}

export const extrapolated =
  ({ isCounter, isPerSecond }: Extrapolation) =>
  ({ times, values }: Samples, { endMs, strideMs, rangeMs }: Windows): OverWindow => {
    const resets = isCounter ? resetsOf(values) : NOWHERE
    const rangeSeconds = rangeMs / 1000
    let nextReset = 0
    return (from, to, step) => {
      const first = values[from]!
      const last = to - 1
      let change = values[last]! - first
      while (nextReset < resets.length && resets[nextReset]! <= from) nextReset++
      for (let i = nextReset; i < resets.length && resets[i]! <= last; i++) {
        change += values[resets[i]! - 1]!
      }

      const end = endMs + step * strideMs
      const sampled = (times[last]! - times[from]!) / 1000
      const distance = sampled / (last - from)
      let toStart = (times[from]! - (end - rangeMs)) / 1000
      let toEnd = (end - times[last]!) / 1000
      if (toStart >= distance * NEAR) toStart = distance / 2
      if (isCounter && change > 0 && first >= 0) {
        const toZero = sampled * (first / change)
        if (toZero < toStart) toStart = toZero
      }
      if (toEnd >= distance * NEAR) toEnd = distance / 2
      let factor = (sampled + toStart + toEnd) / sampled
      if (isPerSecond) factor /= rangeSeconds
      return change * factor
    }
  }

const NOWHERE = new Uint32Array(0)

/** Indices of samples that are below the one before. */
function resetsOf(values: Float64Array): Uint32Array {
  let count = 0
  for (let i = 1; i < values.length; i++) if (values[i]! < values[i - 1]!) count++
  if (count === 0) return NOWHERE
  const resets = new Uint32Array(count)
  let next = 0
  for (let i = 1; i < values.length; i++) if (values[i]! < values[i - 1]!) resets[next++] = i
  return resets
}

/** Of the last two samples. */
export const instantRate = ({ times, values }: Samples): OverWindow => {
  return (_, to) => {
    const last = values[to - 1]!
    const before = values[to - 2]!
    const change = last < before ? last : last - before
    return change / ((times[to - 1]! - times[to - 2]!) / 1000)
  }
}

export const instantDelta = ({ values }: Samples): OverWindow => {
  return (_, to) => values[to - 1]! - values[to - 2]!
}

/** How often a sample is below the one before. */
export const resets = ({ values }: Samples): OverWindow =>
  countPairs(values, (before, value) => value < before)

/** How often a sample differs from the one before; NaN does not differ from NaN. */
export const changes = ({ values }: Samples): OverWindow =>
  countPairs(
    values,
    (before, value) => value !== before && !(Number.isNaN(value) && Number.isNaN(before)),
  )

function countPairs(
  values: Float64Array,
  counts: (before: number, value: number) => boolean,
): OverWindow {
  /** At i: how many pairs up to the one that ends at i. */
  const upTo = new Uint32Array(values.length)
  for (let i = 1; i < values.length; i++) {
    upTo[i] = upTo[i - 1]! + (counts(values[i - 1]!, values[i]!) ? 1 : 0)
  }
  return (from, to) => upTo[to - 1]! - upTo[from]!
}
