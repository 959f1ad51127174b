import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TableColumns } from '../../../collector/store/columns.ts'
import { nativeBlock } from '../../../collector/store/native.ts'
import { id, map, number, type Shape, text, time } from '../../../collector/store/shape.ts'
import { Reader } from '../../../wire/protobuf.ts'

const blockOf = (shape: Shape, rows: readonly (readonly (string | bigint | number)[])[]) => {
  const table = new TableColumns(shape)
  for (const row of rows) table.append(row)
  const { columns, pieces } = nativeBlock(table)
  return { columns, bytes: Buffer.concat(pieces) }
}

test('text of any length is its length and its bytes', () => {
  const texts = fc.array(
    fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(126, 127, 128, 16_383, 16_384).map((length) => 'x'.repeat(length)),
    ),
  )
  fc.assert(
    fc.property(texts, (all) => {
      const { bytes } = blockOf(
        { table: 't', columns: [text('a')] },
        all.map((each) => [each]),
      )
      const reader = new Reader(bytes)
      const end = bytes.length
      expect([reader.varint(end), reader.varint(end)]).toEqual([1, all.length])
      expect([reader.text(end), reader.text(end)]).toEqual(['a', 'String'])
      expect(all.map(() => reader.text(end))).toEqual(all)
      expect(reader.position).toBe(end)
    }),
  )
})

test('numbers are their bits, absent ones a byte that says so; what no row speaks of is left out', () => {
  const shape: Shape = {
    table: 't',
    columns: [id('i'), time('t'), number('gone'), number('n'), map('m')],
  }
  const { columns, bytes } = blockOf(shape, [
    [2n ** 64n - 1n, 2 ** 33 + 5, Number.NaN, 1.5, '{"k":"v","l":""}'],
    [7n, 9],
  ])
  expect(columns).toEqual(['i', 't', 'gone', 'n', 'm'])
  const [, , ...rest] = bytes
  const head = Buffer.from('\x01i\x06UInt64')
  const ids = Buffer.from('ffffffffffffffff0700000000000000', 'hex')
  expect(Buffer.from(rest.slice(0, 25))).toEqual(Buffer.concat([head, ids]))
  expect(bytes.includes(Buffer.from([5, 0, 0, 0, 2, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0]))).toBe(true)
  expect(bytes.includes(Buffer.from([0, 1, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f]))).toBe(true)
  const ends = [2, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]
  const items = Buffer.from('\x01k\x01l\x01v\x00')
  expect(bytes.subarray(-23)).toEqual(Buffer.from([...ends, ...items]))
  const bare = blockOf({ table: 't', columns: [id('i'), number('gone')] }, [[1n]])
  expect(bare.columns).toEqual(['i'])
})
