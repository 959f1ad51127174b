import { describe, expect, test } from 'vitest'
import { arp, parseArp } from '../../../agent/machine/arp.ts'
import { KeptRows } from '../../../agent/read/kept-rows.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { machineArp } from '../../../catalog/tables/machine-arp.ts'
import { copy, fixture, folder, write } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { MACHINE, openReader, readRows, rowsOf, shown } from './open.ts'

const HEADING = 'IP address       HW type     Flags       HW address            Mask     Device\n'
const line = (device: string) => `192.0.2.1        0x1  0x2  02:00:5e:00:00:01     *   ${device}\n`

function read(text: string) {
  const rows = new KeptRows(machineArp, MACHINE)
  const bytes = Buffer.from(text, 'latin1')
  rows.begin()
  parseArp(bytes, bytes.length, rows)
  return rows.finish()
}

test('neighbours by device, those that did not answer among them', () => {
  expect(shown(readRows(arp, fixture('v1-centos7-3.10')))).toEqual({
    bond0: { entries: 2 },
    eth0: { entries: 1 },
  })
})

test('a device whose last neighbour went has no row, and no sum of the pass before', () => {
  const root = copy('v1-centos7-3.10')
  const pass = openReader(arp, root)
  pass(0)
  write(root, { 'proc/net/arp': HEADING + line('eth0') })
  expect(shown(rowsOf(pass(10_000)))).toEqual({ eth0: { entries: 1 } })
})

test('more neighbours than fit the buffer', () => {
  const root = folder()
  write(root, { 'proc/net/arp': HEADING + line('eth0').repeat(30_000) })
  expect(shown(readRows(arp, root))).toEqual({ eth0: { entries: 30_000 } })
})

describe('devices that people want', () => {
  const f = (flag: string, value: string, want: readonly string[]) => {
    const rows = readRows(arp, fixture('v1-centos7-3.10'), { [`collector.arp.${flag}`]: value })
    expect(rows.map(({ keys }) => keys[0])).toEqual(want)
  }
  test('included', () => f('device-include', '^bond', ['bond0']))
  test('excluded', () => f('device-exclude', '^bond', ['eth0']))
})

test('no neighbours, no rows', () => expect(read(HEADING)).toEqual([]))

test('malformed: too few words', () => {
  expect(() => read(`${HEADING}192.0.2.1 0x1\n`)).toThrow(MalformedFile)
})

test('any bytes are a record or malformed', () => {
  recordOrMalformed([HEADING, line('eth0'), '192.0.2.1 '], (bytes) =>
    read(bytes.toString('latin1')).flatMap((row) => [...row.values]),
  )
})
