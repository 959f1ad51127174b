/**
 * What a made-up machine measures at a time: values of catalogue columns, each a function of the time
 * alone. A fifth of them never changes; gauges drift by pages; counters grow by day and night.
 * Units: those of the columns.
 */
import type { Table } from '../catalog/metric.ts'
import { container } from '../catalog/tables/container.ts'
import { machineCpu } from '../catalog/tables/machine-cpu.ts'
import { machine as machineTable } from '../catalog/tables/machine.ts'
import { runtime } from '../catalog/tables/runtime.ts'
import { columnOf } from '../catalog/tables.ts'
import { word } from './chance.ts'
import { activeSeconds, counted, dayCurve, wobble } from './curve.ts'
import type { Boot, Life, Machine } from './fleet.ts'
import { MIB, type Workload } from './plan.ts'

const PAGE = 4_096
const PERIOD_US = 100_000
const PERIODS_PER_SECOND = 1e6 / PERIOD_US
/** Of a machine, for what runs outside of containers. */
const SYSTEM_BYTES = 900 * MIB
const SYSTEM_CORES = 0.2

/** What figures of one container, or one machine, are made of at one time. */
interface Moment {
  readonly seed: number
  readonly startMs: number
  readonly timeMs: number
  /** Seconds at the mean use since the start. */
  readonly active: number
  /** Use now in relation to the mean. */
  readonly level: number
}

function moment(seed: number, startMs: number, timeMs: number, phase: number): Moment {
  return {
    seed,
    startMs,
    timeMs,
    active: activeSeconds(startMs, timeMs, phase),
    level: dayCurve(timeMs, phase),
  }
}

const total = ({ active, seed, startMs, timeMs }: Moment, column: number, rate: number): number =>
  rate * counted(active, seed, column, startMs, timeMs)

/** Between 1 - share and 1 + share. */
const around = ({ seed, timeMs }: Moment, column: number, share: number): number =>
  1 + share * (2 * wobble(seed, column, timeMs) - 1)

const pages = (bytes: number) => PAGE * Math.round(bytes / PAGE)

/** Undefined where the figure is absent for this workload, at any time. */
type Figure = (of: Workload, at: Moment, column: number) => number | undefined

const working = (of: Workload, at: Moment) => of.memoryBytes * (0.9 + 0.1 * at.level)
/** A second; there are none without a quota. */
const periods = ({ cpuLimitCores }: Workload) =>
  cpuLimitCores === undefined ? Number.NaN : PERIODS_PER_SECOND

const FIGURES: Readonly<Record<string, Figure>> = {
  // What never changes.
  cpu_quota: ({ cpuLimitCores }) => cpuLimitCores && Math.round(cpuLimitCores * PERIOD_US),
  cpu_period: () => PERIOD_US,
  cpu_limit_effective_cores: ({ cpuLimitCores }) => cpuLimitCores,
  cpu_weight: ({ cores }) => Math.max(1, Math.round(40 * cores)),
  memory_limit_bytes: ({ memoryLimitBytes }) => memoryLimitBytes,
  memory_limit_effective_bytes: ({ memoryLimitBytes }) => memoryLimitBytes,
  threads_limit_effective: () => 19_000,
  start_time_seconds: (_, at) => at.startMs / 1_000,
  // Gauges that drift.
  memory_usage_bytes: (of, at, i) => pages(1.25 * working(of, at) * around(at, i, 0.02)),
  memory_working_set_bytes: (of, at, i) => pages(working(of, at) * around(at, i, 0.02)),
  memory_rss_bytes: (of, at, i) => pages(0.85 * working(of, at) * around(at, i, 0.02)),
  memory_cache_bytes: (of, at, i) => pages(0.35 * of.memoryBytes * around(at, i, 0.05)),
  memory_active_file_bytes: (of, at, i) => pages(0.1 * of.memoryBytes * around(at, i, 0.1)),
  memory_inactive_file_bytes: (of, at, i) => pages(0.25 * of.memoryBytes * around(at, i, 0.1)),
  memory_kernel_bytes: (of, at, i) => pages(0.04 * of.memoryBytes * around(at, i, 0.3)),
  // Counters.
  cpu_usage_seconds: (of, at, i) => total(at, i, of.cores),
  cpu_user_seconds: (of, at, i) => total(at, i, 0.8 * of.cores),
  cpu_system_seconds: (of, at, i) => total(at, i, 0.2 * of.cores),
  cpu_periods: (of, at, i) => whole(total(at, i, periods(of))),
  cpu_throttled_periods: (of, at, i) => whole(total(at, i, (of.throttledShare ?? 0) * periods(of))),
  cpu_throttled_seconds: (of, at, i) =>
    known(total(at, i, 0.4 * (of.throttledShare ?? 0) * (of.cpuLimitCores ?? Number.NaN))),
  memory_pgfault_container: (of, at, i) => whole(total(at, i, 900 * of.cores)),
  memory_pgmajfault_container: (_, at, i) => whole(total(at, i, 0.01)),
  oom_kills: () => 0,
  pressure_cpu_waiting_seconds: (of, at, i) => total(at, i, 0.01 + 0.5 * (of.throttledShare ?? 0)),
  pressure_memory_waiting_seconds: (_, at, i) => total(at, i, 0.0005),
  pressure_io_waiting_seconds: (_, at, i) => total(at, i, 0.003),
  // Small whole numbers.
  threads: (of, at, i) => Math.round(of.threads * around(at, i, 0.1)),
  processes: ({ process }) => process?.constants['workers'] ?? 1,
  pids_peak: (of) => Math.ceil(of.threads * 1.2),
}

