/**
 * Where the points of a layout go, found once: which column of which row, or which series. Typed places
 * hold for all entities of a kind whose points are laid out alike; a series is that of one resource.
 */
import { rowBytes } from '../store/columns.ts'
import type { Shape } from '../store/shape.ts'
import type { Destination, NarrowDestination, TypedDestination } from './destinations.ts'

/** A row that each resource has of a table. */
export interface PlannedRow {
  readonly shape: Shape
  readonly keys: readonly string[]
}

export interface Plan {
  readonly rows: readonly PlannedRow[]
  /** What these take in a batch, at least. */
  readonly rowBytes: number
  /** Of points that have a column: which points, in whose order the others are too. */
  readonly typed: Uint32Array
  readonly rowOf: Uint32Array
  readonly columnOf: Uint32Array
  /** Of points that are of a series. */
  readonly narrow: Uint32Array
  readonly series: readonly NarrowDestination[]
}

/** Undefined when a point has no place. */
export function planOf(destinations: readonly Destination[]): Plan | undefined {
  const rows = new Map<Shape, Map<string, number>>()
  const all: PlannedRow[] = []
  const rowOf = ({ shape, row, keys }: TypedDestination): number => {
    let ofShape = rows.get(shape)
    if (ofShape === undefined) rows.set(shape, (ofShape = new Map<string, number>()))
    let position = ofShape.get(row)
    if (position === undefined) {
      position = all.push({ shape, keys }) - 1
      ofShape.set(row, position)
    }
    return position
  }
  const typed: (readonly [point: number, row: number, column: number])[] = []
  const narrow: (readonly [point: number, series: NarrowDestination])[] = []
  for (const [i, destination] of destinations.entries()) {
    if (destination.to === 'typed') typed.push([i, rowOf(destination), destination.column])
    else if (destination.to === 'narrow') narrow.push([i, destination])
    else return undefined
  }
  return {
    rows: all,
    rowBytes: all.reduce((sum, { shape }) => sum + rowBytes(shape), 0),
    typed: Uint32Array.from(typed, ([point]) => point),
    rowOf: Uint32Array.from(typed, ([, row]) => row),
    columnOf: Uint32Array.from(typed, ([, , column]) => column),
    narrow: Uint32Array.from(narrow, ([point]) => point),
    series: narrow.map(([, series]) => series),
  }
}
