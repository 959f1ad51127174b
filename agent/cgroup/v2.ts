/**
 * A cgroup of v2: one directory.
 *
 * Source: Documentation/admin-guide/cgroup-v2.rst
 * Units:  the kernel counts µs and bytes; rows hold seconds, bytes, and µs for the quota.
 */
import type { Entity, Row } from '../../wire/sample.ts'
import { HEATS, type KernelFile } from '../read/files.ts'
import { KeyedFile } from '../read/keyed-file.ts'
import { Scan } from '../read/scan.ts'
import {
  type CgroupDirectory,
  type CgroupFiles,
  OpenFiles,
  type UnreadPart,
} from './cgroup-files.ts'
import * as column from './columns.ts'
import { V2_HUGETLB } from './hugetlb.ts'
import { parseIoStat } from './io-stat.ts'
import { readLast } from './last-read.ts'
import { fillAvailable } from './limits.ts'
import { PressureFiles } from './pressure-files.ts'
import { Rest } from './rest.ts'
import type { Shared } from './shared.ts'
import { sharesOf } from './shares.ts'
import { type Directories, readColumns, readDescendants, V2_COLUMNS } from './slow-columns.ts'

const MICROSECONDS = 1e6

const keyed = (family: string, keys: readonly (readonly [string, number])[]) =>
  new KeyedFile(
    family,
    keys.map(([key, at]) => ({ key, column: at, factor: 1 })),
  )

/** Always of the cgroup and all below it. */
const memoryStat = keyed('memory.stat', [
  ['anon', column.MEMORY_RSS],
  ['file', column.MEMORY_CACHE],
  ['kernel', column.MEMORY_KERNEL],
  ['kernel_stack', column.KERNEL_STACK],
  ['pagetables', column.PAGETABLES],
  ['percpu', column.PERCPU],
  ['sock', column.SOCK],
  ['shmem', column.MEMORY_SHMEM],
  ['zswap', column.ZSWAP],
  ['zswapped', column.ZSWAPPED],
  ['file_mapped', column.MEMORY_MAPPED_FILE],
  ['file_dirty', column.FILE_DIRTY],
  ['file_writeback', column.FILE_WRITEBACK],
  ['anon_thp', column.ANON_THP],
  ['inactive_file', column.MEMORY_INACTIVE_FILE],
  ['active_file', column.MEMORY_ACTIVE_FILE],
  ['slab_reclaimable', column.SLAB_RECLAIMABLE],
  ['slab_unreclaimable', column.SLAB_UNRECLAIMABLE],
  ['workingset_refault', column.REFAULT_FILE],
  ['workingset_refault_anon', column.REFAULT_ANON],
  ['workingset_refault_file', column.REFAULT_FILE],
  ['pgscan', column.PGSCAN],
  ['pgsteal', column.PGSTEAL],
  ['pgfault', column.PGFAULT_HIERARCHY],
  ['pgmajfault', column.PGMAJFAULT_HIERARCHY],
])

/** `usage_usec` is always there, the rest where the controller is on. */
const cpuStat = keyed('cpu.stat', [
  ['usage_usec', column.CPU_USAGE],
  ['user_usec', column.CPU_USER],
  ['system_usec', column.CPU_SYSTEM],
  ['nr_periods', column.CPU_PERIODS],
  ['nr_throttled', column.CPU_THROTTLED_PERIODS],
  ['throttled_usec', column.CPU_THROTTLED],
  ['nr_bursts', column.CPU_BURST_PERIODS],
  ['burst_usec', column.CPU_BURST_SECONDS],
])
const IN_MICROSECONDS = [
  column.CPU_USAGE,
  column.CPU_USER,
  column.CPU_SYSTEM,
  column.CPU_THROTTLED,
  column.CPU_BURST_SECONDS,
]
const OF_QUOTA = [
  column.CPU_PERIODS,
  column.CPU_THROTTLED_PERIODS,
  column.CPU_THROTTLED,
  column.CPU_BURST_PERIODS,
  column.CPU_BURST_SECONDS,
]

