/**
 * A cgroup of v1: one directory in each controller's tree.
 *
 * Source: Documentation/admin-guide/cgroup-v1/{memory,cpuacct,pids,blkio-controller}.rst,
 *         Documentation/scheduler/sched-bwc.rst
 * Units:  the kernel counts ns of CPU, 1/100 s of its kinds, µs of quota and bytes; rows hold
 *         seconds, µs and bytes.
 */
import type { Entity, Row } from '../../wire/sample.ts'
import { ABSENT, HEATS, type KernelFile } from '../read/files.ts'
import { KeyedFile } from '../read/keyed-file.ts'
import { BlkioFiles } from './blkio-files.ts'
import { type CgroupFiles, OpenFiles, type UnreadPart } from './cgroup-files.ts'
import * as column from './columns.ts'
import { V1_HUGETLB } from './hugetlb.ts'
import { readLast } from './last-read.ts'
import { fillAvailable } from './limits.ts'
import { PressureFiles } from './pressure-files.ts'
import { Rest } from './rest.ts'
import type { Shared } from './shared.ts'
import { type Directories, readColumns, readDescendants, V1_COLUMNS } from './slow-columns.ts'

const NANOSECONDS = 1e9
const UNLIMITED = 2 ** 62
/** USER_HZ: what the kernel tells user space a tick is, whatever its own are. */
const TICKS = 100

/** Behind the last column: what the kernel says of the limits above. */
const HIERARCHICAL = column.COLUMNS

/** `total_…` counts the cgroup and all below it, as v2 does without saying so. */
const memoryStat = new KeyedFile(
  'memory.stat',
  (
    [
      ['hierarchical_memory_limit', HIERARCHICAL],
      ['total_cache', column.MEMORY_CACHE],
      ['total_rss', column.MEMORY_RSS],
      ['total_rss_huge', column.ANON_THP],
      ['total_shmem', column.MEMORY_SHMEM],
      ['total_mapped_file', column.MEMORY_MAPPED_FILE],
      ['total_dirty', column.FILE_DIRTY],
      ['total_writeback', column.FILE_WRITEBACK],
      ['total_swap', column.MEMORY_SWAP],
      ['total_inactive_file', column.MEMORY_INACTIVE_FILE],
      ['total_active_file', column.MEMORY_ACTIVE_FILE],
      ['pgfault', column.PGFAULT_CONTAINER],
      ['pgmajfault', column.PGMAJFAULT_CONTAINER],
      ['total_pgfault', column.PGFAULT_HIERARCHY],
      ['total_pgmajfault', column.PGMAJFAULT_HIERARCHY],
      ['total_workingset_refault', column.REFAULT_FILE],
      ['total_workingset_refault_file', column.REFAULT_FILE],
      ['total_workingset_refault_anon', column.REFAULT_ANON],
    ] as const
  ).map(([key, at]) => ({ key, column: at, factor: 1 })),
)
/** A row and what is no column of it. */
const memory = new Float64Array(column.COLUMNS + 1)
const OF_MEMORY = [...memoryStat.columns].filter((at) => at !== HIERARCHICAL)

/** The second key is in the file of a kernel before 4.13 too, which counts no kills. */
const oomControl = new KeyedFile(
  'memory.oom_control',
  ['oom_kill', 'under_oom'].map((key, i) => ({ key, column: i, factor: 1 })),
)
const oom = new Float64Array(2)

const cpuStat = new KeyedFile('cpu.stat', [
  { key: 'nr_periods', column: column.CPU_PERIODS, factor: 1 },
  { key: 'nr_throttled', column: column.CPU_THROTTLED_PERIODS, factor: 1 },
  { key: 'throttled_time', column: column.CPU_THROTTLED, factor: 1 },
  { key: 'nr_bursts', column: column.CPU_BURST_PERIODS, factor: 1 },
  { key: 'burst_time', column: column.CPU_BURST_SECONDS, factor: 1 },
])

const cpuacctStat = new KeyedFile('cpuacct.stat', [
  { key: 'user', column: column.CPU_USER, factor: 1 },
  { key: 'system', column: column.CPU_SYSTEM, factor: 1 },
])

