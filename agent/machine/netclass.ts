/**
 * What network devices are, and how their links stand.
 *
 * Source: /sys/class/net/DEVICE; Documentation/ABI/testing/sysfs-class-net
 * Units:  the kernel gives a link's speed in Mbit/s, -1 where it is not known; rows hold bytes a second.
 *
 * A device has 25 files, each of which costs the kernel more than a line of /proc/net/dev does. So in
 * each pass only those are read that tell of a change of the link, of the first devices, hardware
 * first; where one of them changed, the device is read whole at once. All others are by turns, each
 * once a minute.
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
import { ABSENT, GONE, HEATS, isRefusal, KernelFile, type KernelFiles } from '../read/files.ts'
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

/** What changes when a link comes or goes, or is switched on or off. */
const WATCHED = ['operstate', 'carrier_changes', 'flags']
/** Devices whose links are looked at in each pass; more of them, such as virtual functions, by turns. */
const WATCHED_DEVICES = 32

interface Device {
  readonly facts: Row
  info: Row
  readonly watched: readonly Watched[]
}

interface Watched {
  readonly file: KernelFile
  /** As it was read last. */
  seen: Buffer
}

const NOTHING = Buffer.alloc(0)

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
  /** Of all devices; made anew when a device came or went, or changed its words. */
  #rows: readonly Row[] | undefined

  constructor(files: KernelFiles, machine: Entity, showInvalidSpeed: boolean) {
    this.#files = files
    this.#machine = machine
    this.#showInvalidSpeed = showInvalidSpeed
    this.#folder = `${files.paths.sysfs}/class/net`
  }

  /** Whether it is new, or its link another than at the last look. */
  hasChanged(name: string): boolean {
    let changed = !this.#devices.has(name)
    const { watched } = this.#devices.get(name) ?? this.#added(name)
    for (const one of watched) {
      const length = this.#read(one.file)
      const { bytes } = this.#files
      if (length === GONE) {
        // Another device has its name now.
        this.#delete(name)
        return true
      }
      const end = Math.max(0, length)
      if (one.seen.length === end && one.seen.compare(bytes, 0, end) === 0) continue
      one.seen = Buffer.from(bytes.subarray(0, end))
      changed = true
    }
    return changed
  }

  /** All of it. */
  read(name: string): void {
    const folder = `${this.#folder}/${name}`
    const text = (file: string) => this.#files.readAttribute(`${folder}/${file}`)
    const operstate = text('operstate')
    if (operstate === undefined) {
      this.#delete(name)
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
    const info = infoOf(device.info, [
      name,
      text('address') ?? '',
      text('broadcast') ?? '',
      text('duplex') ?? '',
      operstate,
      adminState(values[FLAGS]!),
      text('ifalias') ?? '',
    ])
    if (info !== device.info) this.#rows = undefined
    device.info = info
  }

  /** Gives up all devices but these. */
  keep(names: ReadonlySet<string>): void {
    for (const name of this.#devices.keys()) if (!names.has(name)) this.#delete(name)
  }

  get rows(): readonly Row[] {
    this.#rows ??= [...this.#devices.values()].flatMap(({ facts, info }) => [facts, info])
    return this.#rows
  }

  #added(name: string): Device {
    const path = `${this.#folder}/${name}`
    const device = {
      facts: emptyRow(machineNetclass, this.#machine, [name]),
      info: emptyRow(machineNetclassInfo, this.#machine, [name]),
      watched: WATCHED.map((file) => ({
        file: new KernelFile(`${path}/${file}`, HEATS.eachPassOfMany),
        seen: NOTHING,
      })),
    }
    this.#devices.set(name, device)
    this.#rows = undefined
    return device
  }

  #delete(name: string): void {
    for (const { file } of this.#devices.get(name)?.watched ?? []) this.#files.close(file)
    if (this.#devices.delete(name)) this.#rows = undefined
  }

  /** As `KernelFiles.read`; what a driver refuses is absent. */
  #read(file: KernelFile): number {
    try {
      return this.#files.read(file)
    } catch (error) {
      if (error instanceof MalformedFile || isRefusal(error)) throw error
      return ABSENT
    }
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
    let found: readonly string[] = []
    /** Of those that were found, hardware first. */
    let wanted: readonly string[] = []

    function choose(all: readonly string[]): void {
      if (all.length === found.length && all.every((name, i) => name === found[i])) return
      found = all
      const names = all.filter((name) => !NO_DEVICES.includes(name) && !ignored.test(name))
      const hardware = withHardware(names)
      const sorted = [...hardware, ...names.filter((name) => !hardware.has(name))]
      wanted = sorted.slice(0, limits.netclassDevices.value)
      unread.values[0] = sorted.length - wanted.length
      devices.keep(new Set(wanted))
    }

    return (timeMs) => {
      choose(files.names(folder))
      if (wanted.length === 0) {
        return {
          reason: `no devices in ${folder}`,
          cure: 'set --path.sysfs to where /sys is mounted',
        }
      }
      const due = new Set(rotation.due(wanted, timeMs))
      for (const name of wanted.slice(0, WATCHED_DEVICES)) {
        if (devices.hasChanged(name)) due.add(name)
      }
      for (const name of due) devices.read(name)
      return rowsOnly(unread.values[0]! > 0 ? [...devices.rows, unread] : devices.rows)
    }
  },
}
