/**
 * What to roll up next, of one table: a pure function of how far it has been rolled up, of what has
 * changed behind that, and of the time.
 *
 * Time is cut in pieces of ten minutes. A piece is closed a minute after its end; then its minutes are
 * made, and an hour when all of its minutes are. What arrives later for a piece that was made marks it
 * to be made again: of the entities or series that it is of, where these are few. After downtime the
 * pieces that were missed are made a day at a time, the earliest first.
 */
import { limits } from '../../../catalog/limit.ts'
import { BRIDGE_MS, type Tier, TIERS } from './rolled.ts'

export const PIECE_MS = 600_000
const DAY_MS = 86_400_000
const HOUR_MS = TIERS['1h'].windowMs
/** Agents send every few seconds; what takes longer than this counts as late. */
export const CLOSING_MS = 60_000

/** Ids of the entities or series whose rows changed; beyond `limits.rollupIds` all of them. */
export type Ids = ReadonlySet<bigint> | 'all'

/** What is to be made again, by its start in Unix ms. */
export type Marks = ReadonlyMap<number, Ids>

export interface Progress {
  /** All minutes before this are made, but for those in pieces that are marked. */
  readonly minutesMs: number
  readonly hoursMs: number
  readonly pieces: Marks
  readonly hours: Marks
}

export interface Work {
  readonly tier: Tier
  readonly fromMs: number
  readonly toMs: number
  /** Of these alone. */
  readonly ids?: readonly bigint[]
}

export function joined(a: Ids | undefined, b: Ids): Ids {
  if (a === undefined) return b
  if (a === 'all' || b === 'all') return 'all'
  const both = a.union(b)
  return both.size > limits.rollupIds.value ? 'all' : both
}

const floor = (ms: number, step: number) => Math.floor(ms / step) * step

/** End of the last piece that is closed. */
export const closedMs = (nowMs: number): number => floor(nowMs - CLOSING_MS, PIECE_MS)

/** One more id of a piece; in place, since many rows may come late at once. */
export function mark(marks: Map<number, Set<bigint> | 'all'>, piece: number, id: bigint): void {
  const ids = marks.get(piece)
  if (ids === 'all') return
  if (ids === undefined) marks.set(piece, new Set([id]))
  else if (ids.size >= limits.rollupIds.value && !ids.has(id)) marks.set(piece, 'all')
  else ids.add(id)
}

/**
 * Where to start: at what was noted; without a note, at the first day that has rows. `days` are starts
 * of days, ascending.
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
      : floor(Math.min(minutes, closedMs(nowMs)), PIECE_MS)
  const hoursMs = floor(Math.min(noted['1h'] ?? minutesMs, minutesMs), HOUR_MS)
  return { minutesMs, hoursMs, pieces: new Map(), hours: new Map() }
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

const some = (ids: Ids) => (ids === 'all' ? {} : { ids: [...ids] })

/** The earliest of the marked ones, and those right behind it, as far as `longest` and as all or some. */
function firstRun(marked: Marks, width: number, longest: number) {
  const fromMs = Math.min(...marked.keys())
  let ids = marked.get(fromMs)!
  let toMs = fromMs + width
  for (; toMs - fromMs < longest; toMs += width) {
    const more = marked.get(toMs)
    if (more === undefined || (more === 'all') !== (ids === 'all')) break
    const both = joined(ids, more)
    if ((both === 'all') !== (ids === 'all')) break
    ids = both
  }
  return { fromMs, toMs, ...some(ids) }
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
export function done(progress: Progress, { tier, fromMs, toMs, ids }: Work): Progress {
  const { minutesMs, hoursMs } = progress
  const pieces = new Map(progress.pieces)
  const hours = new Map(progress.hours)
  if (tier === '1h') {
    for (const hour of progress.hours.keys()) if (hour >= fromMs && hour < toMs) hours.delete(hour)
    return {
      minutesMs,
      hoursMs: hoursMs === fromMs ? Math.max(hoursMs, toMs) : hoursMs,
      pieces,
      hours,
    }
  }
  for (const piece of progress.pieces.keys()) {
    if (piece >= fromMs && piece < toMs) pieces.delete(piece)
  }
  // Hours that are made already and have these minutes, or a step that begins in them.
  const changed: Ids = ids === undefined ? 'all' : new Set(ids)
  const untilMs = Math.min(toMs + BRIDGE_MS, hoursMs)
  for (let hour = floor(fromMs, HOUR_MS); hour < untilMs; hour += HOUR_MS) {
    hours.set(hour, joined(hours.get(hour), changed))
  }
  return {
    minutesMs: minutesMs === fromMs ? Math.max(minutesMs, toMs) : minutesMs,
    hoursMs,
    pieces,
    hours,
  }
}

/**
 * Start of the piece that a row of this time changes; undefined for one that is not made yet, and
 * 'late' for a row that is older than rollups look back.
 */
export function changedBy(
  tsMs: number,
  madeMs: number,
  nowMs: number,
): number | 'late' | undefined {
  if (tsMs >= madeMs) return undefined
  return tsMs < nowMs - limits.rollupLateMs.value ? 'late' : floor(tsMs, PIECE_MS)
}