export class V1Files implements CgroupFiles {
  readonly #shared: Shared
  readonly #directories: Directories
  readonly #open: OpenFiles
  readonly #usage: KernelFile | undefined
  readonly #stat: KernelFile | undefined
  readonly #oom: KernelFile | undefined
  readonly #cpu: KernelFile | undefined
  readonly #cpuKinds: KernelFile | undefined
  readonly #throttling: KernelFile | undefined
  readonly #pids: KernelFile | undefined
  readonly #pressure: PressureFiles | undefined
  readonly #blkio: BlkioFiles | undefined
  /** Undefined for the root, which has limits and no row. */
  #rest: Rest | undefined
  /** Whether CPU was used since its kinds were read. */
  #areKindsDue = false
  #wereKindsLast = false
  /** After `readLimits`, once a minute. */
  #isAllDue = true
  /** Whether those that use its CPU are those that use its memory, as far as a look a minute tells. */
  #isOneGroup = true
  hierarchicalMemoryLimit: number | undefined
  more: readonly Row[] = []

  constructor(shared: Shared, directories: Directories) {
    const { memory: ofMemory, cpu, cpuacct, pids, blkio, unified } = directories
    const open = new OpenFiles(shared.files)
    this.#shared = shared
    this.#directories = directories
    this.#open = open
    this.#usage = open.add(ofMemory, 'memory.usage_in_bytes', HEATS.eachPassOfMany)
    this.#stat = open.add(ofMemory, 'memory.stat', HEATS.eachPassOfMany)
    this.#oom = open.add(ofMemory, 'memory.oom_control', HEATS.lessNeeded)
    this.#cpu = open.add(cpuacct, 'cpuacct.usage', HEATS.eachPassOfMany)
    this.#cpuKinds = open.add(cpuacct, 'cpuacct.stat', HEATS.afterChange)
    this.#throttling = open.add(cpu, 'cpu.stat', HEATS.lessNeeded)
    this.#pids = open.add(pids, 'pids.current', HEATS.lessNeeded)
    this.#pressure = unified ? new PressureFiles(open, unified, true) : undefined
    this.#blkio = blkio ? new BlkioFiles(open, blkio) : undefined
  }

  readUsage(values: Float64Array): void {
    const isStill = this.#readPulse(values) && !this.#isAllDue && this.#isOneGroup
    if (!isStill) {
      this.#readMemory(values)
      this.#readOom(values)
      this.#readThrottling(values)
      if (this.#rest !== undefined) this.#blkio?.readBytes(this.#rest)
    } else if (column.isBeingWritten(values)) {
      this.#readMemory(values)
    }
    values[column.THREADS] = this.#open.readNumber(this.#pids)
    this.#takeTurn(values)
    this.#isAllDue = false
    this.#pressure?.read(values)
    this.#readKeyed(false)
    this.#open.prove()
  }

  /** True where neither CPU was used nor memory is another; see `CgroupFiles.readUsage`. */
  #readPulse(values: Float64Array): boolean {
    const cpu = values[column.CPU_USAGE]
    const usage = values[column.MEMORY_USAGE]
    this.#readCpu(values)
    values[column.MEMORY_USAGE] = this.#open.readNumber(this.#usage)
    return values[column.CPU_USAGE] === cpu && values[column.MEMORY_USAGE] === usage
  }

