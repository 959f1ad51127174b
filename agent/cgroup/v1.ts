/**
 * A cgroup of v1: one directory in each controller's tree.
 *
 * Source: Documentation/admin-guide/cgroup-v1/{memory,cpuacct,pids}.rst,
 *         Documentation/scheduler/sched-bwc.rst
 * Units:  the kernel counts ns of CPU, µs of quota and bytes; rows hold seconds, µs and bytes.
 */
import type { Entity, Row } from '../../wire/sample.ts'
import { ABSENT, type KernelFile, type KernelFiles } from '../read/files.ts'
import { KeyedFile } from '../read/keyed-file.ts'
import { parseLimit } from '../read/scan.ts'
import { type CgroupDirectory, type CgroupFiles, OpenFiles } from './cgroup-files.ts'
import * as column from './columns.ts'
import type { Controller } from './mode.ts'
import { PressureFiles } from './pressure-files.ts'

const NANOSECONDS = 1e9
const UNLIMITED = 2 ** 62

/** `total_…` counts the cgroup and all below it, as v2 does without saying so. */
const STAT = [
  'hierarchical_memory_limit',
  'total_cache',
  'total_rss',
  'total_shmem',
  'total_mapped_file',
  'total_inactive_file',
  'total_active_file',
] as const
const stat = new Float64Array(STAT.length)
const statFile = new KeyedFile(
  'memory.stat',
  STAT.map((key, i) => ({ key, column: i, factor: 1 })),
)

/** The second key is in the file of a kernel before 4.13 too, which counts no kills. */
const OOM = ['oom_kill', 'under_oom'] as const
const oom = new Float64Array(OOM.length)
const oomFile = new KeyedFile(
  'memory.oom_control',
  OOM.map((key, i) => ({ key, column: i, factor: 1 })),
)

const THROTTLING = ['nr_periods', 'nr_throttled', 'throttled_time'] as const
const throttling = new Float64Array(THROTTLING.length)
const throttlingFile = new KeyedFile(
  'cpu.stat',
  THROTTLING.map((key, i) => ({ key, column: i, factor: 1 })),
)

export class V1Files implements CgroupFiles {
  readonly #open: OpenFiles
  readonly #usage: KernelFile | undefined
  readonly #stat: KernelFile | undefined
  readonly #oom: KernelFile | undefined
  readonly #cpu: KernelFile | undefined
  readonly #throttling: KernelFile | undefined
  readonly #pids: KernelFile | undefined
  readonly #pressure: PressureFiles | undefined
  readonly #directories: Directories
  hierarchicalMemoryLimit: number | undefined
  readonly more: readonly Row[] = []

  constructor(files: KernelFiles, directories: Directories) {
    const { memory, cpu, cpuacct, pids, unified } = directories
    this.#directories = directories
    this.#open = new OpenFiles(files)
    this.#usage = this.#open.add(memory, 'memory.usage_in_bytes')
    this.#stat = this.#open.add(memory, 'memory.stat')
    this.#oom = this.#open.add(memory, 'memory.oom_control')
    this.#cpu = this.#open.add(cpuacct, 'cpuacct.usage')
    this.#throttling = this.#open.add(cpu, 'cpu.stat')
    this.#pids = this.#open.add(pids, 'pids.current')
    this.#pressure = unified ? new PressureFiles(this.#open, unified, true) : undefined
  }

  readUsage(values: Float64Array): void {
    const open = this.#open
    values[column.CPU_USAGE] = open.readNumber(this.#cpu) / NANOSECONDS
    values[column.THREADS] = open.readNumber(this.#pids)
    this.#readMemory(values)
    this.#readThrottling(values)
    this.#pressure?.read(values)
    this.#open.prove()
  }

  #readMemory(values: Float64Array): void {
    const open = this.#open
    const usage = open.readNumber(this.#usage)
    stat.fill(Number.NaN)
    const end = open.read(this.#stat)
    if (end >= 0) statFile.parse(open.files.bytes, end, stat)
    const inactiveFile = stat[5]!
    this.hierarchicalMemoryLimit = stat[0]! > UNLIMITED ? Number.NaN : stat[0]!
    values[column.MEMORY_USAGE] = usage
    values[column.MEMORY_WORKING_SET] = Math.max(0, usage - inactiveFile)
    values[column.MEMORY_CACHE] = stat[1]!
    values[column.MEMORY_RSS] = stat[2]!
    values[column.MEMORY_SHMEM] = stat[3]!
    values[column.MEMORY_MAPPED_FILE] = stat[4]!
    values[column.MEMORY_INACTIVE_FILE] = inactiveFile
    values[column.MEMORY_ACTIVE_FILE] = stat[6]!
    oom.fill(Number.NaN)
    const oomEnd = open.read(this.#oom)
    if (oomEnd >= 0) oomFile.parse(open.files.bytes, oomEnd, oom)
    values[column.OOM_KILLS] = oom[0]!
  }

  /** Without a quota the kernel prints zeros that mean nothing: they are not read. */
  #readThrottling(values: Float64Array): void {
    throttling.fill(Number.NaN)
    const limited = !Number.isNaN(values[column.CPU_QUOTA]!)
    const end = limited ? this.#open.read(this.#throttling) : ABSENT
    if (end >= 0) throttlingFile.parse(this.#open.files.bytes, end, throttling)
    values[column.CPU_PERIODS] = throttling[0]!
    values[column.CPU_THROTTLED_PERIODS] = throttling[1]!
    values[column.CPU_THROTTLED] = throttling[2]! / NANOSECONDS
  }

  readLimits(values: Float64Array): void {
    const { memory, cpu, pids } = this.#directories
    this.#open.retry()
    values[column.MEMORY_LIMIT] = this.#limit(memory, 'memory.limit_in_bytes')
    values[column.CPU_QUOTA] = this.#limit(cpu, 'cpu.cfs_quota_us')
    values[column.CPU_PERIOD] = this.#limit(cpu, 'cpu.cfs_period_us')
    values[column.CPU_SHARES] = this.#limit(cpu, 'cpu.shares')
    values[column.THREADS_MAX] = this.#limit(pids, 'pids.max')
  }

  #limit(directory: CgroupDirectory | undefined, name: string): number {
    if (directory === undefined) return Number.NaN
    const { files } = this.#open
    const end = files.readOnce(`${directory.path}/${name}`)
    return end < 0 ? Number.NaN : parseLimit(files.bytes, end)
  }

  describe(_entity: Entity): void {}

  close(): void {
    this.#open.close()
  }
}

/** Where the cgroup exists; `unified` on a hybrid machine. */
export type Directories = Readonly<Partial<Record<Controller | 'unified', CgroupDirectory>>>
