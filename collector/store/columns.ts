/**
 * Rows on their way to the store, as columns that grow: what the embedded engine reads by pointer and
 * what a server is sent in its own format. A batch is filled, handed over, left alone until the insert has
 * settled, then cleared and filled again.
 */
import type { ColumnType, Shape } from './shape.ts'

/**
 * What a sender's own NaN is in a column of values, bit by bit: Prometheus' ordinary one. Every other
 * NaN is the end of a series.
 */
export const NOT_A_NUMBER = 0x7ff8000000000001n

const FIRST_ROWS = 256
/** Columns of one table that had to grow further are not kept for the next batch. */
const KEPT_BYTES = 32 << 20
/** Of a number, and of a reference to text. */
const CELL_BYTES = 8

/** Of a row, without its text. */
export const rowBytes = ({ columns }: Shape): number => columns.length * CELL_BYTES

/** Values of one column; only the first `length` of them are rows. */
export type Values = string[] | Float64Array<ArrayBuffer> | BigUint64Array<ArrayBuffer>

/** What a row has in a column of text that it says nothing of. */
const EMPTY: Readonly<Partial<Record<ColumnType, string>>> = { text: '', map: '{}', numbers: '[]' }

/** Of a column that no row has said anything of. */
let absent: Float64Array<ArrayBuffer> = new Float64Array(0)
function absentValues(length: number): Float64Array<ArrayBuffer> {
  if (absent.length < length) absent = new Float64Array(length).fill(Number.NaN)
  return absent
}

/** What the rows of all tables of a batch hold. */
interface Total {
  bytes: number
}

/**
 * Numbers behind the last row are always NaN, so that a row begins with all of them absent and costs
 * only what it says; and a column of numbers has memory only once a row has one.
 */
export class TableColumns {
  readonly shape: Shape
  /** Of these rows and of those beside them. */
  readonly #total: Total
  #length = 0
  #capacity = 0
  #textBytes = 0
  /** Columns that have memory of their own. */
  #open = 0
  readonly #values: (Values | undefined)[]
  readonly #spare: (Exclude<Values, string[]> | undefined)[] = []
  readonly #types: readonly ColumnType[]
  readonly #rowBytes: number
  /** Those that are filled by every row. */
  readonly #texts: readonly number[]
  readonly #others: readonly number[]

