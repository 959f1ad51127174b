/**
 * All runtimes of the machine: which there are, what each says of itself, and why some are mute.
 *
 * One pass scans the processes, reads the counters of each JVM by one positioned read of a file that
 * stays open, and fills its rows. A runtime that keeps no counters is still an entity, with what
 * /proc tells of it; the columns that nobody could read stay absent, and the reason is counted.
 */
import { limits } from '../../catalog/limit.ts'
import { columnOf } from '../../catalog/tables.ts'
import { runtime, runtimeGc } from '../../catalog/tables/runtime.ts'
import { type Log, RepeatedWarnings } from '../../settings/log.ts'
import type { Ended, Entity, Row } from '../../wire/sample.ts'
import { NoCounters, WITHOUT_COUNTERS, type WithoutCounters } from './jvm/counters-file.ts'
import type { Counters } from './jvm/hsperfdata.ts'
import { figuresOf, gcFiguresOf, type JvmFigures } from './jvm/jvm.ts'
import { JvmProcess } from './jvm/jvm-process.ts'
import { RuntimeRows } from './runtime-rows.ts'
import { ProcessScan, type RuntimeProcess } from './scan.ts'

export interface RuntimesOptions {
  readonly procfs: string
  readonly machine: () => Entity
  /** Unix ms at which the kernel started. */
  readonly bootTimeMs: () => number
  /** Its container, or the root cgroup with the path `/`; undefined where it is not known. */
  readonly containerOf: (pid: number) => Pick<Entity, 'attributes'> | undefined
  readonly log: Log
}

export interface RuntimesRead {
  /** Overwritten by the next read. */
  readonly rows: Row[]
  /** How many runtimes were seen but not read, by reason. */
  readonly unread: ReadonlyMap<string, number>
}

const OS_THREADS = columnOf(runtime, 'os_threads')
const COLUMNS: readonly (readonly [keyof JvmFigures, number])[] = [
  ['heapUsedBytes', columnOf(runtime, 'heap_used_bytes')],
  ['heapCommittedBytes', columnOf(runtime, 'heap_committed_bytes')],
  ['heapMaxBytes', columnOf(runtime, 'heap_max_bytes')],
  ['metaspaceUsedBytes', columnOf(runtime, 'metaspace_used_bytes')],
  ['metaspaceCommittedBytes', columnOf(runtime, 'metaspace_committed_bytes')],
  ['threads', columnOf(runtime, 'threads')],
  ['classes', columnOf(runtime, 'classes')],
  ['safepoints', columnOf(runtime, 'safepoints')],
  ['safepointSeconds', columnOf(runtime, 'safepoint_seconds')],
  ['safepointSyncSeconds', columnOf(runtime, 'safepoint_sync_seconds')],
]
const COLLECTIONS = columnOf(runtimeGc, 'collections')
const SECONDS = columnOf(runtimeGc, 'seconds')

/** Reasons that someone should look into; the others are how the workload was set up. */
const SUSPICIOUS: ReadonlySet<WithoutCounters> = new Set([
  WITHOUT_COUNTERS.malformed,
  WITHOUT_COUNTERS.unsafe,
  WITHOUT_COUNTERS.failed,
])

interface Known {
  readonly startTicks: number
  readonly jvm: JvmProcess
  readonly rows: RuntimeRows
  /** Unix ms; undefined before it was read for the first time. */
  readMs: number | undefined
}

export class Runtimes {
  readonly #procfs: string
  readonly #machine: () => Entity
  readonly #containerOf: RuntimesOptions['containerOf']
  readonly #scan: ProcessScan
  readonly #warnings: RepeatedWarnings
  readonly #known = new Map<number, Known>()
  #ended: Ended[] = []

  constructor(options: RuntimesOptions) {
    this.#procfs = options.procfs
    this.#machine = options.machine
    this.#containerOf = options.containerOf
    this.#scan = new ProcessScan(options)
    this.#warnings = new RepeatedWarnings(options.log)
  }

