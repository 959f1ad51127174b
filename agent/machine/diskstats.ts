/**
 * What was read from and written to block devices. Partitions, ram, loop and floppies are left out.
 *
 * Source: /proc/diskstats; Documentation/admin-guide/iostats.rst
 *         `major minor name f1 … f17`: 11 fields until Linux 4.17, 15 until 5.4, 17 since
 * Units:  the kernel counts sectors of 512 bytes and ms; rows hold bytes and seconds.
 */
import { diskFactors, machineDisk } from '../../catalog/tables/machine-disk.ts'
import type { KeyedRows } from '../read/keyed-rows.ts'
import { malformed } from '../read/malformed.ts'
import { Scan } from '../read/scan.ts'
import { deviceFlags, devicesLeftOut } from './devices.ts'
import { type MachineReader, rowsOf } from './reader.ts'

/** Devices that hide what they stand for: the default of node_exporter. */
export const LEFT_OUT_DEVICES = /^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$/

/** Below this a line is no line of this file: Linux 2.6 gave partitions four fields. */
const FEWEST_FIELDS = 4

const scan = new Scan()

export function parseDiskstats(bytes: Uint8Array, end: number, disks: KeyedRows): void {
  scan.over(bytes, end)
  disks.begin()
  for (; !scan.done; scan.nextLine()) {
    const start = scan.at
    scan.blanks()
    const major = scan.unsigned()
    scan.blanks()
    const minor = scan.unsigned()
    scan.blanks()
    const name = scan.at
    scan.word()
    if (Number.isNaN(major) || Number.isNaN(minor) || scan.at === name) {
      throw malformed('diskstats', bytes, start, end, '`major minor name …`')
    }
    const values = disks.next(bytes, name, scan.at)
    if (values !== undefined && parseFields(values) < FEWEST_FIELDS) {
      throw malformed('diskstats', bytes, start, end, '`major minor name` and its counters')
    }
  }
}

function parseFields(values: Float64Array): number {
  values.fill(Number.NaN)
  for (let i = 0; i < diskFactors.length; i += 1) {
    scan.blanks()
    const value = scan.unsigned()
    if (Number.isNaN(value)) return i
    values[i] = value * diskFactors[i]!
  }
  return diskFactors.length
}

export const diskstats: MachineReader = {
  name: 'diskstats',
  help: 'Block devices: /proc/diskstats.',
  flags: deviceFlags('diskstats', 'block devices'),
  open: (context) => {
    const leftOut = devicesLeftOut('diskstats', context.settings, LEFT_OUT_DEVICES)
    return rowsOf('diskstats', machineDisk, parseDiskstats, leftOut)(context)
  },
}
