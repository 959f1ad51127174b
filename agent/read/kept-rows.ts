/**
 * Rows of one table that a reader tells apart by a word or number of its own making. They live from
 * pass to pass; what a pass does not name loses its row. Where a line of a file begins with the name
 * of the row, `KeyedRows` is the faster form.
 */
import type { Table } from '../../catalog/metric.ts'
import { emptyRow, type Entity, type Row } from '../../wire/sample.ts'

interface Place {
  readonly row: Row
  /** The pass that named it last. */
  pass: number
}

export class KeptRows {
  readonly #table: Table
  readonly #machine: Entity
  readonly #places = new Map<string | number, Place>()
  #pass = 0
  /** Rows that this pass named. */
  #named = 0
  #rows: readonly Row[] = []

  constructor(table: Table, machine: Entity) {
    this.#table = table
    this.#machine = machine
  }

  begin(): void {
    this.#pass += 1
    this.#named = 0
  }

  /**
   * Values of the row, as the pass before left them; all are absent in a new one, and only for that
   * are `keys` asked for.
   */
  row(name: string | number, keys: () => readonly string[]): Float64Array {
    return this.#place(name, keys).row.values
  }

  /** As `row`, for sums: 0 in every column when this pass had not named the row yet. */
  sum(name: string | number, keys: () => readonly string[]): Float64Array {
    const named = this.#named
    const { values } = this.#place(name, keys).row
    if (this.#named > named) values.fill(0)
    return values
  }

  /** The rows that were named since `begin`, in the order in which they were met. */
  finish(): readonly Row[] {
    if (this.#named !== this.#places.size) {
      for (const [name, { pass }] of this.#places) {
        if (pass !== this.#pass) this.#places.delete(name)
      }
    }
    if (this.#rows.length !== this.#places.size || !this.#isSame()) {
      this.#rows = [...this.#places.values()].map(({ row }) => row)
    }
    return this.#rows
  }

  #place(name: string | number, keys: () => readonly string[]): Place {
    let place = this.#places.get(name)
    if (place === undefined) {
      place = { row: emptyRow(this.#table, this.#machine, keys()), pass: 0 }
      this.#places.set(name, place)
    }
    if (place.pass !== this.#pass) {
      place.pass = this.#pass
      this.#named += 1
    }
    return place
  }

  #isSame(): boolean {
    let i = 0
    for (const { row } of this.#places.values()) if (row !== this.#rows[i++]) return false
    return true
  }
}
