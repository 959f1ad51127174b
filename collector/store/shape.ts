/** What a table looks like to those who write rows: names and types of its columns. */

/**
 * text: String · map: Map(String, String), given as JSON · numbers: Array(Float64), given as JSON ·
 * id: UInt64 · time: DateTime64(3), given as Unix ms · number: Float64, where NaN is absent and becomes NULL · value: Float64, where NaN is kept
 */
export type ColumnType = 'text' | 'map' | 'numbers' | 'id' | 'time' | 'number' | 'value'

export interface Column {
  readonly name: string
  readonly type: ColumnType
}

/** A table may have more columns than its shape; they keep their default. */
export interface Shape {
  readonly table: string
  readonly columns: readonly Column[]
}

const column =
  (type: ColumnType) =>
  (name: string): Column => ({ name, type })

export const text = column('text')
export const map = column('map')
export const numbers = column('numbers')
export const id = column('id')
export const time = column('time')
export const number = column('number')
export const value = column('value')
