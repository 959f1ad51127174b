/**
 * Functions of a range over rollups. A row counts as far as its window lies in that of a step, where it can
 * be shared out: what was counted, samples and their sum are taken as even over it, so that windows of
 * whole rows are exact, and one shorter than a row has the rate or the mean of that row. Of least, most and
 * newest all rows count that lie in the window with any part, so that none is missed. All else takes a row for
 * one sample.
 *
 *   rate, increase         what was counted, over the window; not extrapolated
 *   delta                  the same of a level
 *   sum, avg, count        of all samples of the rows, by their share
 *   min, max, present      of all rows that the window touches
 *   newest, last           of the last of these: its newest sample, or its mean where that is not kept
 *   all others             over the values of rows as if these were samples; what needs two has a window that is
 *                          longer by a row
 */
import { rangeFunctions, overRange } from '../../grid/range/functions.ts'
import { largest, least } from '../../grid/range/ranks.ts'
import type { Samples, Windows } from '../../grid/range/windows.ts'
import {
  hasRow,
  meanOf,
  type RolledFigure,
  type RolledSeries,
  type Steps,
  stepsIn,
  timeOf,
  valueOf,
} from './series.ts'

/** Values over the steps of windows; undefined where no step has one. */
export type Values = { readonly values: Float64Array; readonly present: Uint8Array } | undefined

export interface RolledAsk {
  /** `newest`, or a function of a range. */
  readonly name: string
  readonly parameters: readonly number[]
}

/** 'unknown': what is kept does not tell. */
export function overRolled(
  series: RolledSeries,
  { name, parameters }: RolledAsk,
  windows: Windows,
): Values | 'unknown' {
  switch (name) {
    case 'increase':
    case 'rate':
    case 'delta':
      return changed(series, name, windows)
    case 'sum_over_time':
    case 'avg_over_time':
    case 'count_over_time':
      return shared(series, name, windows)
    case 'min_over_time':
    case 'max_over_time': {
      const isLeast = name === 'min_over_time'
      if (isOfSteps(series)) return 'unknown'
      const kept = rowsWith(series, (row) => figureOf(series, isLeast ? 'least' : 'most', row))
      const samples: Samples = { times: kept.ends, values: kept.values }
      const best = (isLeast ? least : largest)(samples)
      return touched(kept, windows, best)
    }
    case 'present_over_time': {
      const kept = rowsWith(series, (row) => (hasRow(series, row) ? 1 : Number.NaN))
      return touched(kept, windows, () => 1)
    }
    case 'newest':
    case 'last_over_time': {
      const kept = rowsWith(series, (row) => valueOf(series, row))
      if (kept.values.length === 0 && isOfSteps(series)) return 'unknown'
      const found = touched(kept, windows, (_, to) => kept.values[to - 1]!)
      return name === 'newest' && found !== undefined ? unlessEnded(found, kept, windows) : found
    }
    default:
      return ofSamples(series, name, parameters, windows)
  }
}

/** Functions that take a row for a sample. */
export const takesSamples = (name: string): boolean => !SHARING.has(name)
const SHARING: ReadonlySet<string> = new Set([
  'newest',
  'last_over_time',
  'increase',
  'rate',
  'delta',
  'sum_over_time',
  'avg_over_time',
  'count_over_time',
  'min_over_time',
  'max_over_time',
  'present_over_time',
])

/** Functions to which rows matter that lie beside a window: how far, of rows that are as wide. */
export const marginOf = (name: string, bridgeMs: number, widthMs: number): number =>
  SHARING.has(name) && !CHANGES.has(name) ? 0 : Math.max(bridgeMs, 2 * widthMs)
const CHANGES: ReadonlySet<string> = new Set(['increase', 'rate', 'delta'])

/** Least and most are not kept of what hardly moves, or only rises. */
const figureOf = (series: RolledSeries, figure: RolledFigure, row: number): number => {
  const value = series[figure][row]!
  return Number.isNaN(value) ? meanOf(series, row) : value
}

/** Whether of some row only what was counted is kept, and no value. */
const isOfSteps = (series: RolledSeries): boolean =>
  series.increase.some(
    (counted, row) => !Number.isNaN(counted) && Number.isNaN(meanOf(series, row)),
  )

