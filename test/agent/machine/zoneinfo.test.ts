import { describe, expect, test } from 'vitest'
import { parseZoneinfo, zoneinfo } from '../../../agent/machine/zoneinfo.ts'
import { KeptRows } from '../../../agent/read/kept-rows.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { machineZone } from '../../../catalog/tables/machine-numa.ts'
import { fixture } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { MACHINE, readRows, shown } from './open.ts'

function read(text: string) {
  const rows = new KeptRows(machineZone, MACHINE)
  parseZoneinfo(text, rows)
  return shown(rows.finish())
}

test('what belongs to the node stands at its first zone; per-CPU lists are not taken for watermarks', () => {
  const rows = shown(readRows(zoneinfo, fixture('hybrid-firecracker-6.18')))
  expect(Object.keys(rows)).toEqual(expect.arrayContaining(['0 DMA', '0 DMA32', '0 Normal']))
  expect(rows['0 DMA']).toMatchObject({ nr_kernel_stack: expect.any(Number), high: 30, low: 25 })
  expect(rows['0 DMA32']).not.toHaveProperty('nr_kernel_stack')
})

test('as many protections as there are zones', () => {
  const text = 'Node 0, zone  DMA\n  pages free 3\n  protection: (0, 11, 12)\n  nr_free_pages 3\n'
  expect(read(text)).toEqual({
    '0 DMA': { nr_free_pages: 3, protection_0: 0, protection_1: 11, protection_2: 12 },
  })
})

describe('malformed', () => {
  const f = (text: string) => expect(() => read(text)).toThrow(MalformedFile)
  test('no zone', () => f('  nr_free_pages 3\n'))
  test('no number', () => f('Node 0, zone DMA\n  nr_free_pages x\n'))
})

test('any bytes are a record or malformed', () => {
  recordOrMalformed(
    ['Node 0, zone DMA\n', ' nr_free_pages ', ' protection: (', ', ', ')\n'],
    (bytes) => Object.values(read(bytes.toString('latin1'))).flatMap((row) => Object.values(row)),
  )
})
