/**
 * What network devices received and sent.
 *
 * Source: /proc/net/dev, two lines of heading, then `  eth0: 16 columns`; net/core/net-procfs.c
 *         /sys/class/net/DEVICE/statistics/rx_nohandler (Linux ≥ 4.6), which that file lacks
 * Units:  bytes, packets, errors, as the kernel counts them.
 *
 * node_exporter asks over netlink and adds up what this file has added up already: drops of the
 * device and those for lack of room (`missed`), four kinds of framing errors, four of carrier losses.
 */
import { machineNetwork } from '../../catalog/tables/machine-network.ts'
import { machineNohandler } from '../../catalog/tables/machine-netclass.ts'
import { emptyRow, type Entity, type Row } from '../../wire/sample.ts'
import { GONE, isRefusal, type KernelFile, type KernelFiles } from '../read/files.ts'
import { KeyedRows } from '../read/keyed-rows.ts'
import { malformed } from '../read/malformed.ts'
import { parseNumber, Scan } from '../read/scan.ts'
import { deviceFlags, devicesLeftOut } from './devices.ts'
import { type MachineContext, type MachineReader, noFile, type Read, rowsOnly } from './reader.ts'
import { Rotation } from './rotation.ts'

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

/** Devices whose file stays open and is read in each pass; the others are read by turns. */
const OPEN_DEVICES = 32

interface Nohandler {
  readonly row: Row
  readonly file: KernelFile
}

/** Counters that are not in /proc/net/dev have a file a device. */
class Nohandlers {
  readonly #files: KernelFiles
  readonly #machine: Entity
  readonly #rotation = new Rotation()
  readonly #known = new Map<string, Nohandler>()

  constructor(files: KernelFiles, machine: Entity) {
    this.#files = files
    this.#machine = machine
  }

  read(names: readonly string[], timeMs: number): readonly Row[] {
    if (this.#known.size > names.length) this.#keep(new Set(names))
    const rows: Row[] = []
    for (let i = 0; i < names.length && i < OPEN_DEVICES; i += 1) this.#read(names[i]!, true)
    if (names.length > OPEN_DEVICES) {
      const others = names.slice(OPEN_DEVICES)
      for (const name of this.#rotation.due(others, timeMs)) this.#read(name, false)
    }
    for (const { row } of this.#known.values()) if (!Number.isNaN(row.values[0]!)) rows.push(row)
    return rows
  }

  #read(name: string, staysOpen: boolean): void {
    const { row, file } = this.#known.get(name) ?? this.#added(name)
    let end: number
    try {
      end = staysOpen ? this.#files.read(file) : this.#files.readOnce(file.path)
    } catch (error) {
      if (isRefusal(error)) throw error
      // A device that is on its way out answers with an error of its own choice.
      row.values[0] = Number.NaN
      return
    }
    row.values[0] = end < 0 ? Number.NaN : parseNumber(this.#files.bytes, end)
    // Another device may have its name by now.
    if (end === GONE) this.#known.delete(name)
  }

  #added(name: string): Nohandler {
    const added = {
      row: emptyRow(machineNohandler, this.#machine, [name]),
      file: this.#files.sys(`class/net/${name}/statistics/rx_nohandler`),
    }
    this.#known.set(name, added)
    return added
  }

  #keep(names: ReadonlySet<string>): void {
    for (const [name, { file }] of this.#known) {
      if (names.has(name)) continue
      this.#files.close(file)
      this.#known.delete(name)
    }
  }
}

export const netdev: MachineReader = {
  name: 'netdev',
  help: 'Network devices: /proc/net/dev.',
  flags: deviceFlags('netdev', 'network devices'),
  open: ({ files, machine, settings }: MachineContext): Read => {
    const file = files.net('dev')
    const devices = new KeyedRows(machineNetwork, machine, devicesLeftOut('netdev', settings))
    const nohandlers = new Nohandlers(files, machine)
    return (timeMs) => {
      const end = files.readAll(file)
      if (end < 0) return noFile('net/dev')
      parseNetdev(files.bytes, end, devices)
      const rows = devices.finish()
      const names = rows.map(({ keys }) => keys[0]!)
      return rowsOnly([...rows, ...nohandlers.read(names, timeMs)])
    }
  },
}