const whole = (value: number) => known(Math.floor(value))
const known = (value: number) => (Number.isNaN(value) ? undefined : value)

/** Columns with their places in a row, looked up once. */
const placed = <T>(table: Table, of: Readonly<Record<string, T>>) =>
  Object.entries(of).map(([column, figure]) => ({ at: columnOf(table, column), figure }))

const CONTAINER = placed(container, FIGURES)

/** When the day of a workload begins, as a part of a day. */
const phaseOf = ({ name }: Workload): number => {
  let h = 0
  for (const char of name) h = (31 * h + char.codePointAt(0)!) % 1_000
  return 0.3 + (0.2 * h) / 1_000
}

const phases = new WeakMap<Workload, number>()
function phase(workload: Workload): number {
  let known = phases.get(workload)
  if (known === undefined) phases.set(workload, (known = phaseOf(workload)))
  return known
}

const seedOf = ({ containerId }: Life) => Number.parseInt(containerId.slice(24, 32), 16)

/** A row of the table `container`; columns that are absent stay as they are. */
export function containerFigures(life: Life, timeMs: number, row: Float64Array): void {
  const at = moment(seedOf(life), life.startMs, timeMs, phase(life.workload))
  for (const { at: column, figure } of CONTAINER) {
    const value = figure(life.workload, at, column)
    if (value !== undefined) row[column] = value
  }
}

interface PlacedProcess {
  readonly constants: readonly { readonly at: number; readonly figure: number }[]
  readonly gauges: readonly { readonly at: number; readonly figure: number }[]
  readonly counters: readonly { readonly at: number; readonly figure: number }[]
}
const processes = new WeakMap<Workload, PlacedProcess>()

function placedProcess(workload: Workload): PlacedProcess | undefined {
  const { process } = workload
  if (process === undefined) return undefined
  let known = processes.get(workload)
  if (known === undefined) {
    known = {
      constants: placed(runtime, process.constants),
      gauges: placed(runtime, process.gauges),
      counters: placed(runtime, process.counters),
    }
    processes.set(workload, known)
  }
  return known
}

/** A row of the table `runtime` of a life that has a process. */
export function runtimeFigures(life: Life, timeMs: number, row: Float64Array): void {
  const process = placedProcess(life.workload)
  if (process === undefined) return
  const at = moment(~seedOf(life), life.startMs, timeMs, phase(life.workload))
  for (const { at: column, figure } of process.constants) row[column] = figure
  for (const { at: column, figure } of process.gauges) {
    row[column] = pages(figure * (0.95 + 0.05 * at.level) * around(at, column, 0.05))
  }
  for (const { at: column, figure } of process.counters) {
    const value = total(at, column, figure)
    row[column] = runtime.metrics[column]!.unit === 's' ? value : Math.floor(value)
  }
}

/** What the containers of a machine take at a time, which is what it has less of. */
export interface Taken {
  cores: number
  memoryBytes: number
}

