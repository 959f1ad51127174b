/**
 * The table of tracked connections: a full one drops packets of new connections.
 *
 * Source: /proc/sys/net/netfilter/nf_conntrack_{count,max}; /proc/net/stat/nf_conntrack, a line of
 *         names, then a line of hexadecimal values a CPU; net/netfilter/nf_conntrack_standalone.c
 *         The first is of this process's network namespace, whatever --path.procfs says; so where the
 *         other file is there, its `entries` count.
 * Units:  counts; those of a CPU have 32 bits and begin again at 0.
 */
import { conntrackFields, machineConntrack } from '../../catalog/tables/machine-conntrack.ts'
import { columnOf } from '../../catalog/tables.ts'
import { emptyRow } from '../../wire/sample.ts'
import { malformed } from '../read/malformed.ts'
import { ascii, parseNumber, Scan } from '../read/scan.ts'
import { type MachineContext, type MachineReader, type Off, type Read, rowsOnly } from './reader.ts'
import { retrying } from './retry.ts'

const ENTRIES = columnOf(machineConntrack, 'entries')
const LIMIT = columnOf(machineConntrack, 'entries_limit')
const FIELDS = new Map(
  ['entries', ...conntrackFields].map((field) => [field, columnOf(machineConntrack, field)]),
)

const scan = new Scan()

interface Names {
  /** The line with its end. */
  readonly line: Uint8Array
  /** Column of each value below it; -1 where it is not wanted. */
  readonly columns: readonly number[]
}

/** Of the last file: a kernel prints the same each time. */
let known: Names = { line: ascii('\n'), columns: [] }

export function parseConntrackStat(bytes: Uint8Array, end: number, values: Float64Array): void {
  scan.over(bytes, end)
  if (!scan.sees(known.line)) known = learn()
  scan.at = known.line.length
  if (!known.columns.some((column) => column >= 0)) {
    throw malformed('conntrack', bytes, 0, end, 'a line of names such as `found`')
  }
  for (const column of known.columns) if (column >= 0) values[column] = 0
  for (; !scan.done; scan.nextLine()) addLine(known.columns, values)
}

function learn(): Names {
  scan.nextLine()
  const names = scan.text(0, scan.at).trim().split(/\s+/)
  const columns = names.map((name) => FIELDS.get(name) ?? -1)
  return { line: scan.bytes.slice(0, scan.at), columns }
}

function addLine(columns: readonly number[], values: Float64Array): void {
  const start = scan.at
  for (const column of columns) {
    scan.blanks()
    const value = scan.hex()
    if (Number.isNaN(value)) {
      const expected = `${columns.length} hexadecimal values`
      throw malformed('conntrack', scan.bytes, start, scan.end, expected)
    }
    // Each line has the entries of the whole table.
    if (column === ENTRIES) values[column] = value
    else if (column >= 0) values[column]! += value
  }
}

const NOT_LOADED: Off = {
  reason: 'connections are not tracked: nf_conntrack is not loaded',
  cure: 'none is needed where no firewall or NAT is used',
  notHere: true,
}

export const conntrack: MachineReader = {
  name: 'conntrack',
  help: 'Tracked connections: /proc/sys/net/netfilter/nf_conntrack_{count,max}, /proc/net/stat.',
  open: ({ files, machine }: MachineContext): Read => {
    const totals = [
      [files.proc('sys/net/netfilter/nf_conntrack_count'), ENTRIES],
      [files.proc('sys/net/netfilter/nf_conntrack_max'), LIMIT],
    ] as const
    const stat = files.net('stat/nf_conntrack')
    const row = emptyRow(machineConntrack, machine)
    const retry = retrying(files, stat, ...totals.map(([file]) => file))
    return (timeMs) => {
      retry(timeMs)
      row.values.fill(Number.NaN)
      for (const [file, column] of totals) {
        const end = files.read(file)
        if (end < 0) return NOT_LOADED
        const value = parseNumber(files.bytes, end)
        if (Number.isNaN(value)) throw malformed('conntrack', files.bytes, 0, end, 'a number')
        row.values[column] = value
      }
      const end = files.readAll(stat)
      if (end >= 0) parseConntrackStat(files.bytes, end, row.values)
      return rowsOnly([row])
    }
  },
}
