import { describe, expect, test } from 'vitest'
import { md, parseMdstat } from '../../../agent/machine/md.ts'
import { KeptRows } from '../../../agent/read/kept-rows.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { machineMd } from '../../../catalog/tables/machine-md.ts'
import { fixture, folder } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { isOff, MACHINE, openReader, readRows, shown } from './open.ts'

function parse(text: string) {
  const rows = new KeptRows(machineMd, MACHINE)
  rows.begin()
  parseMdstat(text, rows)
  return rows.finish()
}

describe('an array', () => {
  /** [blocks, synced, required, active, failed, spare, state] */
  const f = (name: string, ...want: readonly (number | string)[]) => {
    const row = shown(readRows(md, fixture('hardware-made')))[name]!
    const [state] = Object.keys(row).filter(
      (column) => column.startsWith('state_') && row[column] === 1,
    )
    const columns = ['blocks', 'blocks_synced', 'disks_required']
    const disks = ['disks_active', 'disks_failed', 'disks_spare']
    expect([...[...columns, ...disks].map((column) => row[column]), state]).toEqual(want)
  }
  test('whole', () => f('md0', 976_630_464, 976_630_464, 2, 2, 0, 0, 'state_active'))
  test('rebuilt on a spare', () =>
    f('md1', 1_953_260_544, 83_105_792, 3, 2, 1, 1, 'state_recovering'))
  test('without redundancy', () => f('md2', 314_159_265, 314_159_265, 2, 2, 0, 0, 'state_active'))
  test('resynced', () => f('md3', 195_310_144, 12_207_104, 4, 4, 0, 0, 'state_resync'))
  test('checked', () => f('md4', 195_310_144, 48_827_536, 4, 4, 0, 0, 'state_check'))
  test('to be resynced', () => f('md5', 4_883_648, 0, 2, 2, 0, 0, 'state_resync'))
  test('inactive', () => f('md6', 1_048_576, 1_048_576, 0, 0, 0, 1, 'state_inactive'))
  test('linear', () => f('md7', 2_097_152, 2_097_152, 2, 2, 0, 0, 'state_active'))
  test('resync that waits', () => f('md8', 6_291_456, 0, 2, 2, 0, 0, 'state_resync'))
})

test('none', () => {
  expect(parse('Personalities : \nunused devices: <none>\n')).toEqual([])
})

test('a line that is no array', () => {
  expect(() => parse('md0 active\n')).toThrow(MalformedFile)
})

test('off without the module', () => expect(isOff(openReader(md, folder())(0))).toBe(true))

test('any bytes are a record or malformed', () => {
  const words = [
    'md0 : active raid1 sda1[0]\n',
    '      12 blocks [2/1] [U_]\n',
    'check = 2.0% (1/2)',
  ]
  recordOrMalformed(words, (bytes) =>
    parse(bytes.toString('utf8')).flatMap((row) => [...row.values]),
  )
})
