/**
 * Load averages over 1, 5 and 15 minutes.
 *
 * Source: /proc/loadavg `0.20 0.18 0.12 1/80 11206`
 */
import { machine } from '../../catalog/tables/machine.ts'
import { columnOf } from '../../catalog/tables.ts'
import { malformed } from '../read/malformed.ts'
import { Scan } from '../read/scan.ts'
import { columnsOf, type MachineReader } from './reader.ts'

const COLUMNS = ['load1', 'load5', 'load15'].map((column) => columnOf(machine, column))
const scan = new Scan()

export function parseLoadavg(bytes: Uint8Array, end: number, values: Float64Array): void {
  scan.over(bytes, end)
  for (const column of COLUMNS) {
    scan.blanks()
    const load = scan.decimal()
    if (Number.isNaN(load)) throw malformed('loadavg', bytes, 0, end, '`0.20 0.18 0.12 …`')
    values[column] = load
  }
}

export const loadavg: MachineReader = {
  name: 'loadavg',
  help: 'Load averages: /proc/loadavg.',
  open: columnsOf('loadavg', parseLoadavg),
}
