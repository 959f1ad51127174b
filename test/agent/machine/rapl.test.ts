import { describe, expect, test } from 'vitest'
import { nameZones, rapl } from '../../../agent/machine/rapl.ts'
import { copy, fixture, folder, write } from '../fixture.ts'
import { isOff, openReader, rowsOf, shown } from './open.ts'

const AT = '/sys/class/powercap/intel-rapl'

test('joules by zone; the path is that of the machine', () => {
  expect(shown(rowsOf(openReader(rapl, fixture('hardware-made'))(0)))).toEqual({
    [`0 ${AT}:0`]: { package_joules: 240_422.366267 },
    [`0 ${AT}:0:0`]: { core_joules: 118_821.284256 },
    [`0 ${AT}:0:1`]: { uncore_joules: 4012.345678 },
    [`0 ${AT}:0:2`]: { dram_joules: 30_111.222333 },
    [`10 ${AT}:1`]: { package_joules: 1.234567 },
    [`1 ${AT}:1:0`]: { dram_joules: 7.654321 },
    [`0 ${AT}:2`]: { psys_joules: 9991.112223 },
  })
})

test('by a label, where it is asked', () => {
  const root = copy('hardware-made')
  write(root, { 'sys/class/powercap/intel-rapl:2/name': 'platform\n' })
  const rows = rowsOf(openReader(rapl, root, { 'collector.rapl.enable-zone-label': true })(0))
  expect(shown(rows)[`0 ${AT}:2 platform`]).toEqual({ joules: 9991.112223 })
  expect(rows).toHaveLength(7)
  expect(rowsOf(openReader(rapl, root)(0))).toHaveLength(6)
})

test('read each pass', () => {
  const root = copy('hardware-made')
  const read = openReader(rapl, root)
  rowsOf(read(0))
  write(root, { 'sys/class/powercap/intel-rapl:2/energy_uj': '5000000\n' })
  expect(shown(rowsOf(read(10_000)))[`0 ${AT}:2`]).toEqual({ psys_joules: 5 })
})

describe('zones of the same name', () => {
  const f = (names: readonly string[], want: readonly string[]) =>
    expect(nameZones(names).map(({ zone, index }) => `${zone} ${index}`)).toEqual(want)
  test('numbered by their names', () => f(['package-0', 'package-10'], ['package 0', 'package 10']))
  test('counted', () => f(['dram', 'core', 'dram'], ['dram 0', 'core 0', 'dram 1']))
  test('counted on from a number', () => f(['dram-4', 'dram'], ['dram 4', 'dram 5']))
  test('two hyphens are no number', () => f(['package-0-die-1'], ['package-0-die-1 0']))
})

test('off without zones', () => expect(isOff(openReader(rapl, folder())(0))).toBe(true))
