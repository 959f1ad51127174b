/**
 * Columns as Arrow arrays that the embedded engine reads by pointer, without a copy or a text form in
 * between: no byte that a client sent is ever parsed, neither as data nor as SQL.
 *
 * Source: Arrow columnar format, "Physical memory layout" (validity bitmap, offsets, values), and the
 * format strings of its C data interface: L uint64, g float64, u utf8.
 */
import assert from 'node:assert/strict'
import type { TableColumns, Values } from './columns.ts'
import type { Column } from './shape.ts'

/** One column as the binding of the engine takes it. */
export interface ArrowColumn {
  readonly name: string
  readonly format: 'L' | 'g' | 'u'
  readonly length: number
  readonly nullCount: number
  /** [validity or null, values] or, for text, [null, offsets, bytes]. */
  readonly buffers: readonly (Buffer | null)[]
}

/** Columns to register and the statement that reads them; both leave out what is absent in every row. */
export interface ArrowInsert {
  readonly columns: readonly ArrowColumn[]
  readonly sql: string
}

export function arrowInsert(table: TableColumns, source: string): ArrowInsert {
  const columns: ArrowColumn[] = []
  const expressions: string[] = []
  for (const [i, column] of table.shape.columns.entries()) {
    if (column.type === 'number' && !table.isOpen(i)) continue
    const arrow = arrowColumn(column, table.values(i), table.length)
    if (arrow.nullCount === table.length) continue
    columns.push(arrow)
    expressions.push(EXPRESSIONS[column.type](column.name))
  }
  const names = columns.map(({ name }) => name).join(', ')
  return {
    columns,
    sql: `INSERT INTO ${table.shape.table} (${names}) SELECT ${expressions.join(', ')} FROM arrowstream('${source}')`,
  }
}

/** The engine sees every Arrow column as Nullable. */
const EXPRESSIONS: Readonly<Record<Column['type'], (name: string) => string>> = {
  text: (name) => `assumeNotNull(${name})`,
  map: (name) => `JSONExtract(assumeNotNull(${name}), 'Map(String, String)')`,
  numbers: (name) => `JSONExtract(assumeNotNull(${name}), 'Array(Float64)')`,
  id: (name) => `assumeNotNull(${name})`,
  time: (name) => `fromUnixTimestamp64Milli(toInt64(assumeNotNull(${name})), 'UTC')`,
  number: (name) => name,
  value: (name) => `assumeNotNull(${name})`,
}

/** Offsets of text are signed and have 32 bits. */
const OFFSET_MAX = 2 ** 31 - 1

function arrowColumn({ name, type }: Column, values: Values, length: number): ArrowColumn {
  switch (type) {
    case 'text':
    case 'map':
    case 'numbers':
      return {
        name,
        format: 'u',
        length,
        nullCount: 0,
        buffers: [null, ...utf8(values as string[])],
      }
    case 'id':
      return { name, format: 'L', length, nullCount: 0, buffers: [null, bytesOf(values, length)] }
    case 'time':
    case 'value':
      return { name, format: 'g', length, nullCount: 0, buffers: [null, bytesOf(values, length)] }
    case 'number': {
      const { bitmap, nullCount } = validity(values as Float64Array, length)
      const buffers = [nullCount === 0 ? null : bitmap, bytesOf(values, length)]
      return { name, format: 'g', length, nullCount, buffers }
    }
  }
}

function bytesOf(values: Values, length: number): Buffer {
  const { buffer, byteOffset } = values as Float64Array<ArrayBuffer> | BigUint64Array<ArrayBuffer>
  return Buffer.from(buffer, byteOffset, length * 8)
}

const NO_BITMAP = Buffer.alloc(0)

/** One bit a row, lowest first; 0 is absent. */
function validity(values: Float64Array, length: number): { bitmap: Buffer; nullCount: number } {
  let nullCount = 0
  for (let row = 0; row < length; row++) if (Number.isNaN(values[row]!)) nullCount += 1
  // Of most columns all are there.
  if (nullCount === 0) return { bitmap: NO_BITMAP, nullCount }
  const bitmap = Buffer.alloc(Math.ceil(length / 64) * 8)
  for (let row = 0; row < length; row++) {
    if (!Number.isNaN(values[row]!)) bitmap[row >> 3]! |= 1 << (row & 7)
  }
  return { bitmap, nullCount }
}

/** Text by text: a string that held all of a column could be longer than strings can be. */
function utf8(texts: readonly string[]): [offsets: Buffer, bytes: Buffer] {
  const size = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  assert.ok(size <= OFFSET_MAX, `a column of ${size} bytes is too long`)
  const offsets = new Int32Array(texts.length + 1)
  const bytes = Buffer.allocUnsafe(size)
  let end = 0
  for (const [i, text] of texts.entries()) {
    if (text !== '') end += bytes.write(text, end)
    offsets[i + 1] = end
  }
  return [Buffer.from(offsets.buffer), bytes]
}
