/** An answer of the store by columns, without an object for any row. */
import { NativeReader } from './native-reader.ts'
import type { NativeType } from './native-types.ts'

/** numbers: any number up to 53 bits, times as Unix ms · ids: 64 bits · arrays: items of row i are those in [ends[i - 1], ends[i]) */
export type NativeColumn =
  | { readonly kind: 'numbers'; readonly values: Float64Array }
  | { readonly kind: 'ids'; readonly values: BigUint64Array }
  | { readonly kind: 'texts'; readonly values: readonly string[] }
  | { readonly kind: 'nullable'; readonly nulls: Uint8Array; readonly of: NativeColumn }
  | { readonly kind: 'arrays'; readonly ends: Float64Array; readonly items: NativeColumn }
  | {
      readonly kind: 'maps'
      readonly ends: Float64Array
      readonly keys: readonly string[]
      readonly values: readonly string[]
    }
export type Kind = NativeColumn['kind']

/** Values of one width, which are read when somebody asks for them. */
export interface RawPart {
  /** As they lay in the engine's memory, little-endian, wherever they begin. */
  readonly bytes: Uint8Array
  readonly rows: number
  readonly type: NativeType
}

/** A column of one block of an answer. */
export type NativePart = NativeColumn | RawPart

const isRaw = (part: NativePart): part is RawPart => 'bytes' in part

/** An answer by columns. An accessor of a column that is not there, or not of that kind, throws. */
export class NativeAnswer {
  readonly rows: number
  readonly #parts: ReadonlyMap<string, readonly NativePart[]>
  readonly #columns = new Map<string, NativeColumn>()

  constructor(rows: number, parts: ReadonlyMap<string, readonly NativePart[]>) {
    this.rows = rows
    this.#parts = parts
  }

  /** Parts of a column of values of `width` bytes, without a copy of any. */
  raw(name: string, width: number): readonly RawPart[] {
    const parts = this.#parts.get(name) ?? []
    if (!parts.every(isRaw) || parts.some(({ type }) => type.width !== width)) {
      throw new Error(`column ${name} of an answer: its values are not of ${width} bytes`)
    }
    return parts
  }

  numbers(name: string): Float64Array {
    return this.column(name, 'numbers').values
  }

  ids(name: string): BigUint64Array {
    return this.column(name, 'ids').values
  }

  texts(name: string): readonly string[] {
    return this.column(name, 'texts').values
  }

  column<K extends Kind>(name: string, kind: K): Extract<NativeColumn, { readonly kind: K }> {
    const column = this.#read(name) ?? (this.rows === 0 ? EMPTY[kind] : undefined)
    if (column?.kind !== kind) {
      throw new Error(`column ${name} of an answer: expected ${kind}, found ${column?.kind}`)
    }
    return column as Extract<NativeColumn, { readonly kind: K }>
  }

  #read(name: string): NativeColumn | undefined {
    const known = this.#columns.get(name)
    const parts = this.#parts.get(name)
    if (known !== undefined || parts === undefined) return known
    const column = joined(
      parts.map((part) =>
        isRaw(part) ? part.type.read(new NativeReader(part.bytes), part.rows) : part,
      ),
    )
    this.#columns.set(name, column)
    return column
  }
}

const EMPTY: { readonly [K in Kind]: Extract<NativeColumn, { readonly kind: K }> } = {
  numbers: { kind: 'numbers', values: new Float64Array() },
  ids: { kind: 'ids', values: new BigUint64Array() },
  texts: { kind: 'texts', values: [] },
  nullable: {
    kind: 'nullable',
    nulls: new Uint8Array(),
    of: { kind: 'numbers', values: new Float64Array() },
  },
  arrays: {
    kind: 'arrays',
    ends: new Float64Array(),
    items: { kind: 'numbers', values: new Float64Array() },
  },
  maps: { kind: 'maps', ends: new Float64Array(), keys: [], values: [] },
}

/** One column out of its parts in all blocks. */
function joined(parts: readonly NativeColumn[]): NativeColumn {
  const [first] = parts
  if (parts.length === 1) return first!
  switch (first!.kind) {
    case 'numbers':
      return { kind: 'numbers', values: floats(only(parts, 'numbers').map(({ values }) => values)) }
    case 'ids': {
      const all = only(parts, 'ids')
      const values = new BigUint64Array(sum(all.map((part) => part.values.length)))
      let at = 0
      for (const part of all) {
        values.set(part.values, at)
        at += part.values.length
      }
      return { kind: 'ids', values }
    }
    case 'texts':
      return { kind: 'texts', values: only(parts, 'texts').flatMap(({ values }) => values) }
    case 'nullable': {
      const all = only(parts, 'nullable')
      const nulls = new Uint8Array(sum(all.map((part) => part.nulls.length)))
      let at = 0
      for (const part of all) {
        nulls.set(part.nulls, at)
        at += part.nulls.length
      }
      return { kind: 'nullable', nulls, of: joined(all.map(({ of }) => of)) }
    }
    case 'arrays': {
      const all = only(parts, 'arrays')
      return { kind: 'arrays', ends: endsOf(all), items: joined(all.map(({ items }) => items)) }
    }
    case 'maps': {
      const all = only(parts, 'maps')
      return {
        kind: 'maps',
        ends: endsOf(all),
        keys: all.flatMap(({ keys }) => keys),
        values: all.flatMap(({ values }) => values),
      }
    }
  }
}

/** The engine gives a column one type in all blocks. */
function only<K extends Kind>(
  parts: readonly NativeColumn[],
  kind: K,
): Extract<NativeColumn, { readonly kind: K }>[] {
  if (parts.some((part) => part.kind !== kind)) throw new Error('a column changed its type')
  return parts as Extract<NativeColumn, { readonly kind: K }>[]
}

const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0)

function floats(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(sum(parts.map(({ length }) => length)))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

function endsOf(parts: readonly { readonly ends: Float64Array }[]): Float64Array {
  let before = 0
  return floats(
    parts.map(({ ends }) => {
      const moved = before === 0 ? ends : ends.map((end) => end + before)
      before += ends.at(-1) ?? 0
      return moved
    }),
  )
}