export const taken = ({ workload }: Life, timeMs: number): Taken => {
  const level = dayCurve(timeMs, phase(workload))
  return { cores: workload.cores * level, memoryBytes: workload.memoryBytes * (0.9 + 0.1 * level) }
}

type MachineFigure = (of: Machine, at: Moment, column: number, taken: Taken) => number

const MACHINE_FIGURES: Readonly<Record<string, MachineFigure>> = {
  cpu_cores: ({ shape }) => shape.cpus,
  boot_time_seconds: (_, at) => Math.floor(at.startMs / 1_000),
  uptime_seconds: (_, at) => (at.timeMs - at.startMs) / 1_000,
  memory_mem_total_bytes: ({ shape }) => shape.memoryBytes,
  memory_mem_available_bytes: (of, at, i, { memoryBytes }) => available(of, at, i, memoryBytes),
  memory_mem_free_bytes: (of, at, i, { memoryBytes }) =>
    pages(0.6 * available(of, at, i, memoryBytes)),
  memory_swap_total_bytes: () => 0,
  context_switches: (of, at, i) => Math.floor(total(at, i, 4_000 * of.shape.cpus)),
  interrupts: (of, at, i) => Math.floor(total(at, i, 2_500 * of.shape.cpus)),
  forks: (_, at, i) => Math.floor(total(at, i, 12)),
  procs_running: (_, at, i, { cores }) => 1 + Math.round(cores * around(at, i, 0.5)),
  procs_blocked: () => 0,
  load1: (_, at, i, { cores }) => (cores + SYSTEM_CORES) * around(at, i, 0.3),
  load5: (_, at, i, { cores }) => (cores + SYSTEM_CORES) * around(at, i, 0.1),
  load15: (_, at, i, { cores }) => (cores + SYSTEM_CORES) * around(at, i, 0.05),
}

const available = ({ shape }: Machine, at: Moment, column: number, takenBytes: number) =>
  pages(Math.max(0, shape.memoryBytes - SYSTEM_BYTES * around(at, column, 0.1) - takenBytes))

const MACHINE = placed(machineTable, MACHINE_FIGURES)

/** Of all machines at once: day and night are those of the fleet. */
const MACHINE_PHASE = 0.35

const machineMoment = ({ hostId }: Machine, boot: Boot, timeMs: number) =>
  moment(Number.parseInt(hostId.slice(0, 8), 16), boot.startMs, timeMs, MACHINE_PHASE)

/** A row of the table `machine`. */
export function machineFigures(
  machine: Machine,
  boot: Boot,
  timeMs: number,
  taken: Taken,
  row: Float64Array,
): void {
  const at = machineMoment(machine, boot, timeMs)
  for (const { at: column, figure } of MACHINE) row[column] = figure(machine, at, column, taken)
}

/** Shares of what is not idle. */
const MODES = {
  user_seconds: 0.74,
  system_seconds: 0.2,
  softirq_seconds: 0.04,
  irq_seconds: 0.01,
  iowait_seconds: 0.01,
} as const
const CPU_MODES = placed(machineCpu, MODES)
const IDLE = columnOf(machineCpu, 'idle_seconds')
const NONE = ['nice_seconds', 'steal_seconds'].map((column) => columnOf(machineCpu, column))

/** By day it is half as much again, and no CPU does more than it can. */
const BUSY_MOST = 0.5

/** Mean use of one CPU of a machine, 0-1. */
function busyShare({ shape, places }: Machine): number {
  const cores = places.reduce((sum, workload) => sum + workload.cores, SYSTEM_CORES)
  return Math.min(BUSY_MOST, cores / shape.cpus)
}

/** A row of the table `machine_cpu`. */
export function cpuFigures(
  machine: Machine,
  boot: Boot,
  timeMs: number,
  cpu: number,
  row: Float64Array,
): void {
  const at = machineMoment(machine, boot, timeMs)
  const seed = word(at.seed, cpu)
  const busy = busyShare(machine)
  for (const { at: column, figure } of CPU_MODES) {
    row[column] = total({ ...at, seed }, column, busy * figure)
  }
  // What is left of the time since the start: grows as long as the rest is below all of it.
  const used = CPU_MODES.reduce((sum, { at: column }) => sum + row[column]!, 0)
  row[IDLE] = (timeMs - boot.startMs) / 1_000 - used
  for (const column of NONE) row[column] = 0
}
