/**
 * How long tasks ran and waited, by CPU.
 *
 * Source: /proc/schedstat `cpuN` and nine numbers, of which the last three are wanted;
 *         Documentation/scheduler/sched-stats.rst
 * Units:  the kernel counts ns; rows hold seconds.
 */
import { machineSchedstat } from '../../catalog/tables/machine-schedstat.ts'
import type { KeyedRows } from '../read/keyed-rows.ts'
import { malformed } from '../read/malformed.ts'
import { ascii, Scan } from '../read/scan.ts'
import { type MachineReader, type Off, rowsOf } from './reader.ts'

const VERSION = ascii('version ')
const CPU = ascii('cpu')
const SKIPPED = 6
const NANOSECONDS = 1e9

const scan = new Scan()

export function parseSchedstat(bytes: Uint8Array, end: number, cpus: KeyedRows): void {
  scan.over(bytes, end)
  cpus.begin()
  if (!scan.sees(VERSION)) throw malformed('schedstat', bytes, 0, end, 'a line `version 15`')
  for (; !scan.done; scan.nextLine()) {
    if (!scan.sees(CPU)) continue
    const start = scan.at
    scan.at += CPU.length
    const name = scan.at
    scan.word()
    const values = cpus.next(bytes, name, scan.at)
    for (let i = 0; i < SKIPPED; i += 1) {
      scan.blanks()
      scan.word()
    }
    const [running, waiting, timeslices] = [next(), next(), next()]
    if (Number.isNaN(running + waiting + timeslices)) {
      throw malformed('schedstat', bytes, start, end, '`cpuN` and nine numbers')
    }
    if (values === undefined) continue
    values[0] = running / NANOSECONDS
    values[1] = waiting / NANOSECONDS
    values[2] = timeslices
  }
}

function next(): number {
  scan.blanks()
  return scan.unsigned()
}

const NOT_BUILT: Off = {
  reason: 'the kernel does not count how long tasks wait: no schedstat under --path.procfs',
  cure: 'the kernel must be built with CONFIG_SCHEDSTATS',
  notHere: true,
}

export const schedstat: MachineReader = {
  name: 'schedstat',
  help: 'Time that tasks ran and waited, by CPU: /proc/schedstat.',
  open: rowsOf('schedstat', machineSchedstat, parseSchedstat, undefined, NOT_BUILT),
}
