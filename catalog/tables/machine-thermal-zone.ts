/** Temperatures and coolers that the kernel governs: /sys/class/thermal. */
import type { Table } from '../metric.ts'
import { family } from './family.ts'
import { keysOf } from './info.ts'

export const machineThermalZone: Table = {
  name: 'machine_thermal_zone',
  entity: 'machine',
  keys: keysOf('candor.thermal', 'zone', 'type'),
  rows: 'one a thermal zone that is not disabled',
  narrow: true,
  metrics: family('thermal', '/sys/class/thermal/thermal_zoneN/temp ÷ 1000', [
    ['temp', 'node_thermal_zone_temp', 'gauge', 'Cel', 'Temperature of the zone.'],
  ]),
}

export const machineCoolingDevice: Table = {
  name: 'machine_cooling_device',
  entity: 'machine',
  keys: keysOf('candor.thermal', 'name', 'type'),
  rows: 'one a cooling device',
  narrow: true,
  metrics: family('thermal', '/sys/class/thermal/cooling_deviceN/{cur,max}_state', [
    [
      'cur_state',
      'node_cooling_device_cur_state',
      'gauge',
      '1',
      'How much the device cools now; -1 where its driver does not know.',
    ],
    ['max_state', 'node_cooling_device_max_state', 'gauge', '1', 'The most that it can cool.'],
  ]),
}
