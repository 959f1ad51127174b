/**
 * A cgroup of v2: one directory.
 *
 * Source: Documentation/admin-guide/cgroup-v2.rst
 * Units:  the kernel counts µs and bytes; rows hold seconds, bytes, and µs for the quota.
 */
import type { Entity, Row } from '../../wire/sample.ts'
import type { KernelFile, KernelFiles } from '../read/files.ts'
import { KeyedFile } from '../read/keyed-file.ts'
import { parseLimit, Scan } from '../read/scan.ts'
import { type CgroupDirectory, type CgroupFiles, OpenFiles } from './cgroup-files.ts'
import * as column from './columns.ts'
import { PressureFiles } from './pressure-files.ts'

const MICROSECONDS = 1e6

/** Always of the cgroup and all below it. */
const memoryStat = new KeyedFile('memory.stat', [
  { key: 'anon', column: column.MEMORY_RSS, factor: 1 },
  { key: 'file', column: column.MEMORY_CACHE, factor: 1 },
  { key: 'shmem', column: column.MEMORY_SHMEM, factor: 1 },
  { key: 'file_mapped', column: column.MEMORY_MAPPED_FILE, factor: 1 },
  { key: 'inactive_file', column: column.MEMORY_INACTIVE_FILE, factor: 1 },
  { key: 'active_file', column: column.MEMORY_ACTIVE_FILE, factor: 1 },
])

const CPU_STAT = ['usage_usec', 'nr_periods', 'nr_throttled', 'throttled_usec'] as const
const cpu = new Float64Array(CPU_STAT.length)
const cpuStat = new KeyedFile(
  'cpu.stat',
  CPU_STAT.map((key, i) => ({ key, column: i, factor: 1 })),
)

const EVENTS = ['oom_kill', 'max'] as const
const events = new Float64Array(EVENTS.length)
const memoryEvents = new KeyedFile(
  'memory.events',
  EVENTS.map((key, i) => ({ key, column: i, factor: 1 })),
)

const MEMORY_COLUMNS = [
  column.MEMORY_RSS,
  column.MEMORY_CACHE,
  column.MEMORY_SHMEM,
  column.MEMORY_MAPPED_FILE,
  column.MEMORY_INACTIVE_FILE,
  column.MEMORY_ACTIVE_FILE,
]

const scan = new Scan()

export class V2Files implements CgroupFiles {
  readonly #open: OpenFiles
  readonly #directory: string
  readonly #current: KernelFile | undefined
  readonly #stat: KernelFile | undefined
  readonly #events: KernelFile | undefined
  readonly #cpu: KernelFile | undefined
  readonly #pids: KernelFile | undefined
  readonly #pressure: PressureFiles
  readonly hierarchicalMemoryLimit = undefined
  readonly more: readonly Row[] = []

  constructor(files: KernelFiles, directory: CgroupDirectory) {
    this.#directory = directory.path
    this.#open = new OpenFiles(files)
    this.#current = this.#open.add(directory, 'memory.current')
    this.#stat = this.#open.add(directory, 'memory.stat')
    this.#events = this.#open.add(directory, 'memory.events')
    this.#cpu = this.#open.add(directory, 'cpu.stat')
    this.#pids = this.#open.add(directory, 'pids.current')
    this.#pressure = new PressureFiles(this.#open, directory, false)
  }

  readUsage(values: Float64Array): void {
    this.#readCpu(values)
    this.#readMemory(values)
    values[column.THREADS] = this.#open.readNumber(this.#pids)
    this.#pressure.read(values)
    this.#open.prove()
  }

  /** The kernel counts periods wherever the controller is on; without a quota they say nothing. */
  #readCpu(values: Float64Array): void {
    cpu.fill(Number.NaN)
    const end = this.#open.read(this.#cpu)
    if (end >= 0) cpuStat.parse(this.#open.files.bytes, end, cpu)
    const limited = !Number.isNaN(values[column.CPU_QUOTA]!)
    values[column.CPU_USAGE] = cpu[0]! / MICROSECONDS
    values[column.CPU_PERIODS] = limited ? cpu[1]! : Number.NaN
    values[column.CPU_THROTTLED_PERIODS] = limited ? cpu[2]! : Number.NaN
    values[column.CPU_THROTTLED] = limited ? cpu[3]! / MICROSECONDS : Number.NaN
  }

  #readMemory(values: Float64Array): void {
    const open = this.#open
    const current = open.readNumber(this.#current)
    for (const absent of MEMORY_COLUMNS) values[absent] = Number.NaN
    const end = open.read(this.#stat)
    if (end >= 0) memoryStat.parse(open.files.bytes, end, values)
    values[column.MEMORY_USAGE] = current
    values[column.MEMORY_WORKING_SET] = Math.max(0, current - values[column.MEMORY_INACTIVE_FILE]!)
    events.fill(Number.NaN)
    const eventsEnd = open.read(this.#events)
    if (eventsEnd >= 0) memoryEvents.parse(open.files.bytes, eventsEnd, events)
    values[column.OOM_KILLS] = events[0]!
  }

  readLimits(values: Float64Array): void {
    this.#open.retry()
    values[column.MEMORY_LIMIT] = this.#limit('memory.max')
    values[column.CPU_WEIGHT] = this.#limit('cpu.weight')
    values[column.THREADS_MAX] = this.#limit('pids.max')
    this.#readQuota(values)
  }

  /** `50000 100000` or `max 100000`. */
  #readQuota(values: Float64Array): void {
    const { files } = this.#open
    const end = files.readOnce(`${this.#directory}/cpu.max`)
    scan.over(files.bytes, Math.max(0, end))
    values[column.CPU_QUOTA] = scan.unsigned()
    scan.word()
    scan.blanks()
    values[column.CPU_PERIOD] = scan.unsigned()
  }

  #limit(name: string): number {
    const { files } = this.#open
    const end = files.readOnce(`${this.#directory}/${name}`)
    return end < 0 ? Number.NaN : parseLimit(files.bytes, end)
  }

  describe(_entity: Entity): void {}

  close(): void {
    this.#open.close()
  }
}