interface Kept {
  readonly starts: Float64Array
  readonly ends: Float64Array
  readonly values: Float64Array
  readonly untils: Float64Array
}

/** Rows that have a value. */
function rowsWith(series: RolledSeries, valueOf: (row: number) => number): Kept {
  const { length } = series.starts
  const kept = {
    starts: new Float64Array(length),
    ends: new Float64Array(length),
    values: new Float64Array(length),
    untils: new Float64Array(length),
  }
  let count = 0
  for (let row = 0; row < length; row++) {
    const value = valueOf(row)
    if (Number.isNaN(value)) continue
    kept.starts[count] = series.starts[row]!
    kept.ends[count] = series.ends[row]!
    kept.untils[count] = series.untils[row]!
    kept.values[count++] = value
  }
  return {
    starts: kept.starts.subarray(0, count),
    ends: kept.ends.subarray(0, count),
    values: kept.values.subarray(0, count),
    untils: kept.untils.subarray(0, count),
  }
}

const valuesOver = (steps: number) => ({
  values: new Float64Array(steps),
  present: new Uint8Array(steps),
})

/** What `value` gives over the rows [from, to) that each window touches. */
function touched(
  { starts, ends }: Pick<Kept, 'starts' | 'ends'>,
  { endMs, strideMs, steps, rangeMs }: Windows,
  value: (from: number, to: number, step: number) => number,
): Values {
  const found = valuesOver(steps)
  let [from, to] = [0, 0]
  let isEmpty = true
  for (let step = 0; step < steps; step++) {
    const end = endMs + step * strideMs
    while (to < starts.length && starts[to]! < end) to++
    while (from < to && ends[from]! <= end - rangeMs) from++
    if (from === to) continue
    found.values[step] = value(from, to, step)
    found.present[step] = 1
    isEmpty = false
  }
  return isEmpty ? undefined : found
}

/** Without steps from the end of a series on. */
function unlessEnded(
  found: Exclude<Values, undefined>,
  { starts, untils }: Kept,
  { endMs, strideMs, steps }: Windows,
): Values {
  let row = 0
  for (let step = 0; step < steps; step++) {
    const end = endMs + step * strideMs
    while (row + 1 < starts.length && starts[row + 1]! < end) row++
    if (found.present[step] === 1 && end >= untils[row]!) found.present[step] = 0
  }
  return found.present.includes(1) ? found : undefined
}

/** Sums over windows of amounts that are even over the spans that they are of. */
class Shares {
  readonly #spans: Pick<Kept, 'starts' | 'ends'>
  readonly #amounts: Float64Array
  /** At i: of all spans before it; undefined where there is a value that differences would lose. */
  readonly #before: Float64Array | undefined

  constructor(spans: Pick<Kept, 'starts' | 'ends'>, amounts: Float64Array) {
    this.#spans = spans
    this.#amounts = amounts
    if (!amounts.every(Number.isFinite)) return
    this.#before = new Float64Array(amounts.length + 1)
    let [sum, lost] = [0, 0]
    for (const [i, amount] of amounts.entries()) {
      const next = sum + amount
      lost += Math.abs(sum) >= Math.abs(amount) ? sum - next + amount : amount - next + sum
      sum = next
      this.#before[i + 1] = sum + lost
    }
  }

