/** Batteries and mains: /sys/class/power_supply. */
import type { Table } from '../metric.ts'
import { family, type Short } from './family.ts'
import { infoTable, keysOf } from './info.ts'

type Unit = '1' | 's' | 'A' | 'A.h' | 'V' | 'W' | 'W.h' | 'Cel'

/** [file, name of the metric, unit]; Documentation/ABI/testing/sysfs-class-power. */
const FILES: readonly (readonly [file: string, name: string, unit: Unit])[] = [
  ['authentic', 'authentic', '1'],
  ['calibrate', 'calibrate', '1'],
  ['capacity', 'capacity', '1'],
  ['capacity_alert_max', 'capacity_alert_max', '1'],
  ['capacity_alert_min', 'capacity_alert_min', '1'],
  ['cycle_count', 'cyclecount', '1'],
  ['online', 'online', '1'],
  ['present', 'present', '1'],
  ['time_to_empty_now', 'time_to_empty_seconds', 's'],
  ['time_to_full_now', 'time_to_full_seconds', 's'],
  ['current_boot', 'current_boot', 'A'],
  ['current_max', 'current_max', 'A'],
  ['current_now', 'current_ampere', 'A'],
  ['energy_empty', 'energy_empty', 'W.h'],
  ['energy_empty_design', 'energy_empty_design', 'W.h'],
  ['energy_full', 'energy_full', 'W.h'],
  ['energy_full_design', 'energy_full_design', 'W.h'],
  ['energy_now', 'energy_watthour', 'W.h'],
  ['voltage_boot', 'voltage_boot', 'V'],
  ['voltage_max', 'voltage_max', 'V'],
  ['voltage_max_design', 'voltage_max_design', 'V'],
  ['voltage_min', 'voltage_min', 'V'],
  ['voltage_min_design', 'voltage_min_design', 'V'],
  ['voltage_now', 'voltage_volt', 'V'],
  ['voltage_ocv', 'voltage_ocv', 'V'],
  ['charge_control_limit', 'charge_control_limit', 'A'],
  ['charge_control_limit_max', 'charge_control_limit_max', 'A'],
  ['charge_counter', 'charge_counter', 'A.h'],
  ['charge_empty', 'charge_empty', 'A.h'],
  ['charge_empty_design', 'charge_empty_design', 'A.h'],
  ['charge_full', 'charge_full', 'A.h'],
  ['charge_full_design', 'charge_full_design', 'A.h'],
  ['charge_now', 'charge_ampere', 'A.h'],
  ['charge_term_current', 'charge_term_current', 'A'],
  ['constant_charge_current', 'constant_charge_current', 'A'],
  ['constant_charge_current_max', 'constant_charge_current_max', 'A'],
  ['constant_charge_voltage', 'constant_charge_voltage', 'V'],
  ['constant_charge_voltage_max', 'constant_charge_voltage_max', 'V'],
  ['precharge_current', 'precharge_current', 'A'],
  ['input_current_limit', 'input_current_limit', 'A'],
  ['power_now', 'power_watt', 'W'],
  ['temp', 'temp_celsius', 'Cel'],
  ['temp_alert_max', 'temp_alert_max_celsius', 'Cel'],
  ['temp_alert_min', 'temp_alert_min_celsius', 'Cel'],
  ['temp_ambient', 'temp_ambient_celsius', 'Cel'],
  ['temp_ambient_max', 'temp_ambient_max_celsius', 'Cel'],
  ['temp_ambient_min', 'temp_ambient_min_celsius', 'Cel'],
  ['temp_max', 'temp_max_celsius', 'Cel'],
  ['temp_min', 'temp_min_celsius', 'Cel'],
]

/** The kernel counts µA, µV, µW and tenths of a degree. */
const DIVISOR: Readonly<Record<Unit, number>> = {
  '1': 1,
  s: 1,
  A: 1e6,
  'A.h': 1e6,
  V: 1e6,
  W: 1e6,
  'W.h': 1e6,
  Cel: 10,
}

/** By file: position of its column, and what its number is divided by. */
export const powerSupplyColumns: ReadonlyMap<string, { column: number; divisor: number }> = new Map(
  FILES.map(([file, , unit], column) => [file, { column, divisor: DIVISOR[unit] }]),
)

export const machinePowerSupply: Table = {
  name: 'machine_power_supply',
  entity: 'machine',
  keys: keysOf('candor.power_supply', 'power_supply'),
  rows: 'one a battery, charger or mains',
  narrow: true,
  slow: true,
  metrics: FILES.flatMap(([file, name, unit]) =>
    family('power_supply', `/sys/class/power_supply/*/${file}`, [
      [
        name,
        `node_power_supply_${name}`,
        'gauge',
        unit,
        `The driver's ${file}${unit === '1' || unit === 's' ? '' : ', in base units'}.`,
      ] satisfies Short,
    ]),
  ),
}

/** Files that hold a word, which are labels of the same name. */
export const POWER_SUPPLY_WORDS = [
  'capacity_level',
  'charge_type',
  'health',
  'manufacturer',
  'model_name',
  'serial_number',
  'status',
  'technology',
  'type',
  'usb_type',
  'scope',
] as const

export const machinePowerSupplyInfo = infoTable({
  name: 'machine_power_supply_info',
  prom: 'node_power_supply_info',
  otel: 'candor.system.power_supply.info',
  keys: keysOf('candor.power_supply', 'power_supply', ...POWER_SUPPLY_WORDS),
  rows: 'one a battery, charger or mains',
  help: 'What the supply is and how it does; always 1.',
  source: '/sys/class/power_supply/*',
})
