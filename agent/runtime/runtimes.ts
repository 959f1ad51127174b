/**
 * All runtimes of the machine: which there are, what each says of itself, and why some are mute.
 *
 * One pass scans the processes, asks the readers of each kind what theirs say, and fills the rows. A
 * runtime that tells nothing is still an entity, with what /proc tells of it; the columns that nobody
 * could read stay absent, and the reason is counted.
 */
import { limits } from '../../catalog/limit.ts'
import { type Log, RepeatedWarnings } from '../../settings/log.ts'
import type { Ended, Entity, Row } from '../../wire/sample.ts'
import { Jvms } from './jvm/jvms.ts'
import type { KindReader, Said, Seen, Unread } from './kind.ts'
import { isGone } from './process.ts'
import { RuntimeRows } from './runtime-rows.ts'
import { ProcessScan, type RuntimeProcess } from './scan.ts'
import { readTasks, type Task } from './tasks.ts'

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

/** Threads are looked at this rarely: each costs about 10 µs, and there may be thousands. */
const TASKS_MS = 30_000

interface Known {
  readonly startTicks: number
  readonly rows: RuntimeRows
  tasks: readonly Task[] | undefined
  tasksAtMs: number
  /** Unix ms; undefined before it was read for the first time. */
  readMs: number | undefined
}

export class Runtimes {
  readonly #procfs: string
  readonly #machine: () => Entity
  readonly #containerOf: RuntimesOptions['containerOf']
  readonly #scan: ProcessScan
  readonly #warnings: RepeatedWarnings
  readonly #jvms: KindReader
  readonly #known = new Map<number, Known>()
  #ended: Ended[] = []

  constructor(options: RuntimesOptions) {
    this.#procfs = options.procfs
    this.#machine = options.machine
    this.#containerOf = options.containerOf
    this.#scan = new ProcessScan(options)
    this.#warnings = new RepeatedWarnings(options.log)
    this.#jvms = new Jvms(options.procfs)
  }

  /** Files that are kept open between passes. */
  get openFiles(): number {
    return this.#jvms.openFiles
  }

  read(timeMs: number): RuntimesRead {
    const scan = this.#scan.pass(timeMs)
    const unread = new Map(scan.unread)
    const count = (reason: string) => unread.set(reason, (unread.get(reason) ?? 0) + 1)
    this.#forgetAllBut(scan.runtimes)
    const seen = scan.runtimes.flatMap((process) => this.#see(process, timeMs) ?? [])
    const said = this.#jvms.read(seen)
    const rows: Row[] = []
    for (const { process } of seen) {
      const answer = said.get(process.pid)
      if (answer === undefined) continue
      if (answer.unread !== undefined) {
        count(answer.unread.reason)
        this.#warn(process, answer.unread, timeMs)
      }
      rows.push(...this.#fill(process, answer, timeMs))
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

  /** Undefined when it has ended. */
  #see(process: RuntimeProcess, timeMs: number): Seen | undefined {
    const known = this.#knownOf(process)
    const sinceMs = timeMs - known.tasksAtMs
    if (sinceMs >= 0 && sinceMs < TASKS_MS) return { process, tasks: known.tasks }
    try {
      known.tasks = readTasks(this.#procfs, process.pid)
    } catch (err) {
      if (isGone(err)) return undefined
      throw err
    }
    known.tasksAtMs = timeMs
    return { process, tasks: known.tasks }
  }

  #knownOf({ pid, startTicks }: RuntimeProcess): Known {
    let known = this.#known.get(pid)
    if (known === undefined) {
      const never = Number.NEGATIVE_INFINITY
      const rows = new RuntimeRows()
      known = { startTicks, rows, tasks: undefined, tasksAtMs: never, readMs: undefined }
      this.#known.set(pid, known)
    }
    return known
  }

  /** A pid that was given to another process is another runtime. */
  #forgetAllBut(processes: readonly RuntimeProcess[]): void {
    const living = new Map(processes.map(({ pid, startTicks }) => [pid, startTicks]))
    for (const [pid, known] of this.#known) {
      if (living.get(pid) === known.startTicks) continue
      this.#jvms.forget(pid)
      this.#known.delete(pid)
      this.#end(known)
    }
  }

  /** Its rows are its own from now on: nobody fills them again. */
  #end({ rows: { all }, readMs }: Known): void {
    const [row] = all
    if (readMs === undefined || row === undefined) return
    if (this.#ended.length >= limits.endedEntities.value) return
    this.#ended.push({ entity: row.entity, timeMs: readMs, rows: all })
  }

  #fill(process: RuntimeProcess, said: Said, timeMs: number): readonly Row[] {
    const known = this.#knownOf(process)
    const { pid, threads: os_threads, cpuSeconds: process_cpu_seconds } = process
    known.rows.fill(process, this.#machine(), this.#containerOf(pid), {
      ...said,
      figures: { os_threads, process_cpu_seconds, ...said.figures },
    })
    known.readMs = timeMs
    return known.rows.all
  }

  #warn({ pid }: RuntimeProcess, { reason, suspicious }: Unread, timeMs: number): void {
    if (suspicious === undefined) return
    this.#warnings.warn(reason, { err: suspicious, reason, pid }, 'runtime not read', timeMs)
  }
}
