/**
 * Finds the processes that are runtimes. What a process is, is told by the libraries that it has
 * mapped and by its executable, never by its name: a JVM may be embedded in any program.
 *
 * Each pass reads one line of /proc/PID/stat of those that are runtimes. Every five seconds, and in each
 * pass where these are further apart, it lists all processes, and reads that line of those that are new
 * or young as well. Of the others it is read once a minute: by then a pid that was given to another
 * process is found, and an old process that runs another program. On a machine with thousands of
 * processes this is most of what a pass costs.
 *
 * The maps, which can be long, are read when a process is new, again each time its age has doubled
 * while it is young (a launcher loads the virtual machine a moment after its start), when it runs
 * another program, and else every ten minutes, for programs that load a virtual machine late. Kernel
 * threads are looked at that rarely too.
 *
 * Exec keeps pid and start time; it chooses a new place for the stack, and mostly changes the name.
 * Whoever changes only its name, as any process may as often as it likes, is looked at a minute later.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { limits } from '../../catalog/limit.ts'
import { MalformedFile } from '../read/malformed.ts'
import type { RuntimeKind } from '../../catalog/runtime-kind.ts'
import { UNREAD_JAVA, UNREAD_JAVA_PROTECTED } from '../../catalog/unread-jvm.ts'
import { Kinds } from './classify.ts'
import { type Maps, readMaps } from './maps.ts'
import { isGone, mayTrace, parseProcessStat, type ProcessStat, TICK_MS } from './process.ts'
import { exeOf } from './program.ts'
import { readRecord } from './read-record.ts'

/** Passes of one second list the processes in every fifth of them. */
const LIST_MS = 4_500
const YOUNG_MS = 60_000
const YOUNG_STEP_MS = 1_000
/** By so much longer nobody looks into a young process of which the kind is known. */
const SETTLED = 3
const LOOK_AGAIN_MS = 600_000
/** Who has another name is looked into after this time. */
const RENAMED_MS = 60_000
/** An old process that is no runtime is asked who it is again after this time. */
const ASK_AGAIN_MS = 60_000
/** Above the longest time that is ever set; only a clock that was set back can lead beyond it. */
const LONGEST_WAIT_MS = 2 * LOOK_AGAIN_MS

export interface RuntimeProcess {
  readonly pid: number
  readonly startTicks: number
  readonly startMs: number
  readonly kind: RuntimeKind
  /** Path of its executable as the process sees it; undefined where it may not be known. */
  readonly exe: string | undefined
  /** Counts the times that `maps` was read, so that the owner can tell when to look again. */
  readonly looks: number
  /** Another one is another program in the same process. */
  readonly stackStart: number
  readonly maps: Maps
  readonly parentPid: number
  readonly threads: number
  /** Of this pass. */
  readonly cpuSeconds: number
}

interface Known {
  readonly pid: number
  startTicks: number
  startMs: number
  comm: string
  bodiless: boolean
  parentPid: number
  threads: number
  cpuSeconds: number
  stackStart: number
  /** The process has run this program since then. */
  programSinceMs: number
  lookAtMs: number
  /** Its stat is read again from then on. */
  askAtMs: number
  looks: number
  maps: Maps | undefined
  exe: string | undefined
  kind: RuntimeKind | undefined
  unread: UnreadReason | undefined
}

export const UNREAD_STAT = 'stat not readable: mount /proc without hidepid, or run as root'
export const UNREAD_MALFORMED = 'stat malformed'
export const UNREAD_CUT = 'maps longer than the limit'
export const UNREAD_LIMIT = 'more runtimes than the limit'
const UNREAD_MAPS = 'maps not readable: run as root or with CAP_SYS_PTRACE'
const UNREAD_MAPS_PROTECTED = 'maps not readable: the kernel protects them even from CAP_SYS_PTRACE'

type UnreadReason =
  | typeof UNREAD_STAT
  | typeof UNREAD_MALFORMED
  | typeof UNREAD_CUT
  | typeof UNREAD_MAPS
  | typeof UNREAD_MAPS_PROTECTED
  | typeof UNREAD_JAVA
  | typeof UNREAD_JAVA_PROTECTED

