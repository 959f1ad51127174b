/** Arguments of functions, as check.ts has made sure that they are. */
import type { GridSeries } from './grid.ts'
import type { GridValue } from './value.ts'

export function seriesOf(value: GridValue | undefined): readonly GridSeries[] {
  if (value?.type === 'vector') return value.series
  throw new TypeError(`a vector is expected, found ${value?.type}`)
}

/** A value a step. */
export function scalarOf(value: GridValue | undefined): Float64Array {
  if (value?.type === 'scalar') return value.values
  throw new TypeError(`a scalar is expected, found ${value?.type}`)
}

export function textOf(value: GridValue | undefined): string {
  if (value?.type === 'string') return value.text
  throw new TypeError(`a string is expected, found ${value?.type}`)
}

export const vectorOf = (series: readonly GridSeries[]): GridValue => ({ type: 'vector', series })
