/**
 * What network devices are, and how their links stand.
 *
 * Source: /sys/class/net/DEVICE; Documentation/ABI/testing/sysfs-class-net
 * Units:  the kernel gives a link's speed in Mbit/s, -1 where it is not known; rows hold bytes a second.
 *
 * A device has 20 files, and a machine may have thousands of devices, most of them ends of pairs that
 * lead into containers. So devices with hardware behind them are read each pass, the others by turns.
 */
import { limits } from '../../catalog/limit.ts'
import {
  machineNetclass,
  machineNetclassInfo,
  netclassAttributes,
} from '../../catalog/tables/machine-netclass.ts'
import { machineUnread } from '../../catalog/tables/machine-unread.ts'
import { columnOf } from '../../catalog/tables.ts'
import { emptyRow, type Entity, type Row } from '../../wire/sample.ts'
import type { KernelFiles } from '../read/files.ts'
import { MalformedFile } from '../read/malformed.ts'
import { type MachineContext, type MachineReader, type Read, rowsOnly } from './reader.ts'
import { Rotation } from './rotation.ts'

const IGNORED = 'collector.netclass.ignored-devices'
const IGNORE_INVALID_SPEED = 'collector.netclass.ignore-invalid-speed'

const UP = columnOf(machineNetclass, 'up')
const ATTRIBUTES = netclassAttributes.map(({ file, column, factor = 1 }) => ({
  file,
  factor,
  column: columnOf(machineNetclass, column),
}))
const SPEED = columnOf(machineNetclass, 'speed_bytes')
const FLAGS = columnOf(machineNetclass, 'flags')
/** Bit of `flags`: somebody switched the device on. */
const IFF_UP = 1
/** Some kernels print the -1 of an unknown speed without its sign. */
const UNKNOWN_SPEED = 2 ** 32 - 1

/** Devices with hardware that are read each pass; more of them, such as virtual functions, by turns. */
const ALWAYS_READ = 32

interface Device {
  readonly facts: Row
  info: Row
}

/** One number, decimal or hexadecimal with `0x`; undefined is absent. */
export function parseAttribute(file: string, text: string | undefined): number {
  if (text === undefined) return Number.NaN
  if (/^(-?\d{1,20}|0x[\da-f]{1,16})$/i.test(text)) return Number(text)
  throw new MalformedFile(`netclass ${file}`, text, 'a number')
}

export class NetclassDevices {
  readonly #files: KernelFiles
  readonly #machine: Entity
  readonly #showInvalidSpeed: boolean
  readonly #folder: string
  readonly #devices = new Map<string, Device>()

  constructor(files: KernelFiles, machine: Entity, showInvalidSpeed: boolean) {
    this.#files = files
    this.#machine = machine
    this.#showInvalidSpeed = showInvalidSpeed
    this.#folder = `${files.paths.sysfs}/class/net`
  }

  read(name: string): void {
    const folder = `${this.#folder}/${name}`
    const text = (file: string) => this.#files.readAttribute(`${folder}/${file}`)
    const operstate = text('operstate')
    if (operstate === undefined) {
      this.#devices.delete(name)
      return
    }
    const device = this.#devices.get(name) ?? this.#added(name)
    const { values } = device.facts
    values[UP] = operstate === 'up' ? 1 : 0
    for (const { file, column, factor } of ATTRIBUTES) {
      values[column] = parseAttribute(file, text(file)) * factor
    }
    const speed = values[SPEED]! / 125_000
    if (speed >= UNKNOWN_SPEED || (speed < 0 && !this.#showInvalidSpeed)) values[SPEED] = Number.NaN
    device.info = infoOf(device.info, [
      name,
      text('address') ?? '',
      text('broadcast') ?? '',
      text('duplex') ?? '',
      operstate,
      adminState(values[FLAGS]!),
      text('ifalias') ?? '',
    ])
  }

  /** Rows of these devices; of all others the rows are given up. */
  rowsOf(names: ReadonlySet<string>): readonly Row[] {
    for (const name of this.#devices.keys()) if (!names.has(name)) this.#devices.delete(name)
    return [...this.#devices.values()].flatMap(({ facts, info }) => [facts, info])
  }

  #added(name: string): Device {
    const device = {
      facts: emptyRow(machineNetclass, this.#machine, [name]),
      info: emptyRow(machineNetclassInfo, this.#machine, [name]),
    }
    this.#devices.set(name, device)
    return device
  }
}

/** A row lives as long as what it says. */
function infoOf(row: Row, keys: readonly string[]): Row {
  if (keys.length === row.keys.length && keys.every((key, i) => key === row.keys[i])) return row
  const info = emptyRow(machineNetclassInfo, row.entity, keys)
  info.values[0] = 1
  return info
}

const adminState = (flags: number) =>
  Number.isNaN(flags) ? 'unknown' : (flags & IFF_UP) === 0 ? 'down' : 'up'

/** Names of /sys/class/net that are no devices. */
const NO_DEVICES = ['bonding_masters']

/** Tells devices with hardware behind them; each is looked at once. */
function hardwareOf(files: KernelFiles, folder: string): (names: readonly string[]) => Set<string> {
  let known: ReadonlyMap<string, boolean> = new Map()
  const look = (name: string) => files.stat(`${folder}/${name}/device`) !== undefined
  return (names) => {
    known = new Map(names.map((name) => [name, known.get(name) ?? look(name)]))
    return new Set(names.filter((name) => known.get(name)))
  }
}

export const netclass: MachineReader = {
  name: 'netclass',
  help: 'What network devices are and how their links stand: /sys/class/net.',
  flags: {
    [IGNORED]: {
      type: 'string',
      form: 'regexp',
      default: '^$',
      value: 'REGEXP',
      help: 'Network devices whose facts are not read.',
    },
    [IGNORE_INVALID_SPEED]: {
      type: 'boolean',
      default: true,
      help: 'Show no speed of links that do not tell it; otherwise it is -125000, as of node_exporter.',
    },
  },
  open: ({ files, machine, settings }: MachineContext): Read => {
    const ignored = new RegExp((settings[IGNORED] as string | undefined) ?? '^$')
    const devices = new NetclassDevices(files, machine, settings[IGNORE_INVALID_SPEED] === false)
    const folder = `${files.paths.sysfs}/class/net`
    const withHardware = hardwareOf(files, folder)
    const rotation = new Rotation()
    const unread = emptyRow(machineUnread, machine, ['device', 'netclassDevices'])
    return (timeMs) => {
      const names = files
        .names(folder)
        .filter((name) => !NO_DEVICES.includes(name) && !ignored.test(name))
      if (names.length === 0) {
        return {
          reason: `no devices in ${folder}`,
          cure: 'set --path.sysfs to where /sys is mounted',
        }
      }
      const hardware = withHardware(names)
      const wanted = [...hardware, ...names.filter((name) => !hardware.has(name))].slice(
        0,
        limits.netclassDevices.value,
      )
      const each = Math.min(hardware.size, ALWAYS_READ)
      for (const name of wanted.slice(0, each)) devices.read(name)
      for (const name of rotation.due(wanted.slice(each), timeMs)) devices.read(name)
      const rows = devices.rowsOf(new Set(wanted))
      unread.values[0] = names.length - wanted.length
      return rowsOnly(unread.values[0] > 0 ? [...rows, unread] : rows)
    }
  },
}
