/**
 * Rows on their way to the store, as columns that grow: what the embedded engine reads by pointer and
 * what a server is sent as JSON. A batch is filled, handed over, left alone until the insert has
 * settled, then cleared and filled again.
 */
import type { Column, ColumnType, Shape } from './shape.ts'

/**
 * What a sender's own NaN is in a column of values, bit by bit: Prometheus' ordinary one. Every other
 * NaN is the end of a series.
 */
export const NOT_A_NUMBER = 0x7ff8000000000001n

const FIRST_ROWS = 256
/** Columns that had to grow further are not kept for the next batch. */
const KEPT_ROWS = 16_384
/** Of a number, and of a reference to text. */
const CELL_BYTES = 8

/** Values of one column; only the first `length` of them are rows. */
export type Values = string[] | Float64Array<ArrayBuffer> | BigUint64Array<ArrayBuffer>

function grown(column: Column, old: Values | undefined, capacity: number): Values {
  switch (column.type) {
    case 'text':
    case 'map':
    case 'numbers':
      return old ?? []
    case 'id': {
      const values = new BigUint64Array(capacity)
      if (old !== undefined) values.set(old as BigUint64Array)
      return values
    }
    case 'time':
    case 'number':
    case 'value': {
      const values = new Float64Array(capacity)
      if (old !== undefined) values.set(old as Float64Array)
      return values
    }
  }
}

export class TableColumns {
  readonly shape: Shape
  #length = 0
  #capacity = 0
  #textBytes = 0
  readonly #values: Values[] = []
  readonly #types: readonly ColumnType[]

  constructor(shape: Shape) {
    this.shape = shape
    this.#types = shape.columns.map(({ type }) => type)
  }

  /** Rows. */
  get length(): number {
    return this.#length
  }

  /** What the rows hold, text as UTF-8. */
  get bytes(): number {
    return this.#length * this.shape.columns.length * CELL_BYTES + this.#textBytes
  }

  values(column: number): Values {
    return this.#values[column]!
  }

  /** Adds a row in which all numbers are absent and all text is empty; returns its position. */
  add(): number {
    const row = this.#length
    if (row === this.#capacity) this.#grow()
    this.#length = row + 1
    for (let i = 0; i < this.#types.length; i++) {
      const type = this.#types[i]!
      const values = this.#values[i]!
      if (type === 'id') (values as BigUint64Array)[row] = 0n
      else if (type === 'number' || type === 'value') (values as Float64Array)[row] = Number.NaN
      else if (type === 'time') (values as Float64Array)[row] = 0
      else (values as string[])[row] = ''
      if (type === 'map') this.setText(i, row, '{}')
      else if (type === 'numbers') this.setText(i, row, '[]')
    }
    return row
  }

  /** Adds a row whose first columns have these values; returns its position. */
  append(values: readonly (string | bigint | number)[]): number {
    const row = this.add()
    for (let column = 0; column < values.length; column++) {
      const value = values[column]!
      if (typeof value === 'string') this.setText(column, row, value)
      else if (typeof value === 'bigint') this.setId(column, row, value)
      else this.setNumber(column, row, value)
    }
    return row
  }

  #grow(): void {
    this.#capacity = Math.max(FIRST_ROWS, this.#capacity * 2)
    for (const [i, column] of this.shape.columns.entries()) {
      this.#values[i] = grown(column, this.#values[i], this.#capacity)
    }
  }

  /** A number, or a time in Unix ms. */
  setNumber(column: number, row: number, value: number): void {
    ;(this.#values[column] as Float64Array)[row] = value
  }

  /** Through whole bits: a NaN that is a number to the language may come out as another. */
  setNotANumber(column: number, row: number): void {
    const { buffer, byteOffset } = this.#values[column] as Float64Array<ArrayBuffer>
    new BigUint64Array(buffer, byteOffset)[row] = NOT_A_NUMBER
  }

  setId(column: number, row: number, value: bigint): void {
    ;(this.#values[column] as BigUint64Array)[row] = value
  }

  /** Text, or a map or numbers as JSON. */
  setText(column: number, row: number, value: string): void {
    const values = this.#values[column] as string[]
    const before = values[row]!
    if (value === before) return
    this.#textBytes += Buffer.byteLength(value) - Buffer.byteLength(before)
    values[row] = value
  }

  clear(): void {
    this.truncate(0)
    if (this.#capacity <= KEPT_ROWS) return
    this.#capacity = 0
    this.#values.length = 0
  }

  /** Forgets every row from `length` on. */
  truncate(length: number): void {
    for (const [i, { type }] of this.shape.columns.entries()) {
      if (type !== 'text' && type !== 'map' && type !== 'numbers') continue
      const values = this.#values[i] as string[] | undefined
      for (const text of values?.splice(length) ?? []) this.#textBytes -= Buffer.byteLength(text)
    }
    this.#length = length
  }
}

/** Length of every table at one moment. */
export type Mark = ReadonlyMap<TableColumns, number>

export class ColumnBatch {
  readonly #tables = new Map<string, TableColumns>()

  /** Columns of a table, made when first asked for; a table has one shape. */
  table(shape: Shape): TableColumns {
    let columns = this.#tables.get(shape.table)
    if (columns === undefined) {
      columns = new TableColumns(shape)
      this.#tables.set(shape.table, columns)
    }
    return columns
  }

  /** Tables that have rows. */
  filled(): TableColumns[] {
    return [...this.#tables.values()].filter(({ length }) => length > 0)
  }

  get rows(): number {
    let rows = 0
    for (const { length } of this.#tables.values()) rows += length
    return rows
  }

  get bytes(): number {
    let bytes = 0
    for (const columns of this.#tables.values()) bytes += columns.bytes
    return bytes
  }

  mark(): Mark {
    return new Map([...this.#tables.values()].map((columns) => [columns, columns.length]))
  }

  /** Forgets every row that was added since the mark. */
  rollback(mark: Mark): void {
    for (const columns of this.#tables.values()) columns.truncate(mark.get(columns) ?? 0)
  }

  clear(): void {
    for (const columns of this.#tables.values()) columns.clear()
  }
}
