/**
 * Events of the memory manager since boot.
 *
 * Source: /proc/vmstat, include/linux/vm_event_item.h
 * Units:  counts; `pgpgin` and `pgpgout` are KiB.
 */
import { machine, vmstatColumns } from '../../catalog/tables/machine.ts'
import { columnOf } from '../../catalog/tables.ts'
import { KeyedFile } from '../read/keyed-file.ts'
import { columnsOf, type MachineReader } from './reader.ts'

const file = new KeyedFile(
  'vmstat',
  vmstatColumns.map(({ key, column }) => ({ key, column: columnOf(machine, column), factor: 1 })),
)

export function parseVmstat(bytes: Uint8Array, end: number, values: Float64Array): void {
  file.parse(bytes, end, values)
}

export const vmstat: MachineReader = {
  name: 'vmstat',
  help: 'Page faults, swapping, OOM kills: /proc/vmstat.',
  open: columnsOf('vmstat', parseVmstat, 'readAll'),
}
