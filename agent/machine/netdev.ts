/**
 * What network devices received and sent.
 *
 * Source: /proc/net/dev, two lines of heading, then `  eth0: 16 columns`; net/core/net-procfs.c
 * Units:  bytes, packets, errors, as the kernel counts them.
 */
import { machineNetwork } from '../../catalog/tables/machine-network.ts'
import type { KeyedRows } from '../read/keyed-rows.ts'
import { malformed } from '../read/malformed.ts'
import { Scan } from '../read/scan.ts'
import { type MachineReader, rowsOf } from './reader.ts'

const COLUMNS = machineNetwork.metrics.length
const HEADING_LINES = 2
const COLON = 58
const NEWLINE = 10

const scan = new Scan()

export function parseNetdev(bytes: Uint8Array, end: number, devices: KeyedRows): void {
  scan.over(bytes, end)
  devices.begin()
  for (let line = 0; line < HEADING_LINES; line += 1) {
    if (scan.done) throw malformed('netdev', bytes, 0, end, 'two lines of heading')
    scan.nextLine()
  }
  for (; !scan.done; scan.nextLine()) {
    const start = scan.at
    scan.blanks()
    const name = scan.at
    const nameEnd = lastColon()
    if (nameEnd <= name) throw malformed('netdev', bytes, start, end, '`device: …`')
    scan.at = nameEnd + 1
    const values = devices.next(bytes, name, nameEnd)
    if (values !== undefined) parseColumns(values, start)
  }
}

/** A device may have a colon in its name, the columns have none. */
function lastColon(): number {
  let found = -1
  for (let at = scan.at; at < scan.end && scan.bytes[at] !== NEWLINE; at += 1) {
    if (scan.bytes[at] === COLON) found = at
  }
  return found
}

function parseColumns(values: Float64Array, start: number): void {
  for (let i = 0; i < COLUMNS; i += 1) {
    scan.blanks()
    const value = scan.unsigned()
    if (Number.isNaN(value)) {
      throw malformed('netdev', scan.bytes, start, scan.end, `\`device:\` and ${COLUMNS} columns`)
    }
    values[i] = value
  }
}

export const netdev: MachineReader = {
  name: 'netdev',
  help: 'Network devices: /proc/net/dev.',
  open: rowsOf('net/dev', machineNetwork, parseNetdev),
}
