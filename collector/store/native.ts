/**
 * Columns as a block of the format Native, which is how a ClickHouse server has them itself: numbers go
 * out as they lie in memory, bit by bit, and no byte that a client sent is ever parsed as text or SQL.
 *
 *   block  = varint columns, varint rows, column*        column = string name, string type, values
 *   string = varint length, bytes                        UInt64, Int64, Float64 = 8 bytes each, little endian
 *   Nullable(T)  = a byte a row, 1 is NULL; then T of every row
 *   Array(T)     = UInt64 end of each row's items; then T of every item
 *   Map(K, V)    = as Array, with K of every item, then V of every item
 *
 * The server turns the types into those of the table. Source: ClickHouse, Formats/NativeWriter.cpp and
 * DataTypes/Serializations, for clients that tell no revision.
 */
import type { TableColumns, Values } from './columns.ts'
import type { ColumnType } from './shape.ts'

export interface NativeBlock {
  /** Of the columns in it: those that are absent in every row are left out. */
  readonly columns: readonly string[]
  /** To be written one after the other; numbers are the memory of the table itself. */
  readonly pieces: readonly Buffer[]
}

export function nativeBlock(table: TableColumns): NativeBlock {
  const { length } = table
  const present = [...table.shape.columns.entries()].filter(
    ([i, { type }]) => type !== 'number' || table.isOpen(i),
  )
  return {
    columns: present.map(([, { name }]) => name),
    pieces: [
      varint(present.length),
      varint(length),
      ...present.flatMap(([i, { name, type }]) => [
        ...strings([name, TYPES[type]]),
        ...ENCODERS[type](table.values(i), length),
      ]),
    ],
  }
}

const TYPES: Readonly<Record<ColumnType, string>> = {
  text: 'String',
  map: 'Map(String, String)',
  numbers: 'Array(Float64)',
  id: 'UInt64',
  time: "DateTime64(3, 'UTC')",
  number: 'Nullable(Float64)',
  value: 'Float64',
}

type Encoder = (values: Values, length: number) => Buffer[]

const ENCODERS: Readonly<Record<ColumnType, Encoder>> = {
  text: (values) => strings(values as string[]),
  map: (values) => maps(values as string[]),
  numbers: (values) => arrays(values as string[]),
  id: (values, length) => [bytesOf(values, length)],
  time: (values, length) => [ticks(values as Float64Array, length)],
  number: (values, length) => [nulls(values as Float64Array, length), bytesOf(values, length)],
  value: (values, length) => [bytesOf(values, length)],
}

function bytesOf(values: Values, length: number): Buffer {
  const { buffer, byteOffset } = values as Float64Array<ArrayBuffer> | BigUint64Array<ArrayBuffer>
  return Buffer.from(buffer, byteOffset, length * 8)
}

/** DateTime64(3) counts milliseconds. */
function ticks(values: Float64Array, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length * 8)
  for (let row = 0; row < length; row++) {
    const ms = values[row]!
    const high = Math.floor(ms / 2 ** 32)
    bytes.writeUInt32LE(ms - high * 2 ** 32, row * 8)
    bytes.writeInt32LE(high, row * 8 + 4)
  }
  return bytes
}

function nulls(values: Float64Array, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let row = 0; row < length; row++) if (Number.isNaN(values[row]!)) bytes[row] = 1
  return bytes
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  bytes.push(rest)
  return Buffer.from(bytes)
}

/** Text by text: a string that held all of a column could be longer than strings can be. */
const strings = (texts: readonly string[]): Buffer[] => {
  let size = 0
  for (const text of texts) size += VARINT_BYTES + Buffer.byteLength(text)
  const bytes = Buffer.allocUnsafe(size)
  let end = 0
  for (const text of texts) {
    let rest = Buffer.byteLength(text)
    for (; rest > 127; rest = Math.floor(rest / 128)) bytes[end++] = (rest % 128) | 128
    bytes[end++] = rest
    end += bytes.write(text, end)
  }
  return [bytes.subarray(0, end)]
}

/** Of the length of a text, at most. */
const VARINT_BYTES = 5

/** Ends of the items of each row, counted from the first row. */
function ends(counts: readonly number[]): Buffer {
  const all = new BigUint64Array(counts.length)
  let end = 0
  for (const [row, count] of counts.entries()) all[row] = BigInt((end += count))
  return Buffer.from(all.buffer)
}

function maps(texts: readonly string[]): Buffer[] {
  const rows = texts.map((text) => Object.entries(JSON.parse(text) as Record<string, string>))
  const items = rows.flat()
  return [
    ends(rows.map(({ length }) => length)),
    ...strings(items.map(([key]) => key)),
    ...strings(items.map(([, value]) => value)),
  ]
}

function arrays(texts: readonly string[]): Buffer[] {
  const rows = texts.map((text) => JSON.parse(text) as number[])
  const items = Float64Array.from(rows.flat())
  return [ends(rows.map(({ length }) => length)), bytesOf(items, items.length)]
}
