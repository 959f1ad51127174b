import { describe, expect, test } from 'vitest'
import { parseSchedstat, schedstat } from '../../../agent/machine/schedstat.ts'
import { KeyedRows } from '../../../agent/read/keyed-rows.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { machineSchedstat } from '../../../catalog/tables/machine-schedstat.ts'
import { fixture } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { MACHINE, readRows, shown } from './open.ts'

function parse(text: string) {
  const rows = new KeyedRows(machineSchedstat, MACHINE)
  const bytes = Buffer.from(text, 'latin1')
  parseSchedstat(bytes, bytes.length, rows)
  return rows.finish()
}

test('ns become seconds; domains are passed over', () => {
  const rows = shown(readRows(schedstat, fixture('hardware-made')))
  expect(Object.keys(rows)).toEqual(['0', '1', '2', '3'])
  expect(rows['0']).toEqual({
    running: 2_045_936.778163039,
    waiting: 343_796.328169361,
    timeslices: 4_767_485_306,
  })
})

describe('malformed', () => {
  const f = (text: string) => expect(() => parse(text)).toThrow(MalformedFile)
  test('no version', () => f('cpu0 1 2 3 4 5 6 7 8 9\n'))
  test('too few numbers', () => f('version 15\ncpu0 1 2 3 4 5 6 7 8\n'))
})

test('any bytes are a record or malformed', () => {
  recordOrMalformed(['version 15\n', 'cpu0 ', '1 2 3 4 5 6 7 8 9\n'], (bytes) =>
    parse(bytes.toString('latin1')).flatMap((row) => [...row.values]),
  )
})
