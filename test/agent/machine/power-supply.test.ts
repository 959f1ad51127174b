import { expect, test } from 'vitest'
import { powerSupply } from '../../../agent/machine/power-supply.ts'
import { fixture, folder } from '../fixture.ts'
import { isOff, openReader, readRows, shown } from './open.ts'

test('figures in base units, words as labels', () => {
  const rows = shown(readRows(powerSupply, fixture('hardware-made')))
  expect(rows['AC']).toEqual({ online: 0 })
  expect(rows['BAT0']).toMatchObject({
    capacity: 81,
    energy_watthour: 36.58,
    temp_celsius: 30.1,
    time_to_empty_seconds: 26_320,
    voltage_volt: 11.66,
  })
  expect(
    rows['BAT0 Normal Standard Good LGC LNV-45N1•••• 38109 Discharging Li-ion Battery  System'],
  ).toEqual({
    info: 1,
  })
})

test('some may be left out', () => {
  const settings = { 'collector.powersupply.ignored-supplies': '^AC$' }
  const rows = readRows(powerSupply, fixture('hardware-made'), settings)
  expect(new Set(rows.map(({ keys }) => keys[0]))).toEqual(new Set(['BAT0']))
})

test('off where there is none', () =>
  expect(isOff(openReader(powerSupply, folder())(0))).toBe(true))
