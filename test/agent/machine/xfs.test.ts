import { expect, test } from 'vitest'
import { parseXfsStats, xfs } from '../../../agent/machine/xfs.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { machineXfs } from '../../../catalog/tables/machine-xfs.ts'
import { emptyRow } from '../../../wire/sample.ts'
import { fixture, present } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { isOff, MACHINE, openReader } from './open.ts'

function read(text: string) {
  const row = emptyRow(machineXfs, MACHINE)
  parseXfsStats(text, row.values)
  return present(row)
}

test('lines in any order, as far as they go', () => {
  expect(read('rw 5 6\nextent_alloc 1 2\nnew 9\n')).toEqual({
    extent_allocation_extents_allocated: 1,
    extent_allocation_blocks_allocated: 2,
    write_calls: 5,
    read_calls: 6,
  })
})

test('the sums of all file systems are none of a device', () => {
  expect(isOff(openReader(xfs, fixture('hybrid-firecracker-6.18'))(0))).toBe(true)
})

test('a line without numbers is malformed', () => {
  expect(() => read('rw x 6\n')).toThrow(MalformedFile)
})

test('any bytes are a record or malformed', () => {
  recordOrMalformed(['extent_alloc 1 2 3 4\n', 'vnodes ', 'rw '], (bytes) =>
    Object.values(read(bytes.toString('latin1'))),
  )
})
