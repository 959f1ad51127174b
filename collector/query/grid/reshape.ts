/** From one step to many, and from values over steps to samples. */
import type { Grid, GridSeries } from './grid.ts'
import type { NamedSamples } from './range/functions.ts'
import type { GridValue } from './value.ts'

/** What is the same at each step: its one value at all of them. */
export function widened(value: GridValue, steps: number): GridValue {
  if (value.type === 'string') return value
  if (value.type === 'scalar') {
    return { type: 'scalar', values: new Float64Array(steps).fill(value.values[0] ?? Number.NaN) }
  }
  const series = value.series
    .filter(({ present }) => present[0] === 1)
    .map((one) => ({
      ...one,
      values: new Float64Array(steps).fill(one.values[0]!),
      present: new Uint8Array(steps).fill(1),
    }))
  return { type: 'vector', series }
}

/** The points of a subquery are samples of what is asked about it. */
export function samplesOf(series: readonly GridSeries[], grid: Grid): readonly NamedSamples[] {
  return series.map(({ labels, dropsName, values, present }) => {
    let count = 0
    for (const one of present) count += one
    const times = new Float64Array(count)
    const kept = new Float64Array(count)
    let next = 0
    for (let step = 0; step < present.length; step++) {
      if (present[step] === 0) continue
      times[next] = grid.startMs + step * grid.stepMs
      kept[next++] = values[step]!
    }
    return { labels, dropsName, times, values: kept }
  })
}
