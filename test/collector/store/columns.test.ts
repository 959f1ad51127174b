import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ColumnBatch, TableColumns } from '../../../collector/store/columns.ts'
import { id, map, number, type Shape, text, time } from '../../../collector/store/shape.ts'

const shape: Shape = {
  table: 't',
  columns: [text('name'), id('id'), time('ts'), map('labels'), number('value')],
}

/** Rows of a table, absent numbers as undefined. */
function rowsOf(table: TableColumns): unknown[][] {
  return Array.from({ length: table.length }, (_, row) =>
    table.shape.columns.map((_column, i) => {
      const value = table.values(i)[row]
      return Number.isNaN(value) ? undefined : value
    }),
  )
}

const row = fc.tuple(
  fc.string(),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.integer({ min: 0, max: 2 ** 45 }),
  fc.constantFrom('{}', '{"a":"1"}'),
  fc.double({ noNaN: true }),
)

describe('columns', () => {
  test('hold what was appended, however often they grow', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 600 }), (rows) => {
        const table = new TableColumns(shape)
        for (const values of rows) table.append(values)
        expect(rowsOf(table)).toEqual(rows)
      }),
      { numRuns: 30 },
    )
  })

  test('a row that is only begun has no numbers and empty text', () => {
    const table = new TableColumns(shape)
    table.append(['a', 1n, 5, '{"x":"y"}', 7])
    table.clear()
    table.append(['b'])
    expect(rowsOf(table)).toEqual([['b', 0n, 0, '{}', undefined]])
  })
})

/** Bytes of one row of `row`: five cells and its text. */
const sizeOf = ([name, , , labels]: readonly [string, bigint, number, string, number]) =>
  5 * 8 + Buffer.byteLength(name) + Buffer.byteLength(labels)

describe('a batch', () => {
  test('knows what it holds, after a rollback and after it was cleared too', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 300 }), fc.array(row), (kept, dropped) => {
        const batch = new ColumnBatch()
        const table = batch.table(shape)
        for (const values of kept) table.append(values)
        const mark = batch.mark()
        for (const values of dropped) table.append(values)
        expect(batch.bytes).toBe([...kept, ...dropped].reduce((sum, each) => sum + sizeOf(each), 0))
        batch.rollback(mark)
        expect(batch.bytes).toBe(kept.reduce((sum, each) => sum + sizeOf(each), 0))
        batch.clear()
        expect(batch.bytes).toBe(0)
      }),
      { numRuns: 30 },
    )
  })

  test('that was large gives its memory back', () => {
    const batch = new ColumnBatch()
    const columns = Array.from({ length: 33 }, (_, i) => number(`value${i}`))
    const table = batch.table({ table: 'large', columns })
    const values = columns.map((_, i) => i)
    for (let i = 0; i <= 1 << 16; i++) table.append(values)
    batch.clear()
    table.append([1])
    expect(table.values(0).length).toBeLessThan(1 << 16)
    expect(table.values(0)[0]).toBe(1)
  })

  test('begins anew with nothing in it, whatever its columns held', () => {
    const batch = new ColumnBatch()
    const table = batch.table(shape)
    for (let i = 0; i < 300; i++) table.append(['a', 1n, 5, '{"x":"y"}', i])
    const mark = batch.mark()
    for (let i = 0; i < 300; i++) table.append(['b', 2n, 5, '{"x":"z"}', i])
    batch.rollback(mark)
    table.add()
    expect(rowsOf(table).at(-1)).toEqual(['', 0n, 0, '{}', undefined])
    batch.clear()
    for (let i = 0; i < 3; i++) table.add()
    expect(rowsOf(table)).toEqual(Array.from({ length: 3 }, () => ['', 0n, 0, '{}', undefined]))
    expect(table.isOpen(4)).toBe(false)
  })

  test('forgets what came after a mark, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 300 }), fc.array(row), (kept, dropped) => {
        const batch = new ColumnBatch()
        for (const values of kept) batch.table(shape).append(values)
        const mark = batch.mark()
        for (const values of dropped) batch.table(shape).append(values)
        batch.table({ table: 'new', columns: [text('a')] }).append(['x'])
        batch.rollback(mark)
        expect(rowsOf(batch.table(shape))).toEqual(kept)
        expect(batch.rows).toBe(kept.length)
        expect(batch.filled()).toHaveLength(kept.length === 0 ? 0 : 1)
      }),
      { numRuns: 30 },
    )
  })
})
