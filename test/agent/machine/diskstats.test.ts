import { describe, expect, test } from 'vitest'
import { diskstats, parseDiskstats } from '../../../agent/machine/diskstats.ts'
import { KeyedRows } from '../../../agent/read/keyed-rows.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { machineDisk } from '../../../catalog/tables/machine-disk.ts'
import { fixture, present } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { readRows, type Settings } from './open.ts'

function read(text: string) {
  const rows = new KeyedRows(machineDisk, { kind: 'machine', attributes: {} })
  const bytes = Buffer.from(text, 'latin1')
  parseDiskstats(bytes, bytes.length, rows)
  return rows.finish()
}

test('sectors and milliseconds become bytes and seconds', () => {
  const [row] = read(
    ' 254       0 vda 30978 8047 2385290 6040 9325 15044 5255776 19575 3 5656 25993 4457 31 87080 337 1166 40 99 98\n',
  )
  expect(row!.keys).toEqual(['vda'])
  const want = {
    reads: 30978,
    reads_merged: 8047,
    read_bytes: 2385290 * 512,
    read_seconds: 6.04,
    writes: 9325,
    writes_merged: 15044,
    written_bytes: 5255776 * 512,
    write_seconds: 19.575,
    io_now: 3,
    io_seconds: 5.656,
    io_weighted_seconds: 25.993,
    discards: 4457,
    discards_merged: 31,
    discarded_sectors: 87080,
    discard_seconds: 0.337,
    flushes: 1166,
    flush_seconds: 0.04,
  }
  const got = present(row!)
  expect(Object.keys(got)).toEqual(Object.keys(want))
  for (const [column, value] of Object.entries(want)) expect(got[column]).toBeCloseTo(value, 9)
})

test('kernels without discards and flushes leave them absent', () => {
  const [row] = read('   8       0 sda 1 2 3 4 5 6 7 8 9 10 11\n')
  expect(Object.keys(present(row!))).toHaveLength(11)
})

test('no devices is no error', () => {
  expect(read('')).toEqual([])
})

describe('malformed', () => {
  const f = (text: string) => expect(() => read(text)).toThrow(MalformedFile)
  test('no numbers of the device', () => f('sda 1 2 3 4\n'))
  test('no name', () => f('   8       0\n'))
  test('no counters', () => f('   8       0 sda\n'))
})

test('any bytes are a record or malformed', () => {
  recordOrMalformed(['8 0 sda ', '1 2 3 4 5 6 7 8 9 10 11\n'], (bytes) =>
    read(bytes.toString('latin1')).flatMap((row) => [...row.values]),
  )
})

describe('which devices are shown', () => {
  const f = (settings: Settings, want: readonly string[]) => {
    const rows = readRows(diskstats, fixture('v2-kubernetes-6.8'), settings)
    expect(rows.map(({ keys }) => keys[0])).toEqual(want)
  }
  const flag = (name: string, value: string) => ({ [`collector.diskstats.device-${name}`]: value })
  test('by default', () => f({}, ['nvme0n1', 'dm-0']))
  test('all but some', () => f(flag('exclude', '^dm-'), ['nvme0n1', 'nvme0n1p1', 'loop3']))
  test('only some', () => f(flag('include', 'p1$'), ['nvme0n1p1']))
})