  constructor(shape: Shape, total: Total = { bytes: 0 }) {
    this.shape = shape
    this.#total = total
    this.#rowBytes = rowBytes(shape)
    this.#types = shape.columns.map(({ type }) => type)
    const columns = [...this.#types.keys()]
    this.#texts = columns.filter((i) => EMPTY[this.#types[i]!] !== undefined)
    this.#others = columns.filter((i) => this.#types[i] === 'id' || this.#types[i] === 'time')
    this.#values = columns.map(() => undefined)
    for (const i of this.#texts) this.#values[i] = []
    this.#open = this.#texts.length
  }

  /** Rows. */
  get length(): number {
    return this.#length
  }

  /** What the rows hold in the store, where absent numbers take memory too; text as UTF-8. */
  get bytes(): number {
    return this.#length * this.#rowBytes + this.#textBytes
  }

  /** Not to be written to. */
  values(column: number): Values {
    return this.#values[column] ?? absentValues(this.#length)
  }

  /** Whether it may be that a row has a value there. */
  isOpen(column: number): boolean {
    return this.#values[column] !== undefined
  }

  /** Adds a row in which all numbers are absent and all text is empty; returns its position. */
  add(): number {
    const row = this.#length
    if (row === this.#capacity) this.#grow()
    this.#length = row + 1
    this.#total.bytes += this.#rowBytes
    for (const i of this.#others) {
      if (this.#types[i] === 'id') (this.#opened(i) as BigUint64Array)[row] = 0n
      else (this.#opened(i) as Float64Array)[row] = 0
    }
    for (const i of this.#texts) {
      const empty = EMPTY[this.#types[i]!]!
      ;(this.#values[i] as string[])[row] = empty
      this.#addText(empty.length)
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

  #opened(column: number): Values {
    const values = this.#values[column]
    if (values !== undefined) return values
    this.#open += 1
    const kept = this.#spare[column]
    this.#spare[column] = undefined
    const opened = kept !== undefined && kept.length >= this.#capacity ? kept : this.#made(column)
    this.#values[column] = opened
    return opened
  }

  #made(column: number): Values {
    return this.#types[column] === 'id'
      ? new BigUint64Array(this.#capacity)
      : new Float64Array(this.#capacity).fill(Number.NaN)
  }

  #grow(): void {
    this.#capacity = Math.max(FIRST_ROWS, this.#capacity * 2)
    for (const [i, old] of this.#values.entries()) {
      if (old === undefined || Array.isArray(old)) continue
      const values = this.#made(i)
      ;(values as Float64Array).set(old as Float64Array)
      this.#values[i] = values
    }
  }

  /** A number, or a time in Unix ms. */
  setNumber(column: number, row: number, value: number): void {
    ;((this.#values[column] ?? this.#opened(column)) as Float64Array)[row] = value
  }

  /** Through whole bits: a NaN that is a number to the language may come out as another. */
  setNotANumber(column: number, row: number): void {
    const { buffer, byteOffset } = this.#opened(column) as Float64Array<ArrayBuffer>
    new BigUint64Array(buffer, byteOffset)[row] = NOT_A_NUMBER
  }

  setId(column: number, row: number, value: bigint): void {
    ;(this.#opened(column) as BigUint64Array)[row] = value
  }

  /** Text, or a map or numbers as JSON. */
  setText(column: number, row: number, value: string): void {
    const values = this.#values[column] as string[]
    const before = values[row]!
    if (value === before) return
    this.#addText(Buffer.byteLength(value) - Buffer.byteLength(before))
    values[row] = value
  }

  #addText(bytes: number): void {
    this.#textBytes += bytes
    this.#total.bytes += bytes
  }

  clear(): void {
    this.#total.bytes -= this.bytes
    const isKept = this.#capacity * this.#open * CELL_BYTES <= KEPT_BYTES
    for (const [i, values] of this.#values.entries()) {
      if (Array.isArray(values)) {
        values.length = 0
      } else if (values !== undefined) {
        if (values instanceof Float64Array) values.fill(Number.NaN, 0, this.#length)
        if (isKept) this.#spare[i] = values
        this.#values[i] = undefined
      }
    }
    this.#open = this.#texts.length
    this.#textBytes = 0
    this.#length = 0
    if (isKept) return
    this.#capacity = 0
    this.#spare.length = 0
  }

  /** Forgets every row from `length` on. */
  truncate(length: number): void {
    for (const values of this.#values) {
      if (Array.isArray(values)) {
        for (const text of values.splice(length)) this.#addText(-Buffer.byteLength(text))
      } else if (values instanceof Float64Array) {
        values.fill(Number.NaN, length, this.#length)
      }
    }
    this.#total.bytes -= (this.#length - length) * this.#rowBytes
    this.#length = length
  }
}

/** Length of every table at one moment, in the order in which they were made. */
export type Mark = readonly number[]

export class ColumnBatch {
  readonly #tables = new Map<string, TableColumns>()
  /** Asked for with every point of some kinds, so that it is not added up then. */
  readonly #total: Total = { bytes: 0 }

  /** Columns of a table, made when first asked for; a table has one shape. */
  table(shape: Shape): TableColumns {
    let columns = this.#tables.get(shape.table)
    if (columns === undefined) {
      columns = new TableColumns(shape, this.#total)
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
    return this.#total.bytes
  }

  mark(): Mark {
    const lengths: number[] = []
    for (const { length } of this.#tables.values()) lengths.push(length)
    return lengths
  }

  /** Forgets every row that was added since the mark. */
  rollback(mark: Mark): void {
    let table = 0
    for (const columns of this.#tables.values()) columns.truncate(mark[table++] ?? 0)
  }

  clear(): void {
    for (const columns of this.#tables.values()) columns.clear()
  }
}
