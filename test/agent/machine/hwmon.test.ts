import { rmSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clean, hwmon, parseSensorFile } from '../../../agent/machine/hwmon.ts'
import type { Row } from '../../../wire/sample.ts'
import { copy, fixture, folder, write } from '../fixture.ts'
import { isOff, openReader, rowsOf, shown } from './open.ts'

const HARDWARE = fixture('hardware-made')
const of = (rows: readonly Row[], table: string) =>
  shown(rows.filter((row) => row.table.name === table))

describe('a file of a sensor', () => {
  const f = (file: string, type: string, sensor: string, element: string) =>
    expect(parseSensorFile(file)).toEqual({ type, sensor, element })
  test('measured', () => f('temp1_input', 'temp', 'temp1', 'input'))
  test('with a word more', () =>
    f('power2_average_interval', 'power', 'power2', 'average_interval'))
  test('without an element', () => f('pwm3', 'pwm', 'pwm3', ''))
  test('of the whole chip', () => f('beep_enable', 'beep_enable', 'beep_enable0', ''))
  test('others', () =>
    expect(['name', 'uevent', 'device', '1'].map(parseSensorFile)).toEqual(
      Array.from({ length: 4 }),
    ))
})

test('any name is a sensor or none', () => {
  fc.assert(
    fc.property(fc.string(), (name) => {
      expect(['undefined', 'object']).toContain(typeof parseSensorFile(name))
    }),
  )
})

test('names are cleaned as they always were', () => {
  expect(clean('Nct6775.656 ')).toBe('nct6775_656')
  expect(clean('__x__')).toBe('x')
})

test('chips get their names by device, by their own name, by their number', () => {
  const rows = rowsOf(openReader(hwmon, HARDWARE)(0))
  const chips = new Set(Object.keys(of(rows, 'machine_hwmon')).map((key) => key.split(' ')[0]))
  expect(chips).toEqual(
    new Set([
      'platform_coretemp_0',
      'platform_nct6775_656',
      '0000:00:1d_0_power_meter_1',
      'acpitz',
      'hwmon4',
    ]),
  )
  expect(Object.keys(of(rows, 'machine_hwmon_chip'))).toContain('platform_nct6775_656 nct6779')
})

test('units and labels', () => {
  const rows = rowsOf(openReader(hwmon, HARDWARE)(0))
  const sensors = of(rows, 'machine_hwmon')
  expect(sensors['platform_coretemp_0 temp2']).toEqual({
    temp_input: 54,
    temp_max: 84,
    temp_crit: 100,
    temp_crit_alarm: 0.001,
  })
  // Frequencies are known by what they drive.
  expect(sensors['0000:00:1d_0_power_meter_1 sclk']).toEqual({ freq_input: 1800 })
  expect(Object.keys(of(rows, 'machine_hwmon_label'))).toContain('platform_nct6775_656 in0 Vcore')
})

test('measured values and alarms each pass, limits each minute; sensors come and go', () => {
  const root = copy('hardware-made')
  const at = 'sys/devices/virtual/hwmon/hwmon3'
  const read = openReader(hwmon, root)
  const acpi = (timeMs: number) => of(rowsOf(read(timeMs)), 'machine_hwmon')['acpitz temp1']
  expect(acpi(0)).toEqual({ temp_input: 27.8, temp_crit: 119 })
  write(root, { [`${at}/temp1_input`]: '30000\n', [`${at}/temp1_crit`]: '90000\n' })
  expect(acpi(10_000)).toEqual({ temp_input: 30, temp_crit: 119 })
  expect(acpi(60_000)).toEqual({ temp_input: 30, temp_crit: 90 })
  rmSync(`${root}/${at}/temp1_crit`)
  expect(acpi(120_000)).toEqual({ temp_input: 30 })
  rmSync(`${root}/${at}/temp1_input`)
  expect(acpi(180_000)).toBeUndefined()
})

test('off without chips', () => expect(isOff(openReader(hwmon, folder())(0))).toBe(true))
