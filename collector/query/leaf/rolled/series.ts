/**
 * Rollups of one series: rows in order of time, each of a window [start, end) and of what is kept of it
 * (store/rollup/rolled.ts). Rows of hours may be followed by rows of minutes, and these by minutes that are
 * made here of samples which no rollup has yet.
 * Units: Unix ms; NaN where a figure is not kept, or the window has no number.
 */
import { BRIDGE_MS, TIERS } from '../../../store/rollup/rolled.ts'
import type { SampleSeries } from '../../grid/grid.ts'
import type { Labels } from '../../grid/labels.ts'

export const FIGURES = ['least', 'most', 'mean', 'last', 'increase'] as const
export type RolledFigure = (typeof FIGURES)[number]

export interface RolledSeries extends Readonly<Record<RolledFigure, Float64Array>> {
  readonly labels: Labels
  /** Ascending; rows do not overlap. */
  readonly starts: Float64Array
  readonly ends: Float64Array
  /** Samples of each row. */
  readonly counts: Float64Array
  /** From when on a row is not the newest of a series, since that ended. */
  readonly untils: Float64Array
  /** What the first step of a row begins at, where that is not the row before it. */
  readonly joint?: { readonly row: number; readonly timeMs: number; readonly value: number }
}

/** One value of a row: its newest sample, or its mean where that is not kept. */
export function valueOf({ last, mean }: RolledSeries, row: number): number {
  const value = last[row]!
  return Number.isNaN(value) ? mean[row]! : value
}

/** When it is so: at the end of the window, or in its middle. */
export const timeOf = ({ last, starts, ends }: RolledSeries, row: number): number =>
  Number.isNaN(last[row]!) ? (starts[row]! + ends[row]!) / 2 : ends[row]!

/** What a row counts as the mean of its samples. */
export const meanOf = ({ mean, last }: RolledSeries, row: number): number =>
  Number.isNaN(mean[row]!) ? last[row]! : mean[row]!

/** Whether a row has anything to tell of the series. */
export const hasRow = (series: RolledSeries, row: number): boolean =>
  !Number.isNaN(valueOf(series, row)) || !Number.isNaN(series.increase[row]!)

type Rows = Omit<RolledSeries, 'labels' | 'joint'>

/** What nothing is kept of: the same for all, never written to. */
let nothing = new Float64Array(0)
function nothingOf(length: number): Float64Array {
  if (length > nothing.length) nothing = new Float64Array(2 * length).fill(Number.NaN)
  return nothing.subarray(0, length)
}
const isNothing = (values: Float64Array) => values.buffer === nothing.buffer

/** With room for these figures. */
export function rowsOf(length: number, figures: readonly RolledFigure[]): Rows {
  const none = nothingOf(length)
  const rows: Record<keyof Rows, Float64Array> = {
    starts: new Float64Array(length),
    ends: new Float64Array(length),
    counts: new Float64Array(length),
    untils: new Float64Array(length).fill(Infinity),
    least: none,
    most: none,
    mean: none,
    last: none,
    increase: none,
  }
  for (const figure of figures) rows[figure] = new Float64Array(length).fill(Number.NaN)
  return rows
}

/** Rows [from, to) of several, one after the other. */
function chained(
  parts: readonly { readonly of: Rows; readonly from: number; readonly to: number }[],
): Rows {
  const kept = FIGURES.filter((name) => parts.some(({ of }) => !isNothing(of[name])))
  const rows = rowsOf(
    parts.reduce((sum, { from, to }) => sum + to - from, 0),
    kept,
  )
  let at = 0
  for (const { of, from, to } of parts) {
    for (const name of ['starts', 'ends', 'counts', 'untils', ...kept] as const) {
      rows[name].set(of[name].subarray(from, to), at)
    }
    at += to - from
  }
  return rows
}

/** From its end on a series has no newest sample: not from rows that began before. */
export function endAt({ starts, untils }: RolledSeries, endedMs: number): void {
  for (let row = 0; row < starts.length && starts[row]! < endedMs; row++) untils[row] = endedMs
}

/**
 * Series of several entities with the same labels, which take turns, are one, as those of samples are
 * (one-series.ts). Where they overlap by no more than the row in which one ended and the next began, that
 * row is of both; where they overlap by more they stay several.
 */
export function rolledInTurns(all: readonly RolledSeries[]): RolledSeries[] {
  const byKey = Map.groupBy(
    all.filter(({ starts }) => starts.length > 0),
    ({ labels }) => labels.key,
  )
  return [...byKey.values()].flatMap((same) => {
    const [first, ...later] = same.toSorted((a, b) => a.starts[0]! - b.starts[0]!)
    const found = [first!]
    for (const next of later) {
      const before = found.at(-1)!
      const overlap = before.ends.at(-1)! - next.starts[0]!
      if (overlap <= 0) found.splice(-1, 1, followed(before, next))
      else if (before.starts.at(-1) === next.starts[0]) found.splice(-1, 1, shared(before, next))
      else found.push(next)
    }
    return found
  })
}

function followed(a: RolledSeries, b: RolledSeries): RolledSeries {
  const { labels, joint } = a
  const rows = chained([
    { of: a, from: 0, to: a.starts.length },
    { of: b, from: 0, to: b.starts.length },
  ])
  return { ...rows, labels, ...(joint !== undefined && { joint }) }
}

