/**
 * Timers that reset a machine which hangs.
 *
 * Source: /sys/class/watchdog/watchdogN; Documentation/ABI/testing/sysfs-class-watchdog
 * Units:  seconds.
 */
import { machineWatchdog, machineWatchdogInfo } from '../../catalog/tables/machine-watchdog.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { infoOf, rowOf } from '../read/row-of.ts'
import { number, word } from './attribute.ts'
import { type MachineReader, rowsOnly } from './reader.ts'

const COLUMNS = machineWatchdog.metrics.map(({ column }) => column)
const WORDS = machineWatchdogInfo.keys.slice(1).map(({ label }) => label)

export const watchdog: MachineReader = {
  name: 'watchdog',
  help: 'Timers that reset a machine which hangs: /sys/class/watchdog.',
  slow: true,
  open: ({ files, machine }) => {
    const figures = new KeptRows(machineWatchdog, machine)
    const info = new KeptRows(machineWatchdogInfo, machine)
    const folder = `${files.paths.sysfs}/class/watchdog`
    return () => {
      const names = files.names(folder)
      if (names.length === 0) {
        return {
          reason: `nothing at ${folder}`,
          cure: 'nothing to do, or load a watchdog driver',
          notHere: true,
        }
      }
      figures.begin()
      info.begin()
      for (const name of names) {
        const values = rowOf(figures, name)
        COLUMNS.forEach((file, i) => (values[i] = number(files, `${folder}/${name}/${file}`)))
        infoOf(info, name, ...WORDS.map((file) => word(files, `${folder}/${name}/${file}`) ?? ''))
      }
      return rowsOnly([...figures.finish(), ...info.finish()])
    }
  },
}
