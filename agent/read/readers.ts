/**
 * The readers of the machine's own files, as a table: which file, which parser, and what to say when
 * a kernel does not have it.
 */
import { machineCpu } from '../../catalog/tables/machine-cpu.ts'
import { machineDisk } from '../../catalog/tables/machine-disk.ts'
import { machineNetwork } from '../../catalog/tables/machine-network.ts'
import { machine } from '../../catalog/tables/machine.ts'
import type { Table } from '../../catalog/metric.ts'
import { columnOf } from '../../catalog/tables.ts'
import type { Entity, Row } from '../../wire/sample.ts'
import { LEFT_OUT_DEVICES, parseDiskstats } from './diskstats.ts'
import type { KernelFiles } from './files.ts'
import { KeyedRows } from './keyed-rows.ts'
import { parseLoadavg } from './loadavg.ts'
import { parseMeminfo } from './meminfo.ts'
import { parseNetdev } from './netdev.ts'
import { parsePressure } from './pressure.ts'
import { parseStat } from './stat.ts'
import { parseUptime } from './uptime.ts'
import { parseVmstat } from './vmstat.ts'

/** Why a reader has nothing to read on this machine, and what would change that. */
export interface Off {
  readonly reason: string
  readonly cure: string
}

/** Rows of the tables with a key; `machine` when columns of the machine's own row were filled. */
export interface Reading {
  readonly rows: readonly Row[]
  readonly machine: boolean
}

export interface MachineContext {
  readonly files: KernelFiles
  readonly machine: Entity
  /** The machine's row; all its columns are absent when a pass begins. */
  readonly values: Float64Array
}

/** Made once; then called each pass. May throw `MalformedFile`. */
export type Read = () => Reading | Off

const MACHINE_ONLY: Reading = { rows: [], machine: true }

const noFile = (path: string): Off => ({
  reason: `no ${path} under --path.procfs`,
  cure: 'set --path.procfs to where /proc is mounted',
})

const columnsOf =
  (path: string, parse: (bytes: Uint8Array, end: number, values: Float64Array) => void) =>
  ({ files, values }: MachineContext): Read => {
    const file = files.proc(path)
    return () => {
      const end = files.readAll(file)
      if (end < 0) return noFile(path)
      parse(files.bytes, end, values)
      return MACHINE_ONLY
    }
  }

const rowsOf =
  (
    path: string,
    table: Table,
    parse: (bytes: Uint8Array, end: number, rows: KeyedRows) => void,
    leftOut?: RegExp,
  ) =>
  ({ files, machine }: MachineContext): Read => {
    const file = files.proc(path)
    const rows = new KeyedRows(table, machine, leftOut)
    return () => {
      const end = files.readAll(file)
      if (end < 0) return noFile(path)
      parse(files.bytes, end, rows)
      return { rows: rows.finish(), machine: false }
    }
  }

function statOf({ files, machine, values }: MachineContext): Read {
  const file = files.proc('stat')
  const cpus = new KeyedRows(machineCpu, machine)
  return () => {
    const end = files.readAll(file)
    if (end < 0) return noFile('stat')
    parseStat(files.bytes, end, values, cpus)
    return { rows: cpus.finish(), machine: true }
  }
}

/** `full` of cpu is always 0 for a whole machine; irq has no `some`. */
const PRESSURE = (
  [
    ['cpu', 'pressure_cpu_waiting_seconds', undefined],
    ['memory', 'pressure_memory_waiting_seconds', 'pressure_memory_stalled_seconds'],
    ['io', 'pressure_io_waiting_seconds', 'pressure_io_stalled_seconds'],
    ['irq', undefined, 'pressure_irq_stalled_seconds'],
  ] as const
).map(([resource, some, full]) => ({
  path: `pressure/${resource}`,
  columns: {
    some: some === undefined ? -1 : columnOf(machine, some),
    full: full === undefined ? -1 : columnOf(machine, full),
  },
}))

function pressureOf({ files, values }: MachineContext): Read {
  const sources = PRESSURE.map(({ path, columns }) => ({ file: files.proc(path), columns }))
  return () => {
    let found = 0
    for (const { file, columns } of sources) {
      const end = files.readAll(file)
      if (end < 0) continue
      parsePressure(files.bytes, end, values, columns)
      found += 1
    }
    if (found > 0) return MACHINE_ONLY
    return {
      reason: 'kernel booted without PSI',
      cure: 'add psi=1 to the kernel command line (Linux 4.20 or later)',
    }
  }
}

export const machineReaders: readonly {
  readonly name: string
  readonly help: string
  readonly open: (context: MachineContext) => Read
}[] = [
  { name: 'stat', help: 'CPU time and counters of the scheduler: /proc/stat.', open: statOf },
  { name: 'meminfo', help: 'Memory: /proc/meminfo.', open: columnsOf('meminfo', parseMeminfo) },
  {
    name: 'vmstat',
    help: 'Page faults, swapping, OOM kills: /proc/vmstat.',
    open: columnsOf('vmstat', parseVmstat),
  },
  {
    name: 'loadavg',
    help: 'Load averages: /proc/loadavg.',
    open: columnsOf('loadavg', parseLoadavg),
  },
  { name: 'pressure', help: 'Pressure stall information: /proc/pressure.', open: pressureOf },
  {
    name: 'diskstats',
    help: 'Block devices: /proc/diskstats.',
    open: rowsOf('diskstats', machineDisk, parseDiskstats, LEFT_OUT_DEVICES),
  },
  {
    name: 'netdev',
    help: 'Network devices: /proc/net/dev.',
    open: rowsOf('net/dev', machineNetwork, parseNetdev),
  },
  {
    name: 'uptime',
    help: 'Time since boot: /proc/uptime.',
    open: columnsOf('uptime', parseUptime),
  },
]
