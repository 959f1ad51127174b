/**
 * Time since boot, suspend included.
 *
 * Source: /proc/uptime `350735.47 234388.90`: seconds up, seconds idle summed over CPUs
 */
import { machine } from '../../catalog/tables/machine.ts'
import { columnOf } from '../../catalog/tables.ts'
import { malformed } from '../read/malformed.ts'
import { Scan } from '../read/scan.ts'
import { columnsOf, type MachineReader } from './reader.ts'

const UPTIME = columnOf(machine, 'uptime_seconds')
const scan = new Scan()

export function parseUptime(bytes: Uint8Array, end: number, values: Float64Array): void {
  const seconds = scan.over(bytes, end).decimal()
  if (Number.isNaN(seconds)) throw malformed('uptime', bytes, 0, end, 'seconds')
  values[UPTIME] = seconds
}

export const uptime: MachineReader = {
  name: 'uptime',
  help: 'Time since boot: /proc/uptime.',
  open: columnsOf('uptime', parseUptime),
}
