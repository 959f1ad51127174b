import { expect, test } from 'vitest'
import { thermalZone } from '../../../agent/machine/thermal-zone.ts'
import { copy, fixture, folder, write } from '../fixture.ts'
import { isOff, openReader, rowsOf, shown } from './open.ts'

test('degrees, and coolers', () => {
  expect(shown(rowsOf(openReader(thermalZone, fixture('hardware-made'))(0)))).toEqual({
    '0 acpitz': { temp: 27.8 },
    '1 x86_pkg_temp': { temp: 55 },
    '2 iwlwifi_1': { temp: -44 },
    '0 Processor': { cur_state: 0, max_state: 10 },
    '1 intel_powerclamp': { cur_state: -1, max_state: 100 },
  })
})

test('read each pass; zones that are disabled go within a minute', () => {
  const root = copy('hardware-made')
  const zone = 'sys/class/thermal/thermal_zone0'
  const read = openReader(thermalZone, root)
  rowsOf(read(0))
  write(root, { [`${zone}/temp`]: '30000\n', [`${zone}/mode`]: 'disabled\n' })
  expect(shown(rowsOf(read(10_000)))['0 acpitz']).toEqual({ temp: 30 })
  expect(shown(rowsOf(read(60_000)))).not.toHaveProperty('0 acpitz')
})

test('off without zones', () => expect(isOff(openReader(thermalZone, folder())(0))).toBe(true))
