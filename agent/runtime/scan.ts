/**
 * Finds the processes that are runtimes. What a process is, is told by the libraries that it has
 * mapped, never by its name: a JVM may be embedded in any program.
 *
 * Each pass reads one line of /proc/PID/stat a process. The maps, which can be long, are read when
 * a process is new, again each time its age has doubled while it is young (a launcher loads the
 * virtual machine a moment after its start), when its name changed (exec keeps pid and start time),
 * and else every ten minutes, for programs that load a virtual machine late. Kernel threads are
 * looked at that rarely too.
 */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs'
import { limits } from '../../catalog/limit.ts'
import { type Maps, readMaps } from './maps.ts'
import { parseProcessStat, type ProcessStat, TICK_MS } from './process.ts'

const YOUNG_MS = 60_000
const YOUNG_STEP_MS = 1_000
const LOOK_AGAIN_MS = 600_000

export interface RuntimeProcess {
  readonly pid: number
  readonly startTicks: number
  readonly startMs: number
  readonly machine: NonNullable<Maps['machine']>
  /** Counts the times that `maps` was read, so that the owner can tell when to look again. */
  readonly looks: number
  readonly maps: Maps
  readonly threads: number
}

interface Known {
  readonly pid: number
  startTicks: number
  startMs: number
  comm: string
  bodiless: boolean
  threads: number
  /** The process has run this program since then. */
  programSinceMs: number
  lookAtMs: number
  looks: number
  maps: Maps | undefined
  unread: UnreadReason | undefined
}

export const UNREAD_MAPS = 'maps not readable: run as root or with CAP_SYS_PTRACE'
export const UNREAD_CUT = 'maps longer than the limit'
export const UNREAD_LIMIT = 'more runtimes than the limit'
type UnreadReason = typeof UNREAD_MAPS | typeof UNREAD_CUT

export interface Scan {
  readonly runtimes: readonly RuntimeProcess[]
  /** Processes that may be runtimes and could not be told, or are too many, by reason. */
  readonly unread: ReadonlyMap<string, number>
}

export class ProcessScan {
  readonly #procfs: string
  readonly #bootTimeMs: () => number
  readonly #known = new Map<number, Known>()
  readonly #buffer = Buffer.allocUnsafe(4096)

  constructor({ procfs, bootTimeMs }: { procfs: string; bootTimeMs: () => number }) {
    this.#procfs = procfs
    this.#bootTimeMs = bootTimeMs
  }

  pass(timeMs: number): Scan {
    const present = new Set<number>()
    const runtimes: RuntimeProcess[] = []
    const unread = new Map<string, number>()
    const count = (reason: string) => unread.set(reason, (unread.get(reason) ?? 0) + 1)
    for (const name of readdirSync(this.#procfs)) {
      const pid = pidOf(name)
      if (pid === undefined) continue
      const known = this.#look(pid, timeMs)
      if (known === undefined) continue
      present.add(pid)
      if (known.unread !== undefined) count(known.unread)
      const { maps } = known
      if (maps?.machine === undefined) continue
      if (runtimes.length < limits.runtimes.value)
        runtimes.push({ ...known, maps, machine: maps.machine })
      else count(UNREAD_LIMIT)
    }
    for (const pid of this.#known.keys()) if (!present.has(pid)) this.#known.delete(pid)
    return { runtimes, unread }
  }

  /** Undefined when the process is gone. */
  #look(pid: number, timeMs: number): Known | undefined {
    const before = this.#known.get(pid)
    if (before?.bodiless === true && timeMs < before.lookAtMs) return before
    const stat = this.#readStat(pid)
    if (stat === undefined) return undefined
    const known = before?.startTicks === stat.startTicks ? before : this.#meet(pid, stat)
    if (known.comm !== stat.comm) {
      known.comm = stat.comm
      known.programSinceMs = timeMs
      known.lookAtMs = timeMs
    }
    known.bodiless = stat.bodiless
    known.threads = stat.threads
    if (known.bodiless) {
      known.maps = undefined
      known.unread = undefined
    }
    if (known.looks > 0 && timeMs < known.lookAtMs) return known
    known.lookAtMs = timeMs + untilNextLookMs(pid, timeMs - known.programSinceMs)
    known.looks += 1
    return known.bodiless || this.#classify(known) ? known : undefined
  }

  #meet(pid: number, stat: ProcessStat): Known {
    const startMs = this.#bootTimeMs() + stat.startTicks * TICK_MS
    const known: Known = {
      pid,
      ...stat,
      startMs,
      programSinceMs: startMs,
      lookAtMs: 0,
      looks: 0,
      maps: undefined,
      unread: undefined,
    }
    this.#known.set(pid, known)
    return known
  }

  #readStat(pid: number): ProcessStat | undefined {
    try {
      const fd = openSync(`${this.#procfs}/${pid}/stat`, 'r')
      try {
        const bytes = readSync(fd, this.#buffer, 0, this.#buffer.length, 0)
        return parseProcessStat(this.#buffer.toString('latin1', 0, bytes))
      } finally {
        closeSync(fd)
      }
    } catch (err) {
      if (isGone(err)) return undefined
      throw err
    }
  }

  /** False when the process is gone. */
  #classify(known: Known): boolean {
    try {
      known.maps = readMaps(`${this.#procfs}/${known.pid}/maps`)
      const undecided = known.maps.cut && known.maps.machine === undefined
      known.unread = undecided ? UNREAD_CUT : undefined
      return true
    } catch (err) {
      if (isGone(err)) return false
      known.maps = undefined
      known.unread = UNREAD_MAPS
      return true
    }
  }
}

/** Spread by pid, so that the rare looks do not all fall into one pass. */
const untilNextLookMs = (pid: number, ageMs: number): number =>
  ageMs < YOUNG_MS
    ? Math.max(YOUNG_STEP_MS, ageMs)
    : LOOK_AGAIN_MS + ((pid % 60) * LOOK_AGAIN_MS) / 60

const pidOf = (name: string): number | undefined =>
  /^[1-9]\d{0,9}$/.test(name) ? Number(name) : undefined

/** A process may end between any two reads. */
export const isGone = (err: unknown): boolean =>
  err instanceof Error && 'code' in err && (err.code === 'ENOENT' || err.code === 'ESRCH')
