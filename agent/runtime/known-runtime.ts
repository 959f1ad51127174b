/** What is kept of one runtime from pass to pass, and how long what is dear to read is kept. */
import type { CgroupPlace } from '../cgroup/container-of.ts'
import type { Facts } from './kind.ts'
import type { Program } from './program.ts'
import { RuntimeRows } from './runtime-rows.ts'
import type { RuntimeProcess } from './scan.ts'
import type { Task } from './tasks.ts'

export interface KnownRuntime {
  readonly startTicks: number
  /** Its stack, which is another one when it runs another program. */
  readonly stackStart: number
  /** Unix ms at which this program was met. */
  readonly metMs: number
  readonly rows: RuntimeRows
  program: Program | undefined
  /** Of the scan, when the program was read. */
  looks: number
  tasks: readonly Task[] | undefined
  tasksDueMs: number
  place: CgroupPlace | undefined
  placeDueMs: number
  /** What it tells whatever its kind; undefined when its program or its threads are others now. */
  facts: Facts | undefined
  /** Undefined while its cgroup is not known. */
  first: Facts | undefined
  /** Unix ms; undefined before it was read for the first time. */
  readMs: number | undefined
}

/** `before` is the same process when it ran another program: it stays the same runtime. */
export const newlyKnown = (
  { startTicks, stackStart }: RuntimeProcess,
  timeMs: number,
  before: KnownRuntime | undefined,
): KnownRuntime => ({
  startTicks,
  stackStart,
  metMs: timeMs,
  rows: before?.rows ?? new RuntimeRows(),
  program: undefined,
  looks: 0,
  tasks: undefined,
  tasksDueMs: Number.NEGATIVE_INFINITY,
  place: undefined,
  placeDueMs: Number.NEGATIVE_INFINITY,
  facts: undefined,
  first: before?.first,
  readMs: before?.readMs,
})

/**
 * Threads are looked at this rarely: each costs about 10 µs, and there may be thousands. Of most runtimes
 * only the names of their threads are told.
 */
const RARE_MS = 30_000
const NAMES_MS = 60_000
const SOON_MS = 900
const SOON_SHARE = 0.75

/** Nothing is put off for longer: a clock that was set back may seem to. */
export const isDue = (dueMs: number, timeMs: number): boolean =>
  timeMs >= dueMs || dueMs - timeMs > NAMES_MS

/** Each has its own place in the time between two looks, by its pid, so that not all fall into one pass. */
function untilPlaceMs(periodMs: number, timeMs: number, pid: number): number {
  const placeMs = ((pid % 30) * periodMs) / 30
  return periodMs - ((timeMs + placeMs) % periodMs)
}

/**
 * Sooner while the runtime was only just met, so that a short while is measured by as much as it seems
 * to be, and what others learn a moment later is told.
 */
export function soonWaitMs(known: KnownRuntime, timeMs: number, pid: number): number {
  const sinceMs = Math.max(0, timeMs - known.metMs) * SOON_SHARE
  return sinceMs < RARE_MS ? Math.max(SOON_MS, sinceMs) : untilPlaceMs(RARE_MS, timeMs, pid)
}

export const namesWaitMs = (timeMs: number, pid: number): number =>
  untilPlaceMs(NAMES_MS, timeMs, pid)
