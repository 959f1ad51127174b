/**
 * Energy that processors and memory used.
 *
 * Source: /sys/class/powercap/<driver>:N[:M]/{name,energy_uj}; Documentation/power/powercap/powercap.rst.
 *         Since Linux 5.10 only root may read energy_uj: it tells secrets of computations.
 * Units:  the kernel counts µJ; rows hold joules.
 */
import { machineRapl, machineRaplZone, RAPL_ZONES } from '../../catalog/tables/machine-rapl.ts'
import type { Row } from '../../wire/sample.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { rowOf } from '../read/row-of.ts'
import { Attribute, word } from './attribute.ts'
import { everyMinute } from './minute.ts'
import { type MachineContext, type MachineReader, type Read, rowsOnly } from './reader.ts'

const MICRO = 1e6
const NAME = /^(.*?)(?:-(\d{1,9}))?$/

/**
 * `package-1` is the zone `package` with index 1; zones of the same name without a number, such as the
 * memory of each socket, are counted in the order of their folders.
 */
export function nameZones(names: readonly string[]): { zone: string; index: string }[] {
  const next = new Map<string, number>()
  return names.map((name) => {
    const [, zone = name, number] = name.split('-').length === 2 ? NAME.exec(name)! : []
    const index = number === undefined ? (next.get(zone) ?? 0) : Number(number)
    next.set(zone, index + 1)
    return { zone, index: String(index) }
  })
}

interface Zone {
  readonly values: Float64Array
  readonly column: number
  readonly attribute: Attribute
}

const LABEL = 'collector.rapl.enable-zone-label'

function openRapl({ files, machine, settings }: MachineContext): Read {
  const isLabelled = settings[LABEL] === true
  const kept = new KeptRows(isLabelled ? machineRaplZone : machineRapl, machine)
  const folder = `${files.paths.sysfs}/class/powercap`
  const isDue = everyMinute()
  let zones: Zone[] = []
  let rows: readonly Row[] = []
  const discover = () => {
    for (const { attribute } of zones) attribute.close()
    kept.begin()
    const named = files.names(folder).flatMap((path) => {
      const name = word(files, `${folder}/${path}/name`)
      return name === undefined ? [] : [{ path, name }]
    })
    const names = nameZones(named.map(({ name }) => name))
    zones = named.flatMap(({ path }, i): Zone[] => {
      const { zone, index } = names[i]!
      const column = isLabelled ? 0 : (RAPL_ZONES as readonly string[]).indexOf(zone)
      if (column < 0) return []
      // The path as the machine has it, wherever /sys is mounted for the agent.
      const keys = [index, `/sys/class/powercap/${path}`, ...(isLabelled ? [zone] : [])]
      const values = rowOf(kept, ...keys)
      const attribute = new Attribute(files, `${folder}/${path}/energy_uj`)
      return [{ values, column, attribute }]
    })
    rows = kept.finish()
  }
  return (timeMs) => {
    if (isDue(timeMs)) discover()
    if (zones.length === 0) {
      return {
        reason: `no zones at ${folder}`,
        cure: 'nothing to do: the processor does not count, or a hypervisor hides it',
        notHere: true,
      }
    }
    for (const { values, column, attribute } of zones) values[column] = attribute.read() / MICRO
    if (zones.every(({ attribute }) => attribute.refused)) {
      return { reason: 'energy_uj is readable by root alone', cure: 'run the agent as root' }
    }
    return rowsOnly(rows)
  }
}

export const rapl: MachineReader = {
  name: 'rapl',
  help: 'Energy that processors and memory used: /sys/class/powercap.',
  flags: {
    [LABEL]: {
      type: 'boolean',
      default: false,
      help: 'Name zones by a label of node_rapl_joules_total instead of by a metric each.',
    },
  },
  open: openRapl,
}
