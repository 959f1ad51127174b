/**
 * The form in which measured values travel inside a process: rows of catalogue tables.
 *
 * A row holds one column a metric, in the order of `table.metrics`. NaN means *absent*, in this one
 * form and nowhere else: it becomes a series that is not written, a point that is not sent, a NULL in
 * the store. No kernel file and no runtime counter that we read can be NaN, so nothing is lost.
 */
import type { EntityKind } from '../catalog/entity.ts'
import type { Table } from '../catalog/metric.ts'
import type { ParsedFamily } from './parse-exposition.ts'

export interface Entity {
  readonly kind: EntityKind
  /** OTel resource attributes; those of `entities[kind].identity` are always present. */
  readonly attributes: Readonly<Record<string, string>>
  /** Unix ms from which its counters count; absent where unknown. */
  readonly startMs?: number
}

export interface Row {
  readonly table: Table
  readonly entity: Entity
  /** One value a key of the table, in its order. */
  readonly keys: readonly string[]
  readonly values: Float64Array
}

/**
 * A family that another program measured, handed on as it is. Unlike those of a row its values may be
 * NaN, and none is absent.
 */
export type ForeignFamily = ParsedFamily & { readonly help: string }

/** An entity that is no more, with its last sample. */
export interface Ended {
  readonly entity: Entity
  /** Unix ms at which its last values were read. */
  readonly timeMs: number
  /** Its own, which nobody overwrites. */
  readonly rows: readonly Row[]
}

/** All rows of one moment. Rows are owned by the agent and overwritten by the next pass. */
export interface Pass {
  /** Unix ms. */
  readonly timeMs: number
  readonly rows: readonly Row[]
  /** Entities that ended since the pass before; none of their rows is in `rows`. */
  readonly ended?: readonly Ended[]
  /** No name of it is in the catalogue, and no series comes twice. */
  readonly foreign?: readonly ForeignFamily[]
}

const NO_KEYS: readonly string[] = []

/** A new row with every column absent. */
export const emptyRow = (table: Table, entity: Entity, keys: readonly string[] = NO_KEYS): Row => ({
  table,
  entity,
  keys,
  values: new Float64Array(table.metrics.length).fill(Number.NaN),
})
