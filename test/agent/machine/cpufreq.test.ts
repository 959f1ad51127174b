import { expect, test } from 'vitest'
import { cpufreq } from '../../../agent/machine/cpufreq.ts'
import type { Row } from '../../../wire/sample.ts'
import { copy, fixture, write } from '../fixture.ts'
import { isOff, openReader, rowsOf, shown } from './open.ts'

const of = (rows: readonly Row[], table: string) =>
  shown(rows.filter((row) => row.table.name === table))

test('frequencies in Hz, limits and governors', () => {
  const rows = rowsOf(openReader(cpufreq, fixture('hardware-made'))(0))
  const current = of(rows, 'machine_cpu_frequency')
  expect(current['1']).toEqual({ frequency: 1_600_001_000, scaling_frequency: 799_999_000 })
  expect(current['2']).toEqual({ scaling_frequency: 800_000_000 })
  expect(of(rows, 'machine_cpu_frequency_limit')['3']).toEqual({
    frequency_min: 4e8,
    frequency_max: 4.2e9,
    scaling_frequency_min: 4e8,
    scaling_frequency_max: 3.8e9,
  })
  const governors = of(rows, 'machine_cpu_governor')
  expect(governors['0 powersave']).toEqual({ scaling_governor: 1 })
  expect(governors['0 performance']).toEqual({ scaling_governor: 0 })
})

test('frequencies are read each pass, limits each minute; rows stay the same', () => {
  const root = copy('hardware-made')
  const read = openReader(cpufreq, root)
  const first = rowsOf(read(0))
  const at = 'sys/devices/system/cpu/cpu0/cpufreq'
  write(root, { [`${at}/scaling_cur_freq`]: '1000\n', [`${at}/scaling_max_freq`]: '2000\n' })
  const soon = rowsOf(read(10_000))
  expect(soon).toEqual(first)
  expect(of(soon, 'machine_cpu_frequency')['0']!['scaling_frequency']).toBe(1e6)
  expect(of(soon, 'machine_cpu_frequency_limit')['0']!['scaling_frequency_max']).toBe(3.8e9)
  const later = rowsOf(read(60_000))
  expect(later.every((row, i) => row === first[i])).toBe(true)
  expect(of(later, 'machine_cpu_frequency_limit')['0']!['scaling_frequency_max']).toBe(2e6)
})

test('off without a driver', () => {
  expect(isOff(openReader(cpufreq, fixture('hybrid-firecracker-6.18'))(0))).toBe(true)
})
