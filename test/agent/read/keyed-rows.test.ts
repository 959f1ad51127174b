import { expect, test } from 'vitest'
import { KeyedRows } from '../../../agent/read/keyed-rows.ts'
import { machineDisk } from '../../../catalog/tables/machine-disk.ts'
import { LEFT_OUT_DEVICES } from '../../../agent/machine/diskstats.ts'
import type { Entity, Row } from '../../../wire/sample.ts'

const machine: Entity = { kind: 'machine', attributes: { 'host.id': 'x' } }

/** One pass that sees these devices; the first column counts how often each was seen. */
function pass(rows: KeyedRows, ...names: string[]): readonly Row[] {
  rows.begin()
  for (const name of names) {
    const bytes = Buffer.from(`>${name}<`)
    const values = rows.next(bytes, 1, bytes.length - 1)
    if (values !== undefined) values[0] = (Number.isNaN(values[0]!) ? 0 : values[0]!) + 1
  }
  return rows.finish()
}
const seen = (rows: readonly Row[]) => rows.map((row) => `${row.keys[0]} ${row.values[0]}`)

test('rows live as long as their device is listed', () => {
  const rows = new KeyedRows(machineDisk, machine)
  expect(seen(pass(rows, 'a', 'b'))).toEqual(['a 1', 'b 1'])
  expect(seen(pass(rows, 'a', 'b'))).toEqual(['a 2', 'b 2'])
  expect(seen(pass(rows, 'a'))).toEqual(['a 3'])
  expect(seen(pass(rows, 'a', 'b'))).toEqual(['a 4', 'b 1'])
})

test('a device between others keeps the rows of all of them', () => {
  const rows = new KeyedRows(machineDisk, machine)
  pass(rows, 'a', 'b', 'c')
  expect(seen(pass(rows, 'x', 'a', 'b', 'c'))).toEqual(['x 1', 'a 2', 'b 2', 'c 2'])
  expect(seen(pass(rows, 'c', 'a'))).toEqual(['c 3', 'a 3'])
})

test('a name that is listed twice is one row', () => {
  const rows = new KeyedRows(machineDisk, machine)
  expect(pass(rows, 'a', 'a').map((row) => row.keys[0])).toEqual(['a'])
})

test('devices that are left out have no row, and no effect on their neighbours', () => {
  const rows = new KeyedRows(machineDisk, machine, LEFT_OUT_DEVICES)
  const names = ['loop0', 'sda', 'sda1', 'ram3', 'zram0', 'nvme0n1', 'nvme0n1p2', 'dm-0', 'vdb12']
  pass(rows, ...names)
  expect(seen(pass(rows, ...names))).toEqual(['sda 2', 'nvme0n1 2', 'dm-0 2'])
})
