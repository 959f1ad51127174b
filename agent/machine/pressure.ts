/** Pressure of the whole machine: /proc/pressure. The parser is shared with cgroups. */
import { machine } from '../../catalog/tables/machine.ts'
import { columnOf } from '../../catalog/tables.ts'
import { parsePressure } from '../read/pressure.ts'
import { MACHINE_ONLY, type MachineContext, type MachineReader, type Read } from './reader.ts'

/** `full` of cpu is always 0 for a whole machine; irq has no `some`. */
const PRESSURE = (
  [
    ['cpu', 'pressure_cpu_waiting_seconds', undefined],
    ['memory', 'pressure_memory_waiting_seconds', 'pressure_memory_stalled_seconds'],
    ['io', 'pressure_io_waiting_seconds', 'pressure_io_stalled_seconds'],
    ['irq', undefined, 'pressure_irq_stalled_seconds'],
  ] as const
).map(([resource, some, full]) => ({
  path: `pressure/${resource}`,
  columns: {
    some: some === undefined ? -1 : columnOf(machine, some),
    full: full === undefined ? -1 : columnOf(machine, full),
  },
}))

function pressureOf({ files, values }: MachineContext): Read {
  const sources = PRESSURE.map(({ path, columns }) => ({ file: files.proc(path), columns }))
  return () => {
    let found = 0
    for (const { file, columns } of sources) {
      const end = files.read(file)
      if (end < 0) continue
      parsePressure(files.bytes, end, values, columns)
      found += 1
    }
    if (found > 0) return MACHINE_ONLY
    return {
      reason: 'kernel booted without PSI',
      cure: 'add psi=1 to the kernel command line (Linux 4.20 or later)',
    }
  }
}

export const pressure: MachineReader = {
  name: 'pressure',
  help: 'Pressure stall information: /proc/pressure.',
  open: pressureOf,
}
