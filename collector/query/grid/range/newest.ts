/**
 * An instant selector: the newest sample in the look-back of each step. A sample that marks an end hides the
 * series from then on, until another sample comes.
 */
import type { GridSeries, SampleSeries } from '../grid.ts'
import { markersOf, overWindows, type Windows } from './windows.ts'

/** What is taken of the newest sample: its value, or its Unix time in seconds. */
export type Taken = 'value' | 'time'

/** Undefined where the series has no sample in any window. */
export function newest(
  series: SampleSeries,
  windows: Windows,
  taken: Taken = 'value',
): GridSeries | undefined {
  const { labels, times, values } = series
  const isMarker = markersOf(values)
  let ended = 0
  const ends = new Uint8Array(windows.steps)
  const found = overWindows(series, windows, 1, (_, to, step) => {
    const value = values[to - 1]!
    if (Number.isNaN(value) && isMarker(to - 1)) {
      ends[step] = 1
      ended++
      return Number.NaN
    }
    return taken === 'time' ? times[to - 1]! / 1000 : value
  })
  if (ended > 0) {
    for (let step = 0; step < windows.steps; step++) {
      if (ends[step] === 1) found.present[step] = 0
    }
    if (!found.present.includes(1)) return undefined
  }
  if (found.isEmpty) return undefined
  return { labels, dropsName: taken === 'time', values: found.values, present: found.present }
}
