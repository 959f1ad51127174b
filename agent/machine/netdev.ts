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
import type { KernelFiles } from '../read/files.ts'
import { KeyedRows } from '../read/keyed-rows.ts'
import { malformed } from '../read/malformed.ts'
import { Scan } from '../read/scan.ts'
import { deviceFlags, devicesLeftOut } from './devices.ts'
import { parseAttribute } from './netclass.ts'
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

/** Counters that are not in /proc/net/dev have a file a device, so many devices are read by turns. */
class Nohandler {
  readonly #files: KernelFiles
  readonly #machine: Entity
  readonly #rotation = new Rotation()
  readonly #rows = new Map<string, Row>()

  constructor(files: KernelFiles, machine: Entity) {
    this.#files = files
    this.#machine = machine
  }

  read(names: readonly string[], timeMs: number): readonly Row[] {
    for (const name of this.#rotation.due(names, timeMs)) this.#read(name)
    if (this.#rows.size > names.length) {
      const present = new Set(names)
      for (const name of this.#rows.keys()) if (!present.has(name)) this.#rows.delete(name)
    }
    return [...this.#rows.values()]
  }

  #read(name: string): void {
    const path = `${this.#files.paths.sysfs}/class/net/${name}/statistics/rx_nohandler`
    const value = parseAttribute('rx_nohandler', this.#files.readAttribute(path))
    if (Number.isNaN(value)) {
      this.#rows.delete(name)
      return
    }
    const row = this.#rows.get(name) ?? emptyRow(machineNohandler, this.#machine, [name])
    row.values[0] = value
    this.#rows.set(name, row)
  }
}

export const netdev: MachineReader = {
  name: 'netdev',
  help: 'Network devices: /proc/net/dev.',
  flags: deviceFlags('netdev', 'network devices'),
  open: ({ files, machine, settings }: MachineContext): Read => {
    const file = files.net('dev')
    const devices = new KeyedRows(machineNetwork, machine, devicesLeftOut('netdev', settings))
    const nohandler = new Nohandler(files, machine)
    return (timeMs) => {
      const end = files.readAll(file)
      if (end < 0) return noFile('net/dev')
      parseNetdev(files.bytes, end, devices)
      const rows = devices.finish()
      const names = rows.map(({ keys }) => keys[0]!)
      return rowsOnly([...rows, ...nohandler.read(names, timeMs)])
    }
  },
}
