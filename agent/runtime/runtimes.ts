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
import type { Apart } from '../apart/apart.ts'
import type { CgroupPlace } from '../cgroup/container-of.ts'
import { factsOf, figuresOf, firstLimits } from './common.ts'
import { type Families, familiesOf } from './families.ts'
import { Jvms } from './jvm/jvms.ts'
import type { Facts, KindReader, Said, Seen, Unread } from './kind.ts'
import { plainKinds } from './kinds.ts'
import { PlainRuntimes } from './plain.ts'
import { isGone } from './process.ts'
import { type Program, readProgram } from './program.ts'
import { RuntimeRows } from './runtime-rows.ts'
import { ProcessScan, type RuntimeProcess } from './scan.ts'
import { readTasks, type Task } from './tasks.ts'

export interface RuntimesOptions {
  readonly procfs: string
  readonly machine: () => Entity
  /** Unix ms at which the kernel started. */
  readonly bootTimeMs: () => number
  /** Its container, or the root cgroup with the path `/`; undefined where it is not known. */
  readonly containerOf: (pid: number) => CgroupPlace | undefined
  readonly log: Log
  /** Where the memory of JVMs is read; absent unless that was asked for. */
  readonly apart?: Pick<Apart, 'ask'>
}

export interface RuntimesRead {
  /** Overwritten by the next read. */
  readonly rows: Row[]
  /** How many runtimes were seen but not read, by reason. */
  readonly unread: ReadonlyMap<string, number>
}

/** Threads are looked at this rarely: each costs about 10 µs, and there may be thousands. */
const TASKS_MS = 30_000

const UNREAD_SETTINGS =
  'settings not readable: run as root or with CAP_SYS_PTRACE, outside of its security module'

interface Known {
  readonly startTicks: number
  readonly rows: RuntimeRows
  program: Program | undefined
  /** Of the scan, when the program was read. */
  looks: number
  tasks: readonly Task[] | undefined
  tasksAtMs: number
  /** Undefined while its cgroup is not known. */
  first: Facts | undefined
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
  readonly #plain: KindReader = new PlainRuntimes()
  readonly #known = new Map<number, Known>()
  #ended: Ended[] = []

  constructor(options: RuntimesOptions) {
    this.#procfs = options.procfs
    this.#machine = options.machine
    this.#containerOf = options.containerOf
    this.#scan = new ProcessScan(options)
    this.#warnings = new RepeatedWarnings(options.log)
    this.#jvms = new Jvms(options.procfs, options.apart)
  }

  /** Files that are kept open between passes. */
  get openFiles(): number {
    return this.#jvms.openFiles + this.#plain.openFiles
  }

  read(timeMs: number): RuntimesRead {
    const { runtimes, unread: unseen } = this.#scan.pass(timeMs)
    const unread = new Map(unseen)
    const count = (reason: string) => unread.set(reason, (unread.get(reason) ?? 0) + 1)
    this.#forgetAllBut(runtimes)
    const families = familiesOf(runtimes)
    const seen = runtimes.flatMap((process) => this.#see(process, families, timeMs) ?? [])
    const isJvm = ({ process }: Seen) => process.kind === 'jvm'
    const said = new Map([
      ...this.#jvms.read(seen.filter(isJvm), timeMs),
      ...this.#plain.read(
        seen.filter((each) => !isJvm(each)),
        timeMs,
      ),
    ])
    const rows: Row[] = []
    for (const each of seen) {
      const answer = said.get(each.process.pid)
      const filled = answer && this.#fill(each, answer, timeMs)
      if (answer === undefined || filled === undefined) continue
      const why = answer.unread ?? (each.program.environment ? undefined : NO_SETTINGS)
      if (why !== undefined) {
        count(why.reason)
        this.#warn(each.process, why, timeMs)
      }
      rows.push(...filled)
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

  /** Undefined when it has ended, or is a part of its master. */
  #see(process: RuntimeProcess, families: Families, timeMs: number): Seen | undefined {
    const { pid, kind } = process
    const { foldsChildren, isHelper } = plainKinds[kind] ?? {}
    const isChild = families.workers.has(pid)
    if (isChild && foldsChildren === true) return undefined
    try {
      const all = families.children.get(pid) ?? []
      const children =
        isHelper === undefined ? all : all.filter((child) => this.#works(child, isHelper))
      const program = this.#programOf(process)
      const isWorker = isChild && isHelper?.(program) !== true
      return { process, program, tasks: this.#tasksOf(process, timeMs), children, isWorker }
    } catch (err) {
      if (isGone(err)) return undefined
      throw err
    }
  }

  /** One that has ended meanwhile does not. */
  #works(child: RuntimeProcess, isHelper: (program: Program) => boolean): boolean {
    try {
      return !isHelper(this.#programOf(child))
    } catch (err) {
      if (isGone(err)) return false
      throw err
    }
  }

  #programOf(process: RuntimeProcess): Program {
    const known = this.#knownOf(process)
    const { pid, kind, looks, maps } = process
    if (known.program !== undefined && known.looks === looks) return known.program
    known.program = readProgram(this.#procfs, pid, kind, maps)
    known.looks = looks
    return known.program
  }

  #tasksOf(process: RuntimeProcess, timeMs: number): readonly Task[] | undefined {
    const known = this.#knownOf(process)
    const sinceMs = timeMs - known.tasksAtMs
    if (sinceMs >= 0 && sinceMs < TASKS_MS) return known.tasks
    known.tasks = readTasks(this.#procfs, process.pid)
    known.tasksAtMs = timeMs
    return known.tasks
  }

  #knownOf({ pid, startTicks }: RuntimeProcess): Known {
    let known = this.#known.get(pid)
    if (known === undefined) {
      known = {
        startTicks,
        rows: new RuntimeRows(),
        program: undefined,
        looks: 0,
        tasks: undefined,
        tasksAtMs: Number.NEGATIVE_INFINITY,
        first: undefined,
        readMs: undefined,
      }
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
      this.#plain.forget(pid)
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

  /** Undefined when it has ended. */
  #fill(seen: Seen, said: Said, timeMs: number): readonly Row[] | undefined {
    const { process } = seen
    const known = this.#knownOf(process)
    const place = this.#containerOf(process.pid)
    if (place?.limits !== undefined)
      known.first ??= firstLimits(place.limits, process.startMs, timeMs)
    try {
      known.rows.fill(process, this.#machine(), place, {
        ...said,
        facts: { ...factsOf(seen), ...known.first, ...said.facts },
        figures: { ...figuresOf(this.#procfs, seen), ...said.figures },
      })
    } catch (err) {
      if (isGone(err)) return undefined
      throw err
    }
    known.readMs = timeMs
    return known.rows.all
  }

  #warn({ pid }: RuntimeProcess, { reason, suspicious }: Unread, timeMs: number): void {
    if (suspicious === undefined) return
    this.#warnings.warn(reason, { err: suspicious, reason, pid }, 'runtime not read', timeMs)
  }
}

const NO_SETTINGS: Unread = { reason: UNREAD_SETTINGS }
