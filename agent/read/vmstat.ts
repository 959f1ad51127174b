/**
 * Events of the memory manager since boot.
 *
 * Source: /proc/vmstat, include/linux/vm_event_item.h
 * Units:  counts; `pgpgin` and `pgpgout` are KiB.
 */
import { machine, vmstatColumns } from '../../catalog/tables/machine.ts'
import { columnOf } from '../../catalog/tables.ts'
import { KeyedFile } from './keyed-file.ts'

const file = new KeyedFile(
  'vmstat',
  vmstatColumns.map(({ key, column }) => ({ key, column: columnOf(machine, column), factor: 1 })),
)

export function parseVmstat(bytes: Uint8Array, end: number, values: Float64Array): void {
  file.parse(bytes, end, values)
}
