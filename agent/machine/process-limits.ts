/**
 * How many processes, threads and open files there may be, and how many threads there are.
 *
 * Source: /proc/sys/kernel/{pid_max,threads-max}, /proc/sys/fs/nr_open, a number each;
 *         /proc/loadavg `0.20 0.18 0.12 1/80 11206`: 80 threads, those of the kernel included
 */
import { machineProcessLimits } from '../../catalog/tables/machine-processes.ts'
import { columnOf } from '../../catalog/tables.ts'
import { emptyRow } from '../../wire/sample.ts'
import { parseNumber, Scan } from '../read/scan.ts'
import { type MachineContext, type MachineReader, noFile, type Read, rowsOnly } from './reader.ts'

const SOURCES = [
  ['sys/kernel/pid_max', 'max_processes', parseNumber],
  ['sys/kernel/threads-max', 'max_threads', parseNumber],
  ['loadavg', 'all_threads', parseThreads],
  ['sys/fs/nr_open', 'max_open_files', parseNumber],
] as const

const SLASH = 47
const scan = new Scan()

/** NaN where the line has another form. */
export function parseThreads(bytes: Uint8Array, end: number): number {
  scan.over(bytes, end)
  while (!scan.done && scan.bytes[scan.at] !== SLASH) scan.at += 1
  scan.at += 1
  return scan.done ? Number.NaN : scan.unsigned()
}

function limits({ files, machine }: MachineContext): Read {
  const row = emptyRow(machineProcessLimits, machine)
  const sources = SOURCES.map(([path, column, parse]) => ({
    file: files.proc(path),
    column: columnOf(machineProcessLimits, column),
    parse,
  }))
  return () => {
    for (const { file, column, parse } of sources) {
      const end = files.readAll(file)
      row.values[column] = end < 0 ? Number.NaN : parse(files.bytes, end)
    }
    return row.values.every(Number.isNaN) ? noFile('sys/kernel/pid_max') : rowsOnly([row])
  }
}

export const processLimits: MachineReader = {
  name: 'process_limits',
  partOf: 'processes',
  help: 'Limits of processes, threads and open files: /proc/sys.',
  open: limits,
}
