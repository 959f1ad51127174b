import buffer from 'node:buffer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ArrowColumn, arrowInsert } from '../../../collector/store/arrow.ts'
import { TableColumns } from '../../../collector/store/columns.ts'
import { id, map, number, type Shape, text, time } from '../../../collector/store/shape.ts'

const insertOf = (shape: Shape, rows: readonly (readonly (string | bigint | number)[])[]) => {
  const table = new TableColumns(shape)
  for (const row of rows) table.append(row)
  return arrowInsert(table, 'batch')
}

test('text is offsets and bytes that give back every string', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }), (texts) => {
      const shape = { table: 't', columns: [text('a')] }
      const [column] = insertOf(
        shape,
        texts.map((each) => [each]),
      ).columns
      const [, offsetBytes, bytes] = column!.buffers
      const offsets = Array.from({ length: texts.length + 1 }, (_, i) =>
        offsetBytes!.readInt32LE(i * 4),
      )
      expect(texts.map((_, i) => bytes!.toString('utf8', offsets[i], offsets[i + 1]))).toEqual(
        texts,
      )
      expect(offsets.at(-1)).toBe(bytes!.length)
    }),
  )
})

test('halves of a surrogate pair in neighbouring rows stay in their rows', () => {
  const shape = { table: 't', columns: [text('a')] }
  const [column] = insertOf(shape, [['\ud83d'], ['\ude00']]).columns
  const [, offsets, bytes] = column!.buffers
  expect([0, 4, 8].map((at) => offsets!.readInt32LE(at))).toEqual([0, 3, 6])
  expect(bytes!.toString()).toBe('\ufffd\ufffd')
})

test('a column may hold more text than one string can', () => {
  const shape = { table: 't', columns: [text('a')] }
  const megabyte = 'x'.repeat(1 << 20)
  const rows = 520
  const [column] = insertOf(
    shape,
    Array.from({ length: rows }, () => [megabyte]),
  ).columns
  expect(column!.buffers[2]).toHaveLength(rows << 20)
  expect(rows << 20).toBeGreaterThan(buffer.constants.MAX_STRING_LENGTH)
})

/** Numbers of a column as an Arrow reader sees them, absent ones as NaN; all absent is no column. */
const readNumbers = (column: ArrowColumn | undefined, length: number) =>
  Array.from({ length }, (_, i) => {
    const [bitmap, bytes] = column?.buffers ?? []
    const isThere = bitmap == null || ((bitmap[i >> 3]! >> (i & 7)) & 1) === 1
    return isThere && bytes ? bytes.readDoubleLE(i * 8) : Number.NaN
  })

test('a bit of the bitmap is set for each number that is there', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.double({ noNaN: true }), fc.constant(Number.NaN)), { minLength: 1 }),
      (values) => {
        const shape = { table: 't', columns: [id('i'), number('v')] }
        const rows = values.map((value) => [1n, value])
        const column = insertOf(shape, rows).columns.find(({ name }) => name === 'v')
        const absent = values.filter((value) => Number.isNaN(value)).length
        expect(column?.nullCount).toBe(absent === values.length ? undefined : absent)
        expect(readNumbers(column, values.length)).toEqual(values)
      },
    ),
  )
})

test('the statement names columns and no value', () => {
  const shape: Shape = {
    table: 't',
    columns: [text('a'), id('b'), time('c'), map('d'), number('e'), number('gone')],
  }
  const { sql } = insertOf(shape, [["'; DROP TABLE t; \n\n", 1n, 2, '{"x":"\n\n"}', 3]])
  expect(sql).toBe(
    "INSERT INTO t (a, b, c, d, e) SELECT assumeNotNull(a), assumeNotNull(b), fromUnixTimestamp64Milli(toInt64(assumeNotNull(c)), 'UTC'), JSONExtract(assumeNotNull(d), 'Map(String, String)'), e FROM arrowstream('batch')",
  )
})
