import { expect, test } from 'vitest'
import { KeptRows } from '../../../agent/read/kept-rows.ts'
import { machineDisk } from '../../../catalog/tables/machine-disk.ts'
import type { Row } from '../../../wire/sample.ts'

const open = () => new KeptRows(machineDisk, { kind: 'machine', attributes: {} })
const keys = (name: string) => () => [name]

/** One pass that names these; the first column counts how often each was named. */
function pass(rows: KeptRows, ...names: string[]): readonly Row[] {
  rows.begin()
  for (const name of names) {
    const values = rows.row(name, keys(name))
    values[0] = (Number.isNaN(values[0]!) ? 0 : values[0]!) + 1
  }
  return rows.finish()
}
const seen = (rows: readonly Row[]) => rows.map((row) => `${row.keys[0]} ${row.values[0]}`)

test('rows live as long as they are named', () => {
  const rows = open()
  expect(seen(pass(rows, 'a', 'b'))).toEqual(['a 1', 'b 1'])
  expect(seen(pass(rows, 'b', 'a'))).toEqual(['a 2', 'b 2'])
  expect(seen(pass(rows, 'a'))).toEqual(['a 3'])
  expect(seen(pass(rows, 'a', 'b'))).toEqual(['a 4', 'b 1'])
})

test('one that goes while another comes', () => {
  const rows = open()
  pass(rows, 'a', 'b')
  expect(seen(pass(rows, 'a', 'c'))).toEqual(['a 2', 'c 1'])
})

test('what did not change is the same list', () => {
  const rows = open()
  expect(pass(rows, 'a', 'b')).toBe(pass(rows, 'a', 'b'))
})

test('nothing named, no rows', () => {
  const rows = open()
  pass(rows, 'a')
  expect(pass(rows)).toEqual([])
})

test('sums begin at 0 in each pass', () => {
  const rows = open()
  const count = (...names: string[]) => {
    rows.begin()
    for (const name of names) rows.sum(name, keys(name))[0]! += 1
    return seen(rows.finish())
  }
  expect(count('a', 'b', 'a')).toEqual(['a 2', 'b 1'])
  expect(count('b', 'b')).toEqual(['b 2'])
})
