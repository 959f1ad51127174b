/**
 * How the values of each type lie in a column of the format Native; native.ts describes the common ones.
 *
 *   LowCardinality = before all else of its column a version, UInt64; then flags, UInt64, whose lowest byte
 *                    is n for indices of 2^n bytes; keys, UInt64; each key; rows, UInt64; an index a row
 *
 * Source: ClickHouse, DataTypes/Serializations, for clients that tell no revision.
 */
import type { NativeColumn } from './native-answer.ts'
import type { NativeReader } from './native-reader.ts'

export interface NativeType {
  /** Bytes of each value, where all have as many. */
  readonly width?: number
  /** What comes once, before all values of the column. */
  readonly prefix?: (reader: NativeReader) => void
  readonly read: (reader: NativeReader, length: number) => NativeColumn
}

/** Types of one program; more of them are made anew each time. */
const KEPT = 100
const kept = new Map<string, NativeType>()

/** Throws Error where the type is not understood. */
export function nativeType(name: string): NativeType {
  const known = kept.get(name)
  if (known !== undefined) return known
  const made = makeType(name)
  if (kept.size < KEPT) kept.set(name, made)
  return made
}

function makeType(name: string): NativeType {
  const plain = PLAIN[name]
  if (plain !== undefined) return plain
  const [, outer, inner = ''] = /^(\w+)\((.*)\)$/s.exec(name) ?? []
  const made = PARAMETRIC[outer ?? '']?.(inner)
  if (made === undefined) throw new Error(`an answer has a column of ${name}, which is not read`)
  return made
}

type Read = NativeType['read']

const numbers = (width: number, make: (buffer: ArrayBuffer) => ArrayLike<number>): NativeType => ({
  width,
  read: (reader, length) => ({
    kind: 'numbers',
    values: new Float64Array(make(reader.aligned(length * width))),
  }),
})
const ids: NativeType = {
  width: 8,
  read: (reader, length) => ({
    kind: 'ids',
    values: new BigUint64Array(reader.aligned(length * 8)),
  }),
}
const unsigned32 = numbers(4, (buffer) => new Uint32Array(buffer))

const PLAIN: Readonly<Record<string, NativeType>> = {
  Bool: numbers(1, (buffer) => new Uint8Array(buffer)),
  UInt8: numbers(1, (buffer) => new Uint8Array(buffer)),
  Int8: numbers(1, (buffer) => new Int8Array(buffer)),
  UInt16: numbers(2, (buffer) => new Uint16Array(buffer)),
  Int16: numbers(2, (buffer) => new Int16Array(buffer)),
  UInt32: unsigned32,
  Int32: numbers(4, (buffer) => new Int32Array(buffer)),
  Float32: numbers(4, (buffer) => new Float32Array(buffer)),
  Float64: {
    width: 8,
    read: (reader, length) => ({
      kind: 'numbers',
      values: new Float64Array(reader.aligned(length * 8)),
    }),
  },
  UInt64: ids,
  Int64: ids,
  String: { read: (reader, length) => ({ kind: 'texts', values: reader.texts(length) }) },
  DateTime: { width: 4, read: (reader, length) => seconds(unsigned32.read(reader, length)) },
  // The type of an empty array's items.
  Nothing: numbers(1, (buffer) => new Uint8Array(buffer)),
}

const PARAMETRIC: Readonly<Record<string, (inner: string) => NativeType | undefined>> = {
  Nullable(inner) {
    const { prefix, read } = nativeType(inner)
    return {
      ...(prefix && { prefix }),
      read: (reader, length) => ({
        kind: 'nullable',
        nulls: new Uint8Array(reader.aligned(length)),
        of: read(reader, length),
      }),
    }
  },
  Array(inner) {
    const { prefix, read } = nativeType(inner)
    return {
      ...(prefix && { prefix }),
      read(reader, length) {
        const ends = reader.ends(length)
        return { kind: 'arrays', ends, items: read(reader, ends.at(-1) ?? 0) }
      },
    }
  },
  Map(inner) {
    const [key, value] = inner.split(', ').map(nativeType)
    return {
      prefix(reader) {
        key!.prefix?.(reader)
        value!.prefix?.(reader)
      },
      read(reader, length) {
        const ends = reader.ends(length)
        const size = ends.at(-1) ?? 0
        const keys = textsOf(key!.read(reader, size))
        return { kind: 'maps', ends, keys, values: textsOf(value!.read(reader, size)) }
      },
    }
  },
  LowCardinality: (inner) => ({
    prefix: (reader) => void reader.aligned(8),
    read: (reader, length) => ({
      kind: 'texts',
      values: indexed(reader, length, nativeType(inner)),
    }),
  }),
  // Stored as its plain type, which stands after the name of the function.
  SimpleAggregateFunction: (inner) => nativeType(inner.slice(inner.indexOf(',') + 2)),
  FixedString: (inner) => ({
    read: (reader, length) => ({
      kind: 'texts',
      values: Array.from({ length }, () => reader.fixed(Number(inner))),
    }),
  }),
  DateTime: () => nativeType('DateTime'),
  DateTime64: (inner) => ({ width: 8, read: ticks(10 ** (3 - Number.parseInt(inner, 10))) }),
}

function textsOf(column: NativeColumn): readonly string[] {
  if (column.kind !== 'texts') throw new Error(`a map of ${column.kind} is not read`)
  return column.values
}

/** Texts of a dictionary that comes with the block, one index a row. */
function indexed(reader: NativeReader, length: number, { read }: NativeType): readonly string[] {
  if (length === 0) return []
  const width = 2 ** (reader.uint64() % 256)
  const keys = textsOf(read(reader, reader.uint64()))
  const indices = reader.aligned(reader.uint64() * width)
  const at =
    width === 1
      ? new Uint8Array(indices)
      : width === 2
        ? new Uint16Array(indices)
        : new Uint32Array(indices)
  return Array.from({ length }, (_, row) => keys[at[row]!]!)
}

function seconds(column: NativeColumn): NativeColumn {
  const { values } = column as Extract<NativeColumn, { readonly kind: 'numbers' }>
  return { kind: 'numbers', values: values.map((value) => value * 1_000) }
}

/** 64-bit ticks as Unix ms; exact below 2^53 ticks. */
function ticks(msPerTick: number): Read {
  return (reader, length) => {
    const words = new Uint32Array(reader.aligned(length * 8))
    const values = new Float64Array(length)
    for (let row = 0; row < length; row++) {
      values[row] = ((words[2 * row + 1]! | 0) * 2 ** 32 + words[2 * row]!) * msPerTick
    }
    return { kind: 'numbers', values }
  }
}
