/**
 * Open files of the whole machine.
 *
 * Source: /proc/sys/fs/file-nr `592 0 2466170`: allocated, free (always 0), maximum;
 *         Documentation/admin-guide/sysctl/fs.rst
 */
import { machineFilefd } from '../../catalog/tables/machine-kernel.ts'
import { malformed } from '../read/malformed.ts'
import { Scan } from '../read/scan.ts'
import { rowFrom } from './one-row.ts'
import type { MachineReader } from './reader.ts'

const scan = new Scan()

export function parseFileNr(bytes: Uint8Array, end: number, values: Float64Array): void {
  scan.over(bytes, end)
  const [allocated, free, maximum] = [next(), next(), next()]
  if (Number.isNaN(allocated + free + maximum)) {
    throw malformed('filefd', bytes, 0, end, '`allocated free maximum`')
  }
  values[0] = allocated
  values[1] = maximum
}

function next(): number {
  scan.blanks()
  return scan.unsigned()
}

export const filefd: MachineReader = {
  name: 'filefd',
  help: 'Open files of the machine: /proc/sys/fs/file-nr.',
  open: rowFrom(machineFilefd, [{ path: 'sys/fs/file-nr', parse: parseFileNr }]),
}
