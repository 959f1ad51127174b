/**
 * Rows of one table of the machine, one a CPU, disk or network device. They live from pass to pass;
 * a device that a pass does not see loses its row.
 *
 * The kernel lists devices in the same order each time, so the line's place tells the row; the name
 * is only compared, and made into a string when it is new there.
 */
import type { Table } from '../../catalog/metric.ts'
import { emptyRow, type Entity, type Row } from '../../wire/sample.ts'

/** Names that have no row; a regular expression is one. */
export interface LeftOut {
  test(name: string): boolean
}

interface Place {
  readonly name: string
  readonly bytes: Uint8Array
  /** Undefined for a device that is left out. */
  readonly row: Row | undefined
}

export class KeyedRows {
  readonly #table: Table
  readonly #machine: Entity
  readonly #leftOut: LeftOut | undefined
  /** In the order of the file's lines. */
  #places: Place[] = []
  /** By name, as of the last whole pass. */
  #known: ReadonlyMap<string, Place> = new Map()
  #next = 0
  #changed = false
  #rows: readonly Row[] = []

  constructor(table: Table, machine: Entity, leftOut?: LeftOut) {
    this.#table = table
    this.#machine = machine
    this.#leftOut = leftOut
  }

  begin(): void {
    this.#next = 0
  }

  /** Values of the device that the next line names; undefined when it is left out. */
  next(bytes: Uint8Array, start: number, end: number): Float64Array | undefined {
    const i = this.#next
    this.#next += 1
    let place = this.#places[i]
    if (place === undefined || !sameBytes(place.bytes, bytes, start, end)) {
      place = this.#take(bytes.slice(start, end))
      this.#places[i] = place
      this.#changed = true
    }
    return place.row?.values
  }

  /** The rows of all devices since `begin`. */
  finish(): readonly Row[] {
    if (this.#changed || this.#next < this.#places.length) {
      this.#places.length = this.#next
      this.#known = new Map(this.#places.map((place) => [place.name, place]))
      this.#rows = [...this.#known.values()].flatMap(({ row }) => row ?? [])
      this.#changed = false
    }
    return this.#rows
  }

  #take(bytes: Uint8Array): Place {
    const name = Buffer.from(bytes).toString('utf8')
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const row = this.#leftOut?.test(name) ? undefined : emptyRow(this.#table, this.#machine, [name])
    return { name, bytes, row }
  }
}

function sameBytes(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false
  for (let i = 0; i < name.length; i += 1) if (name[i] !== bytes[start + i]) return false
  return true
}
