/**
 * Rows with a key below one cgroup: its disks, its network interfaces. They live from pass to pass;
 * what a pass does not name loses its row. The kernel lists things in the same order each time, so
 * the place tells the row, and the name is only compared.
 *
 * Who has a network of its own names its interfaces, and may have very many of them: what a limit
 * leaves out has no place, and costs the same however many there are.
 */
import { limits } from '../../catalog/limit.ts'
import type { Table } from '../../catalog/metric.ts'
import { emptyRow, type Entity, type Row } from '../../wire/sample.ts'

interface Place {
  readonly name: Uint8Array
  readonly key: string
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
  readonly #byKey = new Map<string, Place>()
  #next = 0
  #changed = false
  /** How many places have a row. */
  #size = 0
  #rows: readonly Row[] = []
  /** Whether some of them were left out since `begin`, by the limit or for a name that is no text. */
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
    this.cut = false
  }

  /** Values of what is named next; undefined when it is left out. */
  next(bytes: Uint8Array, start: number, end: number): Float64Array | undefined {
    const place = this.#places[this.#next]
    if (place === undefined || !isNamed(place, bytes, start, end)) {
      return this.#take(bytes, start, end)
    }
    this.#next += 1
    return place.row?.values
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
      for (const { key } of this.#places.splice(this.#next)) this.#byKey.delete(key)
      this.#rows = this.#places.flatMap(({ row }) => row ?? [])
      this.#size = this.#rows.length
      this.#changed = false
    }
    return this.#rows
  }

  get #isFull(): boolean {
    return this.#size >= limits.containerRows.value
  }

  /** What stood behind comes back to its row when it is still there. */
  #take(bytes: Uint8Array, start: number, end: number): Float64Array | undefined {
    if (this.cut && this.#isFull && this.#next === this.#places.length) return undefined
    const key = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
    const known = this.#byKey.get(key)
    const behind = known === undefined ? -1 : this.#places.indexOf(known, this.#next)
    if (known !== undefined && behind < 0) return known.row?.values
    if (behind >= 0) this.#places.splice(behind, 1)
    const place = known ?? this.#make(key, bytes.slice(start, end))
    if (place === undefined) return undefined
    this.#places.splice(this.#next, 0, place)
    this.#next += 1
    this.#changed = true
    return place.row?.values
  }

  /** Undefined for what gets no place. */
  #make(key: string, name: Uint8Array): Place | undefined {
    if (this.#isFull && this.cut) return undefined
    const text = Buffer.from(name).toString('utf8')
    // A name that is not UTF-8 is read with this sign in it, as another one may be.
    if (text.includes('\uFFFD')) {
      this.cut = true
      return undefined
    }
    const keys = this.#toKeys(text)
    if (keys === undefined) {
      // To compare a name is cheaper than to ask again: as many are kept as there may be rows.
      const isRoom = this.#places.length - this.#size < limits.containerRows.value
      return isRoom ? this.#keep({ name, key, row: undefined }) : undefined
    }
    if (this.#isFull) {
      this.cut = true
      return undefined
    }
    this.#size += 1
    return this.#keep({ name, key, row: emptyRow(this.#table, this.#entity, keys) })
  }

  #keep(place: Place): Place {
    this.#byKey.set(place.key, place)
    return place
  }
}

function isNamed({ name }: Place, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false
  for (let i = 0; i < name.length; i += 1) if (name[i] !== bytes[start + i]) return false
  return true
}
