/**
 * Columns that a file of one value, or a few, fills once a minute: limits, peaks, what hardly changes.
 *
 * Source: Documentation/admin-guide/cgroup-v1/{memory,cpusets,pids}.rst,
 *         Documentation/admin-guide/cgroup-v2.rst
 */
import { KeyedFile } from '../read/keyed-file.ts'
import { parseLimit, parseNumber } from '../read/scan.ts'
import type { CgroupDirectory, OpenFiles } from './cgroup-files.ts'
import * as column from './columns.ts'
import { listLength } from './list-length.ts'
import type { Controller, Beside } from './mode.ts'

/** Where a cgroup exists; `unified` is v2's tree, that of a hybrid machine too. */
export type Directories = Readonly<
  Partial<Record<Controller | Beside | 'unified', CgroupDirectory>>
>

type Parse = (bytes: Uint8Array, end: number) => number

interface SlowColumn {
  readonly column: number
  readonly directory: keyof Directories
  /** The first that is there. */
  readonly names: readonly string[]
  readonly parse: Parse
  /** Binds the cgroups below too: read of the root as well. */
  readonly binds?: true
}

const pidsEvents = new KeyedFile('pids.events', [{ key: 'max', column: 0, factor: 1 }])
const descendants = new KeyedFile('cgroup.stat', [
  { key: 'nr_descendants', column: column.DESCENDANTS_LIVE, factor: 1 },
  { key: 'nr_dying_descendants', column: column.DESCENDANTS_DYING, factor: 1 },
])
const one = new Float64Array(1)

function parseEvents(bytes: Uint8Array, end: number): number {
  pidsEvents.parse(bytes, end, one)
  return one[0]!
}

/** An empty list is that of a cgroup of v1 that was given no CPU yet: no process can be in it. */
function parseList(bytes: Uint8Array, end: number): number {
  const length = listLength(bytes, end)
  return length === 0 ? Number.NaN : length
}

const PIDS: readonly SlowColumn[] = [
  {
    column: column.THREADS_MAX,
    directory: 'pids',
    names: ['pids.max'],
    parse: parseLimit,
    binds: true,
  },
  { column: column.PIDS_PEAK, directory: 'pids', names: ['pids.peak'], parse: parseNumber },
  { column: column.PIDS_MAX_EVENTS, directory: 'pids', names: ['pids.events'], parse: parseEvents },
]

export const V1_COLUMNS: readonly SlowColumn[] = [
  ...PIDS,
  ...(
    [
      [column.MEMORY_LIMIT, 'memory.limit_in_bytes', parseLimit, true],
      [column.MEMORY_RESERVATION, 'memory.soft_limit_in_bytes', parseLimit],
      [column.MEMSW_LIMIT, 'memory.memsw.limit_in_bytes', parseLimit],
      [column.MEMORY_MAX_USAGE, 'memory.max_usage_in_bytes', parseNumber],
      [column.MEMORY_FAILCNT, 'memory.failcnt', parseNumber],
      [column.MEMORY_KERNEL, 'memory.kmem.usage_in_bytes', parseNumber],
      [column.SOCK, 'memory.kmem.tcp.usage_in_bytes', parseNumber],
    ] as const
  ).map(toColumn('memory')),
  ...(
    [
      [column.CPU_QUOTA, 'cpu.cfs_quota_us', parseLimit, true],
      [column.CPU_PERIOD, 'cpu.cfs_period_us', parseLimit, true],
      [column.CPU_SHARES, 'cpu.shares', parseLimit],
      [column.CPU_BURST, 'cpu.cfs_burst_us', parseNumber],
      [column.CPU_IDLE, 'cpu.idle', parseNumber],
    ] as const
  ).map(toColumn('cpu')),
  {
    column: column.CPUSET_CPUS,
    directory: 'cpuset',
    names: ['cpuset.effective_cpus', 'cpuset.cpus'],
    parse: parseList,
    binds: true,
  },
  {
    column: column.CPUSET_MEMS,
    directory: 'cpuset',
    names: ['cpuset.effective_mems', 'cpuset.mems'],
    parse: parseList,
  },
  {
    column: column.MEMORY_MIGRATE,
    directory: 'cpuset',
    names: ['cpuset.memory_migrate'],
    parse: parseNumber,
  },
]

export const V2_COLUMNS: readonly SlowColumn[] = [
  ...PIDS,
  ...(
    [
      [column.MEMORY_LIMIT, 'memory.max', parseLimit, true],
      [column.MEMORY_HIGH, 'memory.high', parseLimit],
      [column.MEMORY_LOW, 'memory.low', parseLimit],
      [column.MEMORY_MIN, 'memory.min', parseLimit],
      [column.MEMSW_LIMIT, 'memory.swap.max', parseLimit],
      [column.MEMORY_MAX_USAGE, 'memory.peak', parseNumber],
    ] as const
  ).map(toColumn('memory')),
  ...(
    [
      [column.CPU_WEIGHT, 'cpu.weight', parseLimit],
      [column.CPU_BURST, 'cpu.max.burst', parseNumber],
      [column.CPU_IDLE, 'cpu.idle', parseNumber],
    ] as const
  ).map(toColumn('cpu')),
  {
    column: column.CPUSET_CPUS,
    directory: 'cpuset',
    names: ['cpuset.cpus.effective'],
    parse: parseList,
    binds: true,
  },
  {
    column: column.CPUSET_MEMS,
    directory: 'cpuset',
    names: ['cpuset.mems.effective'],
    parse: parseList,
  },
]

function toColumn(directory: keyof Directories) {
  return ([at, name, parse, binds]: readonly [number, string, Parse, true?]): SlowColumn => ({
    column: at,
    directory,
    names: [name],
    parse,
    ...(binds && { binds }),
  })
}

/** Of the root only what binds those below it. */
export function readColumns(
  columns: readonly SlowColumn[],
  open: OpenFiles,
  directories: Directories,
  values: Float64Array,
  isRoot: boolean,
): void {
  for (const { column: at, directory, names, parse, binds } of columns) {
    if (isRoot && binds !== true) continue
    let end = -1
    for (const name of names) if (end < 0) end = open.once(directories[directory], name)
    values[at] = end < 0 ? Number.NaN : parse(open.files.bytes, end)
  }
}

/** Source: cgroup.stat of v2 or of a hybrid machine's v2 tree. */
export function readDescendants(
  open: OpenFiles,
  { unified }: Directories,
  values: Float64Array,
): void {
  values[column.DESCENDANTS_LIVE] = Number.NaN
  values[column.DESCENDANTS_DYING] = Number.NaN
  const end = open.once(unified, 'cgroup.stat')
  if (end >= 0) descendants.parse(open.files.bytes, end, values)
}
