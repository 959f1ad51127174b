/** Every table, in the order in which docs, /metrics and the schema print them. */
import type { Table } from './metric.ts'
import { container } from './tables/container.ts'
import { machineCpu } from './tables/machine-cpu.ts'
import { machineDisk } from './tables/machine-disk.ts'
import { machineNetwork } from './tables/machine-network.ts'
import { machineReader } from './tables/machine-reader.ts'
import { machineUnread } from './tables/machine-unread.ts'
import { machine } from './tables/machine.ts'
import { runtime, runtimeGc } from './tables/runtime.ts'

export const tables: readonly Table[] = [
  machine,
  machineCpu,
  machineDisk,
  machineNetwork,
  machineReader,
  machineUnread,
  container,
  runtime,
  runtimeGc,
]

/** Those that have a table of their own in the store. */
export const typedTables: readonly Table[] = tables.filter(({ narrow }) => narrow !== true)

/** Position of one column; throws on a name that the catalogue does not have. */
export function columnOf(table: Table, column: string): number {
  const index = table.metrics.findIndex((metric) => metric.column === column)
  if (index < 0) throw new Error(`${table.name} has no column ${column}`)
  return index
}
