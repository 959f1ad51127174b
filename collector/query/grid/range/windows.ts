/**
 * Windows of time over the samples of one series: left-open, (end − range, end], one a step. The ends never go
 * back, so all windows of a series are found with two indices that only go forward.
 */
import { STALE_BITS, type Grid, type SampleSeries } from '../grid.ts'
import { stepsOf } from '../grid.ts'

export interface Windows {
  /** End of the first window, Unix ms. */
  readonly endMs: number
  /** From one end to the next; 0 where all steps look at the same window. */
  readonly strideMs: number
  readonly steps: number
  /** Above 0. */
  readonly rangeMs: number
}

export const windowsOf = (grid: Grid, rangeMs: number): Windows => ({
  endMs: grid.startMs,
  strideMs: grid.stepMs,
  steps: stepsOf(grid),
  rangeMs,
})

export type Samples = Pick<SampleSeries, 'times' | 'values'>

/** A value over samples [from, to) of the series that the function was made for, at a step. */
export type OverWindow = (from: number, to: number, step: number) => number

/**
 * What `value` gives over each window that has at least so many samples. Windows come in the order of their
 * ends, which `value` may rely on.
 */
export function overWindows(
  { times }: Samples,
  { endMs, strideMs, steps, rangeMs }: Windows,
  least: number,
  value: OverWindow,
): { values: Float64Array; present: Uint8Array; isEmpty: boolean } {
  const values = new Float64Array(steps)
  const present = new Uint8Array(steps)
  const { length } = times
  let from = 0
  let to = 0
  let isEmpty = true
  for (let step = 0; step < steps; step++) {
    const end = endMs + step * strideMs
    const start = end - rangeMs
    while (to < length && times[to]! <= end) to++
    while (from < to && times[from]! <= start) from++
    if (to - from < least) continue
    values[step] = value(from, to, step)
    present[step] = 1
    isEmpty = false
  }
  return { values, present, isEmpty }
}

const STALE_LOW = Number(STALE_BITS & 0xffff_ffffn)
const STALE_HIGH = Number(STALE_BITS >> 32n)
/** Where the upper half of a float64 lies in its two words. */
const HIGH = new Uint32Array(new Float64Array([1]).buffer)[1] === 0 ? 0 : 1

/** Tells the places that mark an end; the bits are looked at, as a NaN may lose them on its way. */
export function markersOf(values: Float64Array): (index: number) => boolean {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2)
  return (index) =>
    words[2 * index + HIGH] === STALE_HIGH && words[2 * index + 1 - HIGH] === STALE_LOW
}

/** The samples that a range has: all but those that mark an end. The same arrays where there is none. */
export function withoutMarkers(samples: Samples): Samples {
  const { times, values } = samples
  const isMarker = markersOf(values)
  let markers = 0
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]!) && isMarker(i)) markers++
  }
  if (markers === 0) return samples
  const keptTimes = new Float64Array(times.length - markers)
  const keptValues = new Float64Array(times.length - markers)
  let kept = 0
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]!) && isMarker(i)) continue
    keptTimes[kept] = times[i]!
    keptValues[kept++] = values[i]!
  }
  return { times: keptTimes, values: keptValues }
}
