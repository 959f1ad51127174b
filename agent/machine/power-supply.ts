/**
 * Batteries, chargers and mains.
 *
 * Source: /sys/class/power_supply; Documentation/ABI/testing/sysfs-class-power
 * Units:  the kernel counts µV, µA, µW and tenths of a degree; rows hold base units.
 */
import {
  machinePowerSupply,
  machinePowerSupplyInfo,
  POWER_SUPPLY_WORDS,
  powerSupplyColumns,
} from '../../catalog/tables/machine-power-supply.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { infoOf, rowOf } from '../read/row-of.ts'
import { number, word } from './attribute.ts'
import { type MachineReader, rowsOnly } from './reader.ts'

const IGNORED = 'collector.powersupply.ignored-supplies'

export const powerSupply: MachineReader = {
  name: 'powersupplyclass',
  help: 'Batteries, chargers and mains: /sys/class/power_supply.',
  slow: true,
  flags: {
    [IGNORED]: {
      type: 'string',
      form: 'regexp',
      value: 'REGEXP',
      help: 'Power supplies to leave out.',
    },
  },
  open: ({ files, machine, settings }) => {
    const figures = new KeptRows(machinePowerSupply, machine)
    const info = new KeptRows(machinePowerSupplyInfo, machine)
    const folder = `${files.paths.sysfs}/class/power_supply`
    const pattern = settings[IGNORED] as string | undefined
    const ignored = pattern === undefined ? undefined : new RegExp(pattern)
    return () => {
      const supplies = files.names(folder).filter((name) => ignored?.test(name) !== true)
      if (supplies.length === 0) {
        return {
          reason: `nothing at ${folder}`,
          cure: 'nothing to do: servers tell of none',
          notHere: true,
        }
      }
      figures.begin()
      info.begin()
      for (const supply of supplies) {
        const values = rowOf(figures, supply)
        for (const file of files.names(`${folder}/${supply}`)) {
          const known = powerSupplyColumns.get(file)
          if (known === undefined) continue
          values[known.column] = number(files, `${folder}/${supply}/${file}`) / known.divisor
        }
        const words = POWER_SUPPLY_WORDS.map((file) => word(files, `${folder}/${supply}/${file}`))
        infoOf(info, supply, ...words.map((text) => text ?? ''))
      }
      return rowsOnly([...figures.finish(), ...info.finish()])
    }
  },
}