/** Some processes hide from root too: those in a stronger user namespace, or of a security module. */
export function unreadMaps(mayTraceOthers: boolean, comm: string): UnreadReason {
  if (comm === 'java') return mayTraceOthers ? UNREAD_JAVA_PROTECTED : UNREAD_JAVA
  return mayTraceOthers ? UNREAD_MAPS_PROTECTED : UNREAD_MAPS
}

export interface Scan {
  readonly runtimes: readonly RuntimeProcess[]
  /** Processes that may be runtimes and could not be told, or are too many, by reason. */
  readonly unread: ReadonlyMap<string, number>
}

export class ProcessScan {
  readonly #procfs: string
  readonly #bootTimeMs: () => number
  readonly #known = new Map<number, Known>()
  readonly #kinds: Kinds
  #listedMs = Number.NEGATIVE_INFINITY
  /** Of the last pass. */
  #newest: Scan = { runtimes: [], unread: new Map() }
  readonly #mayTrace = mayTrace(readFileSync('/proc/self/status', 'latin1'))

  constructor({ procfs, bootTimeMs }: { procfs: string; bootTimeMs: () => number }) {
    this.#procfs = procfs
    this.#bootTimeMs = bootTimeMs
    this.#kinds = new Kinds(procfs)
  }

  pass(timeMs: number): Scan {
    const sinceMs = timeMs - this.#listedMs
    if (sinceMs < 0 || sinceMs >= LIST_MS) {
      this.#newest = this.#list(timeMs)
      this.#listedMs = timeMs
    } else this.#newest = this.#follow(this.#newest, timeMs)
    return this.#newest
  }

  #list(timeMs: number): Scan {
    const present = new Set<number>()
    const runtimes: RuntimeProcess[] = []
    const unread = new Map<string, number>()
    const count = (reason: string) => unread.set(reason, (unread.get(reason) ?? 0) + 1)
    for (const name of readdirSync(this.#procfs)) {
      const pid = pidOf(name)
      if (pid === undefined) continue
      const known = this.#look(pid, timeMs)
      if (known === undefined) continue
      if (typeof known === 'string') {
        count(known)
        continue
      }
      present.add(pid)
      if (known.unread !== undefined) count(known.unread)
      const runtime = runtimeOf(known)
      if (runtime === undefined) continue
      if (runtimes.length < limits.runtimes.value) runtimes.push(runtime)
      else count(UNREAD_LIMIT)
    }
    for (const pid of this.#known.keys()) if (!present.has(pid)) this.#known.delete(pid)
    return { runtimes, unread }
  }

  /** Runtimes of the pass before, as they are now; who became unreadable since is counted by the next list. */
  #follow({ runtimes, unread }: Scan, timeMs: number): Scan {
    const now = runtimes.flatMap(({ pid }) => {
      const known = this.#look(pid, timeMs)
      return typeof known === 'object' ? (runtimeOf(known) ?? []) : []
    })
    return { runtimes: now, unread }
  }

