/**
 * Where the machine's memory is.
 *
 * Source: /proc/meminfo; Documentation/filesystems/proc.rst, "meminfo"
 * Units:  the kernel prints KiB and writes `kB`; rows hold bytes, but `HugePages_*` count pages.
 */
import { machine, meminfoColumns } from '../../catalog/tables/machine.ts'
import { columnOf } from '../../catalog/tables.ts'
import { KeyedFile } from '../read/keyed-file.ts'
import { columnsOf, type MachineReader } from './reader.ts'

const file = new KeyedFile(
  'meminfo',
  meminfoColumns.map(({ key, column, factor }) => ({
    key,
    column: columnOf(machine, column),
    factor,
  })),
)

export function parseMeminfo(bytes: Uint8Array, end: number, values: Float64Array): void {
  file.parse(bytes, end, values)
}

export const meminfo: MachineReader = {
  name: 'meminfo',
  help: 'Memory: /proc/meminfo.',
  open: columnsOf('meminfo', parseMeminfo),
}
