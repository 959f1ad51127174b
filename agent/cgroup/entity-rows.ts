/**
 * Rows with a key below one cgroup: its disks, its network interfaces. They live from pass to pass;
 * what a pass does not name loses its row. The kernel lists things in the same order each time, so
 * the place tells the row, and the name is only compared.
 */
import { limits } from '../../catalog/limit.ts'
import type { Table } from '../../catalog/metric.ts'
import { emptyRow, type Entity, type Row } from '../../wire/sample.ts'

interface Place {
  readonly name: Uint8Array
  /** Undefined for what is left out. */
  row: Row | undefined
}

/** Values of the row's keys; undefined for what is left out. */
export type ToKeys = (name: string) => readonly string[] | undefined

export class EntityRows {
  readonly #table: Table
  readonly #toKeys: ToKeys
  #entity: Entity
  #places: Place[] = []
  #next = 0
  #changed = false
  #size = 0
  #rows: readonly Row[] = []
  /** Whether a limit left out some of them. */
  cut = false

  constructor(table: Table, entity: Entity, toKeys: ToKeys) {
    this.#table = table
    this.#entity = entity
    this.#toKeys = toKeys
  }

  /** The rows are of this entity from now on. */
  describe(entity: Entity): void {
    this.#entity = entity
    for (const place of this.#places) {
      if (place.row !== undefined) place.row = { ...place.row, entity }
    }
    this.#changed = true
  }

  begin(): void {
    this.#next = 0
    if (!this.cut || this.#size >= limits.containerRows.value) return
    // There is room again: all are looked at anew.
    this.cut = false
    this.#places = []
    this.#size = 0
    this.#changed = true
  }

  /** Values of what is named next; undefined when it is left out. */
  next(bytes: Uint8Array, start: number, end: number): Float64Array | undefined {
    const i = this.#next
    this.#next += 1
    const place = this.#places[i]
    if (place !== undefined && isNamed(place, bytes, start, end)) return place.row?.values
    return this.#take(i, bytes, start, end)
  }

  /** Values of what was named since `begin`; undefined when it was not. */
  find(bytes: Uint8Array, start: number, end: number): Float64Array | undefined {
    for (const place of this.#places) {
      if (isNamed(place, bytes, start, end)) return place.row?.values
    }
    return undefined
  }

  /** The rows of all that was named since `begin`. */
  finish(): readonly Row[] {
    if (this.#changed || this.#next < this.#places.length) {
      this.#places.length = this.#next
      this.#rows = this.#places.flatMap(({ row }) => row ?? [])
      this.#size = this.#rows.length
      this.#changed = false
    }
    return this.#rows
  }

  /** What stood behind it comes back to its row when it is still there. */
  #take(i: number, bytes: Uint8Array, start: number, end: number): Float64Array | undefined {
    const behind = this.#places.findIndex(
      (place, at) => at > i && isNamed(place, bytes, start, end),
    )
    const place =
      behind < 0 ? this.#make(bytes.slice(start, end)) : this.#places.splice(behind, 1)[0]!
    this.#places.splice(i, 0, place)
    this.#changed = true
    return place.row?.values
  }

  #make(name: Uint8Array): Place {
    const keys = this.#toKeys(Buffer.from(name).toString('utf8'))
    if (keys === undefined) return { name, row: undefined }
    if (this.#size >= limits.containerRows.value) {
      this.cut = true
      return { name, row: undefined }
    }
    this.#size += 1
    return { name, row: emptyRow(this.#table, this.#entity, keys) }
  }
}

function isNamed({ name }: Place, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false
  for (let i = 0; i < name.length; i += 1) if (name[i] !== bytes[start + i]) return false
  return true
}
