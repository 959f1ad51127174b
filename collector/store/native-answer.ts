/** An answer of the store by columns, without an object for any row. */

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

/** An answer by columns. An accessor of a column that is not there, or not of that kind, throws. */
export class NativeAnswer {
  readonly rows: number
  readonly #columns: ReadonlyMap<string, NativeColumn>

  constructor(rows: number, columns: ReadonlyMap<string, NativeColumn>) {
    this.rows = rows
    this.#columns = columns
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
    const column = this.#columns.get(name) ?? (this.rows === 0 ? EMPTY[kind] : undefined)
    if (column?.kind !== kind) {
      throw new Error(`column ${name} of an answer: expected ${kind}, found ${column?.kind}`)
    }
    return column as Extract<NativeColumn, { readonly kind: K }>
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
export function joined(parts: readonly NativeColumn[]): NativeColumn {
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
