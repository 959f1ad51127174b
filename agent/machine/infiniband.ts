/**
 * Ports of InfiniBand and RoCE adapters.
 *
 * Source: /sys/class/infiniband/DEVICE/ports/PORT; Documentation/ABI/stable/sysfs-class-infiniband
 *         `state` is `4: ACTIVE`, `rate` is `100 Gb/sec (4X EDR)`; a counter that the adapter does not
 *         have is `N/A (no PMA)` or refused
 * Units:  data is counted in words of four bytes; rows hold bytes.
 */
import {
  infinibandCounters,
  machineInfiniband,
  machineInfinibandInfo,
} from '../../catalog/tables/machine-infiniband.ts'
import { columnOf } from '../../catalog/tables.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { MalformedFile } from '../read/malformed.ts'
import { type MachineContext, type MachineReader, type Off, type Read, rowsOnly } from './reader.ts'
import { parseAttribute } from './netclass.ts'

const COUNTERS = infinibandCounters.map(({ path, column, factor }) => ({
  path,
  factor,
  column: columnOf(machineInfiniband, column),
}))
const STATES = ['state', 'phys_state'] as const
const RATE = columnOf(machineInfiniband, 'rate_bytes_per_second')
const BYTES_OF_GIGABIT = 125_000_000
const WORDS = ['board_id', 'fw_ver', 'hca_type']

/** `4: ACTIVE` → 4 */
export function parseState(text: string | undefined): number {
  if (text === undefined) return Number.NaN
  const id = /^\s*(\d{1,9}):/.exec(text)?.[1]
  if (id === undefined) throw new MalformedFile('infiniband state', text, '`4: ACTIVE`')
  return Number(id)
}

/** `2.5 Gb/sec (1X SDR)` → bytes a second */
export function parseRate(text: string | undefined): number {
  if (text === undefined) return Number.NaN
  const rate = /^(\d{1,9}(?:\.\d{1,9})?) Gb\/sec/.exec(text)?.[1]
  if (rate === undefined) throw new MalformedFile('infiniband rate', text, '`100 Gb/sec …`')
  return Number(rate) * BYTES_OF_GIGABIT
}

const counter = (path: string, text: string | undefined): number =>
  text?.startsWith('N/A') === true ? Number.NaN : parseAttribute(path, text)

const NO_ADAPTER: Off = {
  reason: 'no InfiniBand adapters: no class/infiniband under --path.sysfs',
  cure: 'none is needed where there are none',
  notHere: true,
}

export const infiniband: MachineReader = {
  name: 'infiniband',
  help: 'Ports of InfiniBand adapters: /sys/class/infiniband.',
  open: ({ files, machine }: MachineContext): Read => {
    const folder = `${files.paths.sysfs}/class/infiniband`
    const ports = new KeptRows(machineInfiniband, machine)
    const infos = new KeptRows(machineInfinibandInfo, machine)
    const readPort = (device: string, port: string) => {
      const text = (file: string) =>
        files.readAttribute(`${folder}/${device}/ports/${port}/${file}`)
      const values = ports.row(`${device} ${port}`, () => [device, port])
      STATES.forEach((file, column) => (values[column] = parseState(text(file))))
      values[RATE] = parseRate(text('rate'))
      for (const { path, column, factor } of COUNTERS) {
        values[column] = counter(path, text(path)) * factor
      }
    }
    return () => {
      const devices = files.names(folder)
      if (devices.length === 0) return NO_ADAPTER
      ports.begin()
      infos.begin()
      for (const device of devices) {
        const words = WORDS.map((file) => files.readAttribute(`${folder}/${device}/${file}`) ?? '')
        const info = [device, ...words]
        infos.row(info.join('\0'), () => info)[0] = 1
        for (const port of files.names(`${folder}/${device}/ports`)) readPort(device, port)
      }
      return rowsOnly([...ports.finish(), ...infos.finish()])
    }
  },
}