  #readCpu(values: Float64Array): void {
    const before = values[column.CPU_USAGE]!
    const now = this.#open.readNumber(this.#cpu) / NANOSECONDS
    values[column.CPU_USAGE] = now
    if (now !== before) this.#areKindsDue = true
  }

  /** Beside the usage, which is read already. */
  #readMemory(values: Float64Array): void {
    const open = this.#open
    const usage = values[column.MEMORY_USAGE]!
    const end = open.read(this.#stat)
    if (end >= 0) memoryStat.parseAll(open.files.bytes, end, memory)
    else memoryStat.parseNone(memory)
    for (let i = 0; i < OF_MEMORY.length; i += 1) values[OF_MEMORY[i]!] = memory[OF_MEMORY[i]!]!
    const limit = memory[HIERARCHICAL]!
    this.hierarchicalMemoryLimit = limit > UNLIMITED ? Number.NaN : limit
    values[column.MEMORY_WORKING_SET] = Math.max(0, usage - memory[column.MEMORY_INACTIVE_FILE]!)
    fillAvailable(values)
  }

  #readOom(values: Float64Array): void {
    const end = this.#open.read(this.#oom)
    if (end >= 0) oomControl.parseAll(this.#open.files.bytes, end, oom)
    values[column.OOM_KILLS] = end >= 0 ? oom[0]! : Number.NaN
  }

  /** Without a quota the kernel prints zeros that mean nothing: they are not read. */
  #readThrottling(values: Float64Array): void {
    const isLimited = !Number.isNaN(values[column.CPU_QUOTA]!)
    const end = isLimited ? this.#open.read(this.#throttling) : ABSENT
    if (end < 0) {
      cpuStat.parseNone(values)
      return
    }
    cpuStat.parseAll(this.#open.files.bytes, end, values)
    values[column.CPU_THROTTLED]! /= NANOSECONDS
    values[column.CPU_BURST_SECONDS]! /= NANOSECONDS
  }

  #readCpuKinds(values: Float64Array): void {
    const end = this.#open.read(this.#cpuKinds)
    this.#areKindsDue = false
    if (end < 0) {
      cpuacctStat.parseNone(values)
      return
    }
    cpuacctStat.parseAll(this.#open.files.bytes, end, values)
    values[column.CPU_USER]! /= TICKS
    values[column.CPU_SYSTEM]! /= TICKS
  }

  #readKeyed(isLast: boolean): void {
    if (this.#rest === undefined) return
    if (isLast) this.#rest.readLastNetwork()
    else this.#rest.readNetwork()
    this.more = this.#rest.rows()
  }

  /**
   * Where v2 has one file, v1 has two: the kinds of CPU time beside their sum, operations beside bytes.
   * They are read only after the first of each has changed, and one of them a pass; both after
   * `readLimits`.
   */
  #takeTurn(values: Float64Array): void {
    const all = this.#isAllDue
    const isServicedDue = all || this.#blkio?.isServicedDue === true
    const areKindsDue = all || this.#areKindsDue
    const areKindsNext = areKindsDue && (!isServicedDue || !this.#wereKindsLast)
    if (all || areKindsNext) this.#readCpuKinds(values)
    if (all || (isServicedDue && !areKindsNext)) this.#readServiced()
    this.#wereKindsLast = areKindsNext
  }

  #readServiced(): void {
    if (this.#rest !== undefined) this.#blkio?.readServiced(this.#rest)
  }

  readLimits(values: Float64Array): void {
    this.#readLimits(values, false)
  }

  #readLimits(values: Float64Array, isLast: boolean): void {
    const rest = this.#rest
    this.#open.retry()
    readColumns(V1_COLUMNS, this.#open, this.#directories, values, rest === undefined)
    values[column.SWAP_LIMIT] = values[column.MEMSW_LIMIT]! - values[column.MEMORY_LIMIT]!
    if (rest !== undefined) {
      readDescendants(this.#open, this.#directories, values)
      rest.readSlow(this.#open, this.#directories.hugetlb, values, isLast)
      this.#isOneGroup = rest.sharesProcessesWith(this.#directories.cpuacct)
      this.#blkio?.look()
      this.#blkio?.readDetails(rest)
      this.#isAllDue = true
    }
    this.#open.prove()
  }

  readFinal(values: Float64Array): void {
    readLast(this.#open, values, [
      () => this.#readCpu(values),
      () => (values[column.MEMORY_USAGE] = this.#open.readNumber(this.#usage)),
      () => this.#readCpuKinds(values),
      () => this.#readMemory(values),
      () => this.#readOom(values),
      () => this.#readThrottling(values),
      () => (values[column.THREADS] = this.#open.readNumber(this.#pids)),
      () => this.#pressure?.read(values),
      () => this.#rest && this.#blkio?.readBytes(this.#rest),
      () => this.#readServiced(),
      () => this.#readKeyed(true),
      () => this.#readLimits(values, true),
    ])
  }

  describe(entity: Entity): void {
    const { memory: ofMemory, cpu, cpuacct, pids } = this.#directories
    if (this.#rest === undefined) {
      const procs = ofMemory ?? cpu ?? cpuacct ?? pids
      this.#rest = new Rest(this.#shared, entity, procs, V1_HUGETLB)
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
