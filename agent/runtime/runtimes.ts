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
import type { KindReader, Said, Seen, Unread } from './kind.ts'
import { plainKinds } from './kinds.ts'
import { PlainRuntimes } from './plain.ts'
import { isDue, type KnownRuntime, namesWaitMs, newlyKnown, soonWaitMs } from './known-runtime.ts'
import { isGone } from './process.ts'
import { isSameProgram, type Program, readProgram } from './program.ts'
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

const UNREAD_SETTINGS =
  'settings not readable: run as root or with CAP_SYS_PTRACE, outside of its security module'

export class Runtimes {
  readonly #procfs: string
  readonly #machine: () => Entity
  readonly #containerOf: RuntimesOptions['containerOf']
  readonly #scan: ProcessScan
  readonly #warnings: RepeatedWarnings
  readonly #jvms: KindReader
  readonly #plain: KindReader = new PlainRuntimes()
  readonly #known = new Map<number, KnownRuntime>()
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
    for (const process of runtimes) this.#meet(process, timeMs)
    const families = familiesOf(runtimes)
    const masters = runtimes.filter((process) => !isFolded(process, families))
    this.#lookAtTasks(masters, timeMs)
    const seen = masters.flatMap((process) => this.#see(process, families) ?? [])
    const jvms = this.#jvms.read(seen.filter(isJvm), timeMs)
    const others = this.#plain.read(
      seen.filter((each) => !isJvm(each)),
      timeMs,
    )
    const rows: Row[] = []
    for (const each of seen) {
      const { pid } = each.process
      const answer = jvms.get(pid) ?? others.get(pid)
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

  /** Undefined when it has ended. */
  #see(process: RuntimeProcess, families: Families): Seen | undefined {
    const { pid, kind } = process
    const { isHelper } = plainKinds[kind] ?? {}
    try {
      const all = families.children.get(pid) ?? []
      const children =
        isHelper === undefined ? all : all.filter((child) => this.#works(child, isHelper))
      const program = this.#programOf(process)
      const isWorker = families.workers.has(pid) && isHelper?.(program) !== true
      const { tasks } = this.#knownOf(process)
      return { process, program, tasks, children, isWorker }
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

  /** The object stays the same while it says the same. */
  #programOf(process: RuntimeProcess): Program {
    const known = this.#knownOf(process)
    const { pid, kind, looks, maps } = process
    if (known.program !== undefined && known.looks === looks) return known.program
    const program = readProgram(this.#procfs, pid, kind, maps)
    known.looks = looks
    if (known.program !== undefined && isSameProgram(known.program, program)) return known.program
    known.program = program
    known.facts = undefined
    return program
  }

  /** Those that were not looked at for longest first; how many threads one pass looks at is bounded. */
  #lookAtTasks(processes: readonly RuntimeProcess[], timeMs: number): void {
    const due = processes
      .map((process) => ({ process, known: this.#knownOf(process) }))
      .filter(({ known }) => isDue(known.tasksDueMs, timeMs))
      .toSorted((a, b) => a.known.tasksDueMs - b.known.tasksDueMs)
    let room = limits.tasksAPass.value
    for (const { process, known } of due) {
      if (room <= 0) return
      room -= process.threads
      known.tasks = this.#tasksOf(process)
      // What collecting costs is measured by its threads.
      const { kind, pid } = process
      known.tasksDueMs =
        timeMs + (kind === 'jvm' ? soonWaitMs(known, timeMs, pid) : namesWaitMs(timeMs, pid))
      known.facts = undefined
    }
  }

  #tasksOf({ pid, threads }: RuntimeProcess): readonly Task[] | undefined {
    try {
      return threads > limits.tasks.value ? undefined : readTasks(this.#procfs, pid)
    } catch (err) {
      // What else is read of it tells that it has ended.
      if (isGone(err)) return undefined
      throw err
    }
  }

  #placeOf(known: KnownRuntime, pid: number, timeMs: number): CgroupPlace | undefined {
    if (known.place === undefined || isDue(known.placeDueMs, timeMs)) {
      known.place = this.#containerOf(pid)
      known.placeDueMs = timeMs + soonWaitMs(known, timeMs, pid)
    }
    return known.place
  }

  #knownOf({ pid }: RuntimeProcess): KnownRuntime {
    return this.#known.get(pid)!
  }

  #meet(process: RuntimeProcess, timeMs: number): void {
    const { pid, stackStart } = process
    const known = this.#known.get(pid)
    if (known?.stackStart === stackStart) return
    if (known !== undefined) {
      // Another program in the same process: nothing that was known of the other one holds for it.
      this.#jvms.forget(pid)
      this.#plain.forget(pid)
    }
    this.#known.set(pid, newlyKnown(process, timeMs, known))
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
  #end({ rows: { all }, readMs }: KnownRuntime): void {
    const [row] = all
    if (readMs === undefined || row === undefined) return
    if (this.#ended.length >= limits.endedEntities.value) return
    this.#ended.push({ entity: row.entity, timeMs: readMs, rows: all })
  }

  /** Undefined when it has ended. */
  #fill(seen: Seen, said: Said, timeMs: number): readonly Row[] | undefined {
    const { process } = seen
    const known = this.#knownOf(process)
    const place = this.#placeOf(known, process.pid, timeMs)
    known.facts ??= factsOf(seen)
    if (place?.limits !== undefined)
      known.first ??= firstLimits(place.limits, process.startMs, timeMs)
    try {
      const figures = figuresOf(this.#procfs, seen)
      known.rows.fill(
        process,
        this.#machine(),
        place,
        [known.facts, known.first, said.facts],
        said.figures === undefined ? [figures] : [figures, said.figures],
        said.collectors,
      )
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

const isJvm = ({ process }: Seen): boolean => process.kind === 'jvm'

/** A part of its master, and no runtime of its own. */
const isFolded = ({ pid, kind }: RuntimeProcess, { workers }: Families): boolean =>
  workers.has(pid) && plainKinds[kind]?.foldsChildren === true