  /** Files that are kept open between passes. */
  get openFiles(): number {
    let files = 0
    for (const { jvm } of this.#known.values()) if (jvm.fileKey !== undefined) files += 1
    return files
  }

  read(timeMs: number): RuntimesRead {
    const scan = this.#scan.pass(timeMs)
    const unread = new Map(scan.unread)
    const count = (reason: string) => unread.set(reason, (unread.get(reason) ?? 0) + 1)
    this.#forgetAllBut(scan.runtimes)
    const found = scan.runtimes
      .map((process) => ({ process, known: this.#knownOf(process) }))
      .filter(({ process, known }) => known.jvm.find(this.#procfs, process))
    // All files are opened before the first is read: only then it shows which of them are shared.
    const shared = this.#sharedFiles()
    const rows: Row[] = []
    for (const { process, known } of found) {
      const counters = known.jvm.read(process, shared)
      if (counters instanceof NoCounters) {
        count(counters.reason)
        if (SUSPICIOUS.has(counters.reason)) this.#warn(process, counters, timeMs)
      }
      rows.push(
        ...this.#fill(process, known, counters instanceof NoCounters ? undefined : counters),
      )
      known.readMs = timeMs
    }
    return { rows, unread }
  }

  /** Those that ended since the last call, with what they said last. */
  takeEnded(): readonly Ended[] {
    const ended = this.#ended
    this.#ended = []
    return ended
  }

  close(): void {
    this.#forgetAllBut([])
    this.#ended = []
  }

  #knownOf({ pid, startTicks }: RuntimeProcess): Known {
    let known = this.#known.get(pid)
    if (known === undefined) {
      known = { startTicks, jvm: new JvmProcess(), rows: new RuntimeRows(), readMs: undefined }
      this.#known.set(pid, known)
    }
    return known
  }

  /** A pid that was given to another process is another runtime. */
  #forgetAllBut(processes: readonly RuntimeProcess[]): void {
    const living = new Map(processes.map(({ pid, startTicks }) => [pid, startTicks]))
    for (const [pid, known] of this.#known) {
      if (living.get(pid) === known.startTicks) continue
      known.jvm.close()
      this.#known.delete(pid)
      this.#end(known)
    }
  }

  /** Its rows are its own from now on: nobody fills them again. */
  #end({ rows, readMs }: Known): void {
    if (readMs === undefined || this.#ended.length >= limits.endedEntities.value) return
    const { runtimeRow, gcRows } = rows
    const { entity } = runtimeRow
    this.#ended.push({
      entity,
      timeMs: readMs,
      rows: [runtimeRow, ...gcRows.map(({ row }) => row)],
    })
  }

  #sharedFiles(): ReadonlySet<string> {
    const seen = new Set<string>()
    const shared = new Set<string>()
    for (const { jvm } of this.#known.values()) {
      const key = jvm.fileKey
      if (key === undefined) continue
      if (seen.has(key)) shared.add(key)
      seen.add(key)
    }
    return shared
  }

  #fill(process: RuntimeProcess, { jvm, rows }: Known, counters: Counters | undefined): Row[] {
    const { facts } = jvm
    rows.make(process, this.#machine(), this.#containerOf(process.pid), facts)
    const { runtimeRow, gcRows } = rows
    runtimeRow.values.fill(Number.NaN)
    runtimeRow.values[OS_THREADS] = process.threads
    if (counters === undefined || facts === undefined) return [runtimeRow]
    const figures = figuresOf(counters, facts)
    for (const [figure, column] of COLUMNS)
      runtimeRow.values[column] = figures[figure] ?? Number.NaN
    for (const { index, row } of gcRows) {
      const gc = gcFiguresOf(counters, facts, index)
      row.values[COLLECTIONS] = gc.collections ?? Number.NaN
      row.values[SECONDS] = gc.seconds ?? Number.NaN
    }
    return [runtimeRow, ...gcRows.map(({ row }) => row)]
  }

  #warn({ pid }: RuntimeProcess, err: NoCounters, timeMs: number): void {
    this.#warnings.warn(
      err.reason,
      { err: err.cause ?? err, reason: err.reason, pid },
      'runtime not read',
      timeMs,
    )
  }
}
