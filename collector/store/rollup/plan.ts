/**
 * What to roll up next, of one table: a pure function of how far it has been rolled up, of what has
 * changed behind that, and of the time.
 *
 * Time is cut in pieces of ten minutes. A piece is closed a minute after its end; then its minutes are
 * made, and an hour when all of its minutes are. What arrives later for a piece that was made marks it,
 * and the one after it if a counter's next step may lie there, to be made again. After downtime the
 * pieces that were missed are made a day at a time, the earliest first.
 */
import { limits } from '../../../catalog/limit.ts'
import { BRIDGE_MS, type Tier, TIERS } from './rolled.ts'

export const PIECE_MS = 600_000
const DAY_MS = 86_400_000
const HOUR_MS = TIERS['1h'].windowMs
/** Agents send every few seconds; what takes longer than this counts as late. */
export const CLOSING_MS = 60_000

export interface Progress {
  /** All minutes before this are made, but for those in pieces that are marked. */
  readonly minutesMs: number
  readonly hoursMs: number
  /** Starts of pieces that are to be made again. */
  readonly pieces: ReadonlySet<number>
  /** Starts of hours that are to be made again. */
  readonly hours: ReadonlySet<number>
}

export interface Work {
  readonly tier: Tier
  readonly fromMs: number
  readonly toMs: number
}

const floor = (ms: number, step: number) => Math.floor(ms / step) * step

/** End of the last piece that is closed. */
export const closedMs = (nowMs: number): number => floor(nowMs - CLOSING_MS, PIECE_MS)

/**
 * Where to start: at what was noted, less what may have changed unnoticed before the end of the last
 * process; without a note, at the first day that has rows. `days` are starts of days, ascending.
 */
export function startOf(
  noted: Readonly<Partial<Record<Tier, number>>>,
  days: readonly number[],
  nowMs: number,
): Progress {
  const minutes = noted['1m']
  const first = days[0] ?? closedMs(nowMs)
  const minutesMs =
    minutes === undefined
      ? Math.min(first, closedMs(nowMs))
      : floor(Math.min(minutes, closedMs(nowMs)) - limits.rollupAgainMs.value, PIECE_MS)
  const hoursMs = floor(Math.min(noted['1h'] ?? minutesMs, minutesMs), HOUR_MS)
  return { minutesMs, hoursMs, pieces: new Set(), hours: new Set() }
}

/** What is to be done next; undefined when all that is closed is made. */
export function nextWork(
  progress: Progress,
  days: readonly number[],
  nowMs: number,
): Work | undefined {
  const { minutesMs, hoursMs, pieces, hours } = progress
  const closed = closedMs(nowMs)
  if (minutesMs < closed) return { tier: '1m', ...nextMinutes(minutesMs, closed, days) }
  if (pieces.size > 0) return { tier: '1m', ...firstRun(pieces, PIECE_MS, HOUR_MS) }
  const lastHour = floor(minutesMs, HOUR_MS)
  if (hoursMs < lastHour) {
    return {
      tier: '1h',
      fromMs: hoursMs,
      toMs: Math.min(lastHour, floor(hoursMs, DAY_MS) + DAY_MS),
    }
  }
  return hours.size === 0 ? undefined : { tier: '1h', ...firstRun(hours, HOUR_MS, DAY_MS) }
}

/** The earliest of the marked ones, and those right behind it, as far as `longest`. */
function firstRun(marked: ReadonlySet<number>, width: number, longest: number) {
  const fromMs = Math.min(...marked)
  let toMs = fromMs + width
  while (marked.has(toMs) && toMs - fromMs < longest) toMs += width
  return { fromMs, toMs }
}

/** To the end of the day at most; days without rows are passed over. */
function nextMinutes(fromMs: number, closed: number, days: readonly number[]) {
  const dayEnd = floor(fromMs, DAY_MS) + DAY_MS
  if (closed <= dayEnd || days.includes(dayEnd - DAY_MS)) {
    return { fromMs, toMs: Math.min(closed, dayEnd) }
  }
  const next = days.find((day) => day >= dayEnd) ?? closed
  return { fromMs, toMs: Math.min(closed, next) }
}

/** Progress after `work` was done. */
export function done(progress: Progress, { tier, fromMs, toMs }: Work): Progress {
  const { minutesMs, hoursMs } = progress
  const pieces = new Set(progress.pieces)
  const hours = new Set(progress.hours)
  if (tier === '1h') {
    for (const hour of progress.hours) if (hour >= fromMs && hour < toMs) hours.delete(hour)
    return {
      minutesMs,
      hoursMs: hoursMs === fromMs ? Math.max(hoursMs, toMs) : hoursMs,
      pieces,
      hours,
    }
  }
  for (const piece of progress.pieces) if (piece >= fromMs && piece < toMs) pieces.delete(piece)
  // Hours that are made of these minutes, if they are made already.
  for (let hour = floor(fromMs, HOUR_MS); hour < Math.min(toMs, hoursMs); hour += HOUR_MS) {
    hours.add(hour)
  }
  return {
    minutesMs: minutesMs === fromMs ? Math.max(minutesMs, toMs) : minutesMs,
    hoursMs,
    pieces,
    hours,
  }
}

/**
 * Pieces that a row of this time changes, of those before `madeMs`; undefined for a row that is older
 * than rollups look back.
 */
export function changedBy(tsMs: number, madeMs: number, nowMs: number): number[] | undefined {
  if (tsMs >= madeMs) return []
  if (tsMs < nowMs - limits.rollupLateMs.value) return undefined
  const pieces = new Set([floor(tsMs, PIECE_MS), floor(tsMs + BRIDGE_MS, PIECE_MS)])
  return [...pieces].filter((piece) => piece < madeMs)
}