  /** Undefined when the process is gone; a reason when it cannot be told which process it is. */
  #look(pid: number, timeMs: number): Known | UnreadReason | undefined {
    const before = this.#known.get(pid)
    if (before !== undefined && !isToBeAsked(before, timeMs)) return before
    const stat = this.#readStat(pid)
    if (stat === undefined || typeof stat === 'string') return stat
    const known = before?.startTicks === stat.startTicks ? before : this.#meet(pid, stat)
    if (
      known.stackStart !== stat.stackStart ||
      (stat.stackStart === 0 && known.comm !== stat.comm)
    ) {
      known.programSinceMs = timeMs
      known.lookAtMs = timeMs
    } else if (known.comm !== stat.comm)
      known.lookAtMs = Math.min(known.lookAtMs, timeMs + RENAMED_MS)
    known.comm = stat.comm
    known.stackStart = stat.stackStart
    known.askAtMs = timeMs + untilNextAskMs(pid, known.askAtMs === 0)
    known.bodiless = stat.bodiless
    known.parentPid = stat.parentPid
    known.threads = stat.threads
    known.cpuSeconds = stat.cpuSeconds
    if (known.bodiless) {
      known.maps = undefined
      known.kind = undefined
      known.unread = undefined
    }
    if (known.looks > 0 && !isDue(known, timeMs)) return known
    // Nothing starts in the future: the clock was set back since.
    if (known.programSinceMs > timeMs) known.programSinceMs = timeMs
    known.looks += 1
    const isThere = known.bodiless || this.#classify(known, timeMs)
    known.lookAtMs = timeMs + untilNextLookMs(known, timeMs - known.programSinceMs)
    return isThere ? known : undefined
  }

  #meet(pid: number, stat: ProcessStat): Known {
    const startMs = this.#bootTimeMs() + stat.startTicks * TICK_MS
    const known: Known = {
      pid,
      ...stat,
      startMs,
      programSinceMs: startMs,
      lookAtMs: 0,
      askAtMs: 0,
      looks: 0,
      maps: undefined,
      exe: undefined,
      kind: undefined,
      unread: undefined,
    }
    this.#known.set(pid, known)
    return known
  }

  /** A process that hides, or whose line makes no sense, costs none of the others. */
  #readStat(pid: number): ProcessStat | UnreadReason | undefined {
    try {
      return parseProcessStat(readRecord(`${this.#procfs}/${pid}/stat`))
    } catch (err) {
      if (isGone(err)) return undefined
      if (err instanceof MalformedFile) return UNREAD_MALFORMED
      if (isOwnLack(err)) throw err
      return UNREAD_STAT
    }
  }

  /** False when the process is gone. */
  #classify(known: Known, timeMs: number): boolean {
    try {
      const folder = `${this.#procfs}/${known.pid}`
      known.exe = exeOf(folder)
      known.maps = readMaps(`${folder}/maps`, known.exe)
      known.kind = this.#kinds.of(known.pid, known.exe, known.maps, timeMs)
      const undecided = known.maps.cut && known.kind === undefined
      known.unread = undecided ? UNREAD_CUT : undefined
      return true
    } catch (err) {
      if (isGone(err)) return false
      known.maps = undefined
      known.kind = undefined
      known.unread = unreadMaps(this.#mayTrace, known.comm)
      return true
    }
  }
}

/** A JVM maps its counters a moment after its library. */
const isSettled = ({ kind, maps }: Known): boolean =>
  kind !== undefined && (kind !== 'jvm' || maps?.counters.length !== 0)

/** Spread by pid, so that the rare looks do not all fall into one pass. */
function untilNextLookMs(known: Known, ageMs: number): number {
  if (ageMs >= YOUNG_MS) return LOOK_AGAIN_MS + ((known.pid % 60) * LOOK_AGAIN_MS) / 60
  return Math.max(YOUNG_STEP_MS, isSettled(known) ? SETTLED * ageMs : ageMs)
}

/** The first wait is shorter, each by its pid, so that old processes do not all fall into one pass. */
const untilNextAskMs = (pid: number, isFirst: boolean): number =>
  isFirst ? ((pid % 60) * ASK_AGAIN_MS) / 60 : ASK_AGAIN_MS

function isToBeAsked(known: Known, timeMs: number): boolean {
  if (known.bodiless || isDue(known, timeMs)) return isDue(known, timeMs)
  if (known.kind !== undefined) return true
  const ageMs = timeMs - known.programSinceMs
  const waitMs = known.askAtMs - timeMs
  return ageMs < YOUNG_MS || waitMs <= 0 || waitMs > ASK_AGAIN_MS
}

const isDue = ({ lookAtMs }: Known, timeMs: number): boolean =>
  timeMs >= lookAtMs || lookAtMs - timeMs > LONGEST_WAIT_MS

function runtimeOf(known: Known): RuntimeProcess | undefined {
  const { maps, kind } = known
  return maps === undefined || kind === undefined ? undefined : { ...known, maps, kind }
}

const pidOf = (name: string): number | undefined =>
  /^[1-9]\d{0,9}$/.test(name) ? Number(name) : undefined

/** This process has no more descriptors or memory, which says nothing of the one it looks at. */
const isOwnLack = (err: unknown): boolean =>
  err instanceof Error &&
  'code' in err &&
  (err.code === 'EMFILE' || err.code === 'ENFILE' || err.code === 'ENOMEM')