/** The last row of one and the first of the other are of the same window. */
function shared(a: RolledSeries, b: RolledSeries): RolledSeries {
  const row = a.starts.length - 1
  const both = followed({ ...a, ...chained([{ of: a, from: 0, to: row }]) }, b)
  const either = (name: RolledFigure, of: (x: number, y: number) => number) => {
    if (isNothing(both[name])) return
    const [x, y] = [a[name][row]!, b[name][0]!]
    both[name][row] = Number.isNaN(x) ? y : Number.isNaN(y) ? x : of(x, y)
  }
  const [n, m] = [a.counts[row]!, b.counts[0]!]
  either('least', Math.min)
  either('most', Math.max)
  either('mean', (x, y) => (x * n + y * m) / (n + m))
  either('last', (_, y) => y)
  either('increase', (x, y) => x + y)
  both.counts[row] = n + m
  return both
}

const MINUTE_MS = TIERS['1m'].windowMs

/** Samples by the minute, from a time on; what lies before tells what the first step begins at. */
export function minutesOf({ labels, times, values }: SampleSeries, fromMs: number): RolledSeries {
  const minutes: {
    at: number
    least: number
    most: number
    sum: number
    last: number
    n: number
  }[] = []
  let joint: RolledSeries['joint']
  for (const [i, timeMs] of times.entries()) {
    const value = values[i]!
    if (Number.isNaN(value)) continue
    const at = Math.floor(timeMs / MINUTE_MS) * MINUTE_MS
    if (timeMs < fromMs) {
      joint = { row: 0, timeMs: at + MINUTE_MS, value }
      continue
    }
    const minute = minutes.at(-1)
    if (minute?.at !== at) {
      minutes.push({ at, least: value, most: value, sum: value, last: value, n: 1 })
      continue
    }
    minute.least = Math.min(minute.least, value)
    minute.most = Math.max(minute.most, value)
    minute.sum += value
    minute.last = value
    minute.n += 1
  }
  const rows = rowsOf(minutes.length, ['least', 'most', 'mean', 'last'])
  for (const [row, { at, least, most, sum, last, n }] of minutes.entries()) {
    rows.starts[row] = at
    rows.ends[row] = at + MINUTE_MS
    rows.counts[row] = n
    rows.least[row] = least
    rows.most[row] = most
    rows.mean[row] = sum / n
    rows.last[row] = last
  }
  return { ...rows, labels, ...(joint !== undefined && { joint }) }
}

/** A series, and how it goes on. */
export function goingOn(before: RolledSeries, after: RolledSeries): RolledSeries {
  const whole = followed(before, after)
  const row = before.starts.length
  // Rows that have a newest sample are what the next step begins at.
  const isKnown = row > 0 && !Number.isNaN(before.last[row - 1]!)
  const joint = isKnown || after.joint === undefined ? before.joint : { ...after.joint, row }
  return { ...whole, ...(joint !== undefined && { joint }) }
}

/** A step from one value to the next; what changed is even over its time unless that was long. */
export interface Steps {
  readonly starts: Float64Array
  readonly ends: Float64Array
  readonly amounts: Float64Array
  /** 1 where nothing is known of what lies between: then it counts as a whole or not at all. */
  readonly isWhole: Uint8Array
}

/** How a series changed from row to row; `fallsAreResets` as of counters. */
export function stepsIn(series: RolledSeries, fallsAreResets: boolean): Steps {
  const { starts, ends, increase, joint } = series
  const most = starts.length
  const steps = {
    starts: new Float64Array(most),
    ends: new Float64Array(most),
    amounts: new Float64Array(most),
    isWhole: new Uint8Array(most),
  }
  let length = 0
  const add = (startMs: number, endMs: number, amount: number, widthMs: number) => {
    // What is kept of an hour may have a step in it that the first minute after it is told to begin at.
    steps.starts[length] = length === 0 ? startMs : Math.max(startMs, steps.ends[length - 1]!)
    steps.ends[length] = endMs
    steps.amounts[length] = amount
    steps.isWhole[length++] = endMs - startMs > Math.max(BRIDGE_MS, 1.5 * widthMs) ? 1 : 0
  }
  let [beforeMs, before] = [0, Number.NaN]
  for (let row = 0; row < most; row++) {
    if (joint?.row === row) [beforeMs, before] = [joint.timeMs, joint.value]
    const [timeMs, value, counted] = [timeOf(series, row), valueOf(series, row), increase[row]!]
    const widthMs = ends[row]! - starts[row]!
    if (fallsAreResets && !Number.isNaN(counted)) {
      add(starts[row]!, ends[row]!, counted, widthMs)
    } else if (!Number.isNaN(value) && !Number.isNaN(before)) {
      add(beforeMs, timeMs, fallsAreResets && value < before ? value : value - before, widthMs)
    }
    if (!Number.isNaN(value)) [beforeMs, before] = [timeMs, value]
  }
  return {
    starts: steps.starts.subarray(0, length),
    ends: steps.ends.subarray(0, length),
    amounts: steps.amounts.subarray(0, length),
    isWhole: steps.isWhole.subarray(0, length),
  }
}