const memoryEvents = keyed('memory.events', [
  ['low', column.EVENTS_LOW],
  ['high', column.EVENTS_HIGH],
  ['max', column.EVENTS_MAX],
  ['oom', column.EVENTS_OOM],
  ['oom_kill', column.OOM_KILLS],
  ['oom_group_kill', column.EVENTS_OOM_GROUP_KILL],
])

const scan = new Scan()

export class V2Files implements CgroupFiles {
  readonly #shared: Shared
  readonly #directory: CgroupDirectory
  readonly #directories: Directories
  readonly #open: OpenFiles
  readonly #current: KernelFile | undefined
  readonly #swap: KernelFile | undefined
  readonly #stat: KernelFile | undefined
  readonly #events: KernelFile | undefined
  readonly #cpu: KernelFile | undefined
  readonly #pids: KernelFile | undefined
  readonly #io: KernelFile | undefined
  readonly #pressure: PressureFiles
  /** Undefined for the root, which has limits and no row. */
  #rest: Rest | undefined
  /** After `readLimits`, once a minute. */
  #isAllDue = true
  readonly hierarchicalMemoryLimit = undefined
  more: readonly Row[] = []

  constructor(shared: Shared, directory: CgroupDirectory) {
    const open = new OpenFiles(shared.files)
    this.#shared = shared
    this.#directory = directory
    this.#directories = {
      memory: directory,
      cpu: directory,
      pids: directory,
      cpuset: directory,
      hugetlb: directory,
      unified: directory,
    }
    this.#open = open
    this.#current = open.add(directory, 'memory.current', HEATS.eachPassOfMany)
    this.#stat = open.add(directory, 'memory.stat', HEATS.eachPassOfMany)
    this.#cpu = open.add(directory, 'cpu.stat', HEATS.eachPassOfMany)
    this.#swap = open.add(directory, 'memory.swap.current', HEATS.lessNeeded)
    this.#events = open.add(directory, 'memory.events', HEATS.lessNeeded)
    this.#pids = open.add(directory, 'pids.current', HEATS.lessNeeded)
    this.#io = open.add(directory, 'io.stat', HEATS.lessNeeded)
    this.#pressure = new PressureFiles(open, directory, false)
  }

  readUsage(values: Float64Array): void {
    const isStill = this.#readPulse(values) && !this.#isAllDue
    if (!isStill) {
      this.#readMemory(values)
      this.#readEvents(values)
      this.#isAllDue = false
    } else if (column.isBeingWritten(values)) {
      this.#readMemory(values)
    }
    values[column.THREADS] = this.#open.readNumber(this.#pids)
    this.#pressure.read(values)
    this.#readKeyed(false)
    this.#open.prove()
  }

  /** True where neither CPU was used nor memory is another; see `CgroupFiles.readUsage`. */
  #readPulse(values: Float64Array): boolean {
    const cpu = values[column.CPU_USAGE]
    const usage = values[column.MEMORY_USAGE]
    this.#readCpu(values)
    values[column.MEMORY_USAGE] = this.#open.readNumber(this.#current)
    return values[column.CPU_USAGE] === cpu && values[column.MEMORY_USAGE] === usage
  }

  /** The kernel counts periods wherever the controller is on; without a quota they say nothing. */
  #readCpu(values: Float64Array): void {
    const end = this.#open.read(this.#cpu)
    if (end < 0) {
      cpuStat.parseNone(values)
      return
    }
    cpuStat.parseAll(this.#open.files.bytes, end, values)
    for (let i = 0; i < IN_MICROSECONDS.length; i += 1) {
      values[IN_MICROSECONDS[i]!]! /= MICROSECONDS
    }
    if (!Number.isNaN(values[column.CPU_QUOTA]!)) return
    for (let i = 0; i < OF_QUOTA.length; i += 1) values[OF_QUOTA[i]!] = Number.NaN
  }

  /** Beside the usage, which is read already. */
  #readMemory(values: Float64Array): void {
    const open = this.#open
    const current = values[column.MEMORY_USAGE]!
    values[column.MEMORY_SWAP] = open.readNumber(this.#swap)
    const end = open.read(this.#stat)
    if (end >= 0) memoryStat.parseAll(open.files.bytes, end, values)
    else memoryStat.parseNone(values)
    values[column.PGFAULT_CONTAINER] = values[column.PGFAULT_HIERARCHY]!
    values[column.PGMAJFAULT_CONTAINER] = values[column.PGMAJFAULT_HIERARCHY]!
    values[column.MEMORY_WORKING_SET] = Math.max(0, current - values[column.MEMORY_INACTIVE_FILE]!)
    fillAvailable(values)
  }

  #readEvents(values: Float64Array): void {
    const end = this.#open.read(this.#events)
    if (end >= 0) memoryEvents.parseAll(this.#open.files.bytes, end, values)
    else memoryEvents.parseNone(values)
  }

  #readKeyed(isLast: boolean): void {
    if (this.#rest === undefined) return
    const end = this.#open.read(this.#io)
    if (end > 0) parseIoStat(this.#open.files.bytes, end, this.#rest.disks)
    else this.#rest.tellNoDisks()
    if (isLast) this.#rest.readLastNetwork()
    else this.#rest.readNetwork()
    this.more = this.#rest.rows()
  }

  readLimits(values: Float64Array): void {
    this.#readLimits(values, false)
  }

  #readLimits(values: Float64Array, isLast: boolean): void {
    const rest = this.#rest
    this.#open.retry()
    readColumns(V2_COLUMNS, this.#open, this.#directories, values, rest === undefined)
    this.#readQuota(values)
    values[column.CPU_SHARES] = sharesOf(values[column.CPU_WEIGHT]!)
    values[column.SWAP_LIMIT] = values[column.MEMSW_LIMIT]!
    values[column.MEMORY_RESERVATION] = reservationOf(values)
    if (rest !== undefined) {
      readDescendants(this.#open, this.#directories, values)
      rest.readSlow(this.#open, this.#directory, values, isLast)
      this.#isAllDue = true
    }
    this.#open.prove()
  }

  /** `50000 100000` or `max 100000`. */
  #readQuota(values: Float64Array): void {
    const end = this.#open.once(this.#directory, 'cpu.max')
    scan.over(this.#open.files.bytes, Math.max(0, end))
    values[column.CPU_QUOTA] = scan.unsigned()
    scan.word()
    scan.blanks()
    values[column.CPU_PERIOD] = scan.unsigned()
  }

  readFinal(values: Float64Array): void {
    readLast(this.#open, values, [
      () => this.#readCpu(values),
      () => (values[column.MEMORY_USAGE] = this.#open.readNumber(this.#current)),
      () => this.#readMemory(values),
      () => this.#readEvents(values),
      () => (values[column.THREADS] = this.#open.readNumber(this.#pids)),
      () => this.#pressure.read(values),
      () => this.#readKeyed(true),
      () => this.#readLimits(values, true),
    ])
  }

  describe(entity: Entity): void {
    if (this.#rest === undefined) {
      this.#rest = new Rest(this.#shared, entity, this.#directory, V2_HUGETLB)
    } else {
      this.#rest.describe(entity)
    }
    this.more = this.#rest.rows()
  }

  get unread(): UnreadPart | undefined {
    return this.#rest?.unread
  }

  close(): void {
    this.#rest?.close()
    this.#open.close()
  }
}

/** Runtimes write it into `memory.low`; a 0 is none. */
function reservationOf(values: Float64Array): number {
  const low = values[column.MEMORY_LOW]!
  const least = values[column.MEMORY_MIN]!
  return low > 0 ? low : least > 0 ? least : Number.NaN
}
