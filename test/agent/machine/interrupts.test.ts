import { describe, expect, test } from 'vitest'
import { interrupts, parseInterrupts } from '../../../agent/machine/interrupts.ts'
import { KeptRows } from '../../../agent/read/kept-rows.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { machineInterrupts } from '../../../catalog/tables/machine-interrupts.ts'
import { fixture } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { MACHINE, readRows, shown } from './open.ts'

function parse(text: string) {
  const rows = new KeptRows(machineInterrupts, MACHINE)
  rows.begin()
  parseInterrupts(text, rows)
  return rows.finish()
}

test('lines and what the CPUs interrupt themselves for', () => {
  const rows = shown(readRows(interrupts, fixture('hybrid-firecracker-6.18')))
  expect(rows['0 24 IO-APIC 5-edge ACPI:Ged']).toEqual({ count: 1 })
  expect(rows['1 TLB TLB shootdowns ']!['count']).toBeGreaterThan(0)
})

test('CPUs have the numbers of the heading', () => {
  expect(shown(parse('   CPU0  CPU2\n 1:  4  5  X  2-edge  a, b\n'))).toEqual({
    '0 1 X 2-edge a, b': { count: 4 },
    '2 1 X 2-edge a, b': { count: 5 },
  })
})

test('no blank after the colon', () => {
  expect(shown(parse('CPU0\nIPI0:123 Rescheduling interrupts\n'))).toEqual({
    '0 IPI0 Rescheduling interrupts ': { count: 123 },
  })
})

test('one number for all CPUs is left out', () => {
  expect(parse('CPU0 CPU1\nERR: 7\n')).toEqual([])
  expect(parse('CPU0\nERR: 7\n')).toEqual([])
})

describe('malformed', () => {
  const f = (text: string) => expect(() => parse(text)).toThrow(MalformedFile)
  test('no heading', () => f(''))
  test('another heading', () => f('CPU0 X\n'))
  test('no count', () => f('CPU0\n1: x y\n'))
})

test('any bytes are a record or malformed', () => {
  recordOrMalformed(['CPU0 CPU1\n', '1: ', ' 2 3 x\n'], (bytes) =>
    parse(bytes.toString('latin1')).flatMap((row) => [...row.values]),
  )
})
