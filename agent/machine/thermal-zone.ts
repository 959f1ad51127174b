/**
 * Temperatures and coolers that the kernel governs. Zones and their kinds are looked for once a minute.
 *
 * Source: /sys/class/thermal; Documentation/driver-api/thermal/sysfs-api.rst
 * Units:  the kernel counts thousandths of a degree Celsius; rows hold degrees.
 */
import {
  machineCoolingDevice,
  machineThermalZone,
} from '../../catalog/tables/machine-thermal-zone.ts'
import type { Row } from '../../wire/sample.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { rowOf } from '../read/row-of.ts'
import { Attribute, numbered, word } from './attribute.ts'
import { everyMinute } from './minute.ts'
import { type MachineContext, type MachineReader, type Read, rowsOnly } from './reader.ts'

const MILLI = 1000

interface Value {
  readonly values: Float64Array
  readonly column: number
  readonly divisor: number
  readonly attribute: Attribute
}

function openThermal({ files, machine }: MachineContext): Read {
  const zones = new KeptRows(machineThermalZone, machine)
  const coolers = new KeptRows(machineCoolingDevice, machine)
  const folder = `${files.paths.sysfs}/class/thermal`
  const isDue = everyMinute()
  let found: Value[] = []
  let rows: readonly Row[] = []
  const discover = () => {
    for (const { attribute } of found) attribute.close()
    found = []
    zones.begin()
    coolers.begin()
    const take = (values: Float64Array, column: number, path: string, divisor = 1) =>
      found.push({ values, column, divisor, attribute: new Attribute(files, path) })
    for (const [name, zone] of numbered(files, folder, 'thermal_zone')) {
      const type = word(files, `${folder}/${name}/type`)
      if (type === undefined || word(files, `${folder}/${name}/mode`) === 'disabled') continue
      take(rowOf(zones, zone, type), 0, `${folder}/${name}/temp`, MILLI)
    }
    for (const [name, device] of numbered(files, folder, 'cooling_device')) {
      const type = word(files, `${folder}/${name}/type`)
      if (type === undefined) continue
      const values = rowOf(coolers, device, type)
      take(values, 0, `${folder}/${name}/cur_state`)
      take(values, 1, `${folder}/${name}/max_state`)
    }
    rows = [...zones.finish(), ...coolers.finish()]
  }
  return (timeMs) => {
    if (isDue(timeMs)) discover()
    if (found.length === 0) {
      return {
        reason: `no zones at ${folder}`,
        cure: 'nothing to do: virtual machines have none',
        notHere: true,
      }
    }
    for (const { values, column, divisor, attribute } of found) {
      values[column] = attribute.read() / divisor
    }
    return rowsOnly(rows)
  }
}

export const thermalZone: MachineReader = {
  name: 'thermal_zone',
  help: 'Temperatures and coolers: /sys/class/thermal.',
  open: openThermal,
}
