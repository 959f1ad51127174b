import { expect, test } from 'vitest'
import { parseSoftirqs, softirqs } from '../../../agent/machine/softirqs.ts'
import { KeptRows } from '../../../agent/read/kept-rows.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { machineSoftirqs } from '../../../catalog/tables/machine-interrupts.ts'
import { fixture } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { MACHINE, readRows, shown } from './open.ts'

function parse(text: string) {
  const rows = new KeptRows(machineSoftirqs, MACHINE)
  rows.begin()
  parseSoftirqs(text, rows)
  return rows.finish()
}

test('by CPU and kind', () => {
  const rows = shown(readRows(softirqs, fixture('hardware-made')))
  expect(Object.keys(rows)).toHaveLength(40)
  expect(rows['1 TIMER']).toEqual({ count: 108_342 })
})

test('no heading', () => {
  expect(() => parse('HI: 1\n')).toThrow(MalformedFile)
})

test('any bytes are a record or malformed', () => {
  recordOrMalformed(['CPU0 CPU1\n', 'HI: ', ' 2 3\n'], (bytes) =>
    parse(bytes.toString('latin1')).flatMap((row) => [...row.values]),
  )
})
