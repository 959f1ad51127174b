/**
 * Softirqs by kind and CPU.
 *
 * Source: /proc/softirqs: a heading `CPU0 CPU1 …`, then `TIMER:  424191  108342`
 */
import { machineSoftirqs } from '../../catalog/tables/machine-interrupts.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { rowOf } from '../read/row-of.ts'
import { columnsByCpu } from './interrupt-columns.ts'
import { noFile, type MachineReader, rowsOnly } from './reader.ts'

export function parseSoftirqs(text: string, rows: KeptRows): void {
  for (const { name, counts } of columnsByCpu('softirqs', text)) {
    for (const [cpu, count] of counts) rowOf(rows, cpu, name)[0] = count
  }
}

export const softirqs: MachineReader = {
  name: 'softirqs',
  help: 'Softirqs by kind and CPU: /proc/softirqs.',
  offByDefault: true,
  open: ({ files, machine }) => {
    const file = files.proc('softirqs')
    const rows = new KeptRows(machineSoftirqs, machine)
    return () => {
      const end = files.readAll(file)
      if (end < 0) return noFile('softirqs')
      rows.begin()
      parseSoftirqs(files.bytes.toString('latin1', 0, end), rows)
      return rowsOnly(rows.finish())
    }
  },
}
