import { expect, test } from 'vitest'
import { KeptRows } from '../../../agent/read/kept-rows.ts'
import { infoOf, rowOf } from '../../../agent/read/row-of.ts'
import { machineSwap } from '../../../catalog/tables/machine-swap.ts'

test('a row is kept, but not what it said', () => {
  const rows = new KeptRows(machineSwap, { kind: 'machine', attributes: {} })
  rows.begin()
  rowOf(rows, 'a', 'file').set([1, 2, 3])
  const [first] = rows.finish()
  rows.begin()
  expect([...rowOf(rows, 'a', 'file')]).toEqual([Number.NaN, Number.NaN, Number.NaN])
  infoOf(rows, 'ab', '')
  infoOf(rows, 'a', 'b')
  const now = rows.finish()
  expect(now[0]).toBe(first)
  expect(now.map(({ keys }) => keys)).toEqual([
    ['a', 'file'],
    ['ab', ''],
    ['a', 'b'],
  ])
  expect(now[1]!.values[0]).toBe(1)
})
