/**
 * Interrupts by line and CPU.
 *
 * Source: /proc/interrupts: a heading `CPU0 CPU1 …`, then `24:  1  0  IO-APIC  5-edge  ACPI:Ged`;
 *         Documentation/filesystems/proc.rst. CPUs are named by the heading, which leaves out those
 *         that are offline.
 */
import { machineInterrupts } from '../../catalog/tables/machine-interrupts.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { rowOf } from '../read/row-of.ts'
import { columnsByCpu } from './interrupt-columns.ts'
import { noFile, type MachineReader, rowsOnly } from './reader.ts'

export function parseInterrupts(text: string, rows: KeptRows): void {
  for (const { name, counts, rest } of columnsByCpu('interrupts', text)) {
    // ERR and MIS are one number for all CPUs.
    if (rest.length === 0) continue
    const isLine = /^\d+$/.test(name)
    const info = isLine ? rest[0]! : rest.join(' ')
    const devices = isLine ? rest.slice(1).join(' ') : ''
    for (const [cpu, count] of counts) rowOf(rows, cpu, name, info, devices)[0] = count
  }
}

export const interrupts: MachineReader = {
  name: 'interrupts',
  help: 'Interrupts by line and CPU: /proc/interrupts.',
  offByDefault: true,
  open: ({ files, machine }) => {
    const file = files.proc('interrupts')
    const rows = new KeptRows(machineInterrupts, machine)
    return () => {
      const end = files.readAll(file)
      if (end < 0) return noFile('interrupts')
      rows.begin()
      parseInterrupts(files.bytes.toString('latin1', 0, end), rows)
      return rowsOnly(rows.finish())
    }
  },
}