  /** Over (afterMs, endMs], of which the spans [from, to) have a part. */
  within(from: number, to: number, afterMs: number, endMs: number): number {
    const { starts, ends } = this.#spans
    const part = (i: number) => {
      const shared = Math.min(endMs, ends[i]!) - Math.max(afterMs, starts[i]!)
      const whole = ends[i]! - starts[i]!
      return shared >= whole ? this.#amounts[i]! : (this.#amounts[i]! * shared) / whole
    }
    if (to - from <= 2 || this.#before === undefined) {
      let sum = 0
      for (let i = from; i < to; i++) sum += part(i)
      return sum
    }
    return part(from) + (this.#before[to - 1]! - this.#before[from + 1]!) + part(to - 1)
  }
}

function shared(series: RolledSeries, name: string, windows: Windows): Values | 'unknown' {
  const isCount = name === 'count_over_time'
  if (!isCount && isOfSteps(series)) return 'unknown'
  const kept = rowsWith(series, (row) =>
    isCount ? (hasRow(series, row) ? 1 : Number.NaN) : meanOf(series, row),
  )
  const rows = rowsWith(series, (row) =>
    (isCount ? hasRow(series, row) : !Number.isNaN(meanOf(series, row)))
      ? series.counts[row]!
      : Number.NaN,
  )
  const counts = new Shares(rows, rows.values)
  const sums = isCount
    ? counts
    : new Shares(
        kept,
        kept.values.map((mean, i) => mean * rows.values[i]!),
      )
  const { endMs, strideMs, rangeMs } = windows
  return touched(kept, windows, (from, to, step) => {
    const end = endMs + step * strideMs
    const sum = sums.within(from, to, end - rangeMs, end)
    return name === 'avg_over_time' ? sum / counts.within(from, to, end - rangeMs, end) : sum
  })
}

function changed(series: RolledSeries, name: string, windows: Windows): Values {
  const steps = stepsIn(series, name !== 'delta')
  const { endMs, strideMs, rangeMs } = windows
  const shares = new Shares(steps, steps.amounts)
  const seconds = name === 'rate' ? rangeMs / 1_000 : 1
  const found = touched(steps, windows, (from, to, step) => {
    const end = endMs + step * strideMs
    const [first, last] = inside(steps, from, to, end - rangeMs, end)
    if (first === last) return Number.NaN
    return shares.within(first, last, end - rangeMs, end) / seconds
  })
  if (found === undefined) return undefined
  for (const [step, value] of found.values.entries()) {
    if (Number.isNaN(value)) found.present[step] = 0
  }
  return found.present.includes(1) ? found : undefined
}

/** Without long steps of which the window has only a part: they may be the first and the last. */
function inside(
  { starts, ends, isWhole }: Steps,
  from: number,
  to: number,
  afterMs: number,
  endMs: number,
): readonly [from: number, to: number] {
  let [first, last] = [from, to]
  if (isWhole[first] === 1 && starts[first]! < afterMs) first++
  if (last > first && isWhole[last - 1] === 1 && ends[last - 1]! > endMs) last--
  return [first, last]
}

function ofSamples(
  series: RolledSeries,
  name: string,
  parameters: readonly number[],
  windows: Windows,
): Values | 'unknown' {
  const ofSteps = isOfSteps(series)
  if (ofSteps && !OF_STEPS.has(name)) return 'unknown'
  const samples = ofSteps ? sumsIn(series) : samplesIn(series)
  const how = rangeFunctions[name]!
  let widest = 0
  for (const [row, start] of series.starts.entries()) {
    widest = Math.max(widest, series.ends[row]! - start)
  }
  // Two samples of a window may be in one row, whose change is from the row before it.
  const rangeMs = Math.max(windows.rangeMs + (how.least - 1) * widest, how.least * widest)
  return overRange(
    how,
    { labels: series.labels, ...samples },
    { ...windows, rangeMs },
    parameters.map((value) => () => value),
  )
}

/** What is right of a counter that is told by its steps alone. */
const OF_STEPS: ReadonlySet<string> = new Set(['irate', 'idelta', 'deriv'])

/** Each row as a sample, within its window: the end of that is the next one's. */
export function samplesIn(series: RolledSeries): Samples {
  const times: number[] = []
  const values: number[] = []
  for (const row of series.starts.keys()) {
    const value = valueOf(series, row)
    if (Number.isNaN(value)) continue
    times.push(Math.ceil(timeOf(series, row)) - 1)
    values.push(value)
  }
  return { times: Float64Array.from(times), values: Float64Array.from(values) }
}

/** What was counted so far, from the first row on. */
function sumsIn(series: RolledSeries): Samples {
  const { ends, amounts } = stepsIn(series, true)
  let sum = 0
  return { times: ends.map((end) => end - 1), values: amounts.map((amount) => (sum += amount)) }
}
