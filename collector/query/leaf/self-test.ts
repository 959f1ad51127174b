/**
 * Whether the store's aggregates of time series, which its makers call experimental, still compute what we
 * do. Asked once at start: of a function that answers otherwise, or not at all, samples are read instead.
 */
import type { Log } from '../../../settings/log.ts'
import type { Store } from '../../store/store.ts'
import type { OwnMetrics } from '../../web/self-metrics.ts'
import { type Grid, type GridSeries, type SampleSeries, stepsOf } from '../grid/grid.ts'
import { Labels } from '../grid/labels.ts'
import { overRange, rangeFunctions } from '../grid/range/functions.ts'
import { newest } from '../grid/range/newest.ts'
import { windowsOf } from '../grid/range/windows.ts'
import { gridRow, gridsOf } from './columns-of.ts'
import { Bound } from './conditions.ts'
import { aggregateOf, isOfFinite, type PushedAsk, pushedAsks, PUSHED_SETTINGS } from './pushed.ts'

type Sample = readonly [seconds: number, value: number]

/** A counter with a reset and a silence, what is no number, one sample alone, infinities. */
const SERIES: readonly (readonly Sample[])[] = [
  [
    [3, 2],
    [13, 7],
    [23, 7],
    [33, 1],
    [43, 2.5],
    [170, 40],
    [180, 41],
    [190, 55.25],
    [211, 60],
  ],
  [
    [1, -5],
    [8, 12],
    [22, 3],
    [29, Number.NaN],
    [36, 4],
    [90, 0],
  ],
  [[77, 1.5]],
]
const INFINITE: readonly Sample[] = [
  [1, -5],
  [8, 12],
  [15, Infinity],
  [22, 3],
  [29, Number.NaN],
  [36, 4],
  [43, -Infinity],
  [90, 0],
]
const START_MS = 1_600_000_000_000
const GRIDS: readonly { readonly grid: Grid; readonly windowMs: number }[] = [
  { grid: gridOf(0, 240, 15), windowMs: 60_000 },
  { grid: gridOf(-7, 230, 3.5), windowMs: 47_000 },
  { grid: gridOf(200, 200, 1), windowMs: 300_000 },
]

function gridOf(from: number, to: number, step: number): Grid {
  return { startMs: START_MS + from * 1_000, endMs: START_MS + to * 1_000, stepMs: step * 1_000 }
}

const TOLERANCE = 1e-9

/** The functions that may be left to the store. */
export async function trustedAsks(
  store: Pick<Store, 'queryColumns'>,
  own: Pick<OwnMetrics, 'set'>,
  log: Log,
): Promise<ReadonlySet<PushedAsk>> {
  const trusted = new Set<PushedAsk>()
  for (const ask of pushedAsks) {
    let problem: unknown
    try {
      if (await isRight(store, ask)) trusted.add(ask)
      else problem = new Error('it answers otherwise')
    } catch (error) {
      problem = error
    }
    own.set('queryPushdown', { function: ask }, trusted.has(ask) ? 1 : 0)
    if (problem !== undefined) {
      log.warn({ err: problem, function: ask }, 'store computes it otherwise, samples are read')
    }
  }
  return trusted
}

async function isRight(store: Pick<Store, 'queryColumns'>, ask: PushedAsk): Promise<boolean> {
  const series = isOfFinite(ask) ? SERIES : [...SERIES, INFINITE]
  // Twice, as rows are that were sent again.
  const rows = [...series, ...series].flatMap((samples, i) =>
    samples.map(([seconds, value]) => [String(i % series.length), seconds, value] as const),
  )
  for (const { grid, windowMs } of GRIDS) {
    const pushed = { ask, grid, steps: stepsOf(grid), windowMs }
    const bound = new Bound('')
    const which = bound.texts(rows.map(([name]) => name))
    const times = bound.ids(rows.map(([, seconds]) => BigInt(START_MS + seconds * 1_000)))
    // Numbers that are none are parameters as text only.
    const values = bound.texts(rows.map(([, , value]) => String(value)))
    const answer = await store.queryColumns(
      `SELECT row.1 AS which, ${aggregateOf(pushed, bound)('')}(
         fromUnixTimestamp64Milli(toInt64(row.2)), toFloat64(row.3)) AS found
       FROM (SELECT arrayJoin(arrayZip(${which}, ${times}, ${values})) AS row)
       GROUP BY which`,
      bound.parameters,
      { session: 'background', settings: PUSHED_SETTINGS },
    )
    const grids = gridsOf(answer, 'found', pushed.steps)
    const names = answer.texts('which')
    const isAsWanted = series.every((samples, i) => {
      const row = names.indexOf(String(i))
      return isSame(
        row < 0 ? undefined : gridRow(grids, row),
        expected(ask, samples, grid, windowMs),
      )
    })
    if (!isAsWanted) return false
  }
  return true
}

function expected(
  ask: PushedAsk,
  samples: readonly Sample[],
  grid: Grid,
  windowMs: number,
): Pick<GridSeries, 'values' | 'present'> | undefined {
  const series: SampleSeries = {
    labels: Labels.NONE,
    times: Float64Array.from(samples, ([seconds]) => START_MS + seconds * 1_000),
    values: Float64Array.from(samples, ([, value]) => value),
  }
  const windows = windowsOf(grid, windowMs)
  return ask === 'newest'
    ? newest(series, windows)
    : overRange(rangeFunctions[ask]!, series, windows, [])
}

type Values = Pick<GridSeries, 'values' | 'present'> | undefined

function isSame(found: Values, wanted: Values): boolean {
  if (found === undefined || wanted === undefined) return found === wanted
  return wanted.present.every((is, step) => {
    if (is === 0 || found.present[step] === 0) return is === found.present[step]
    const [a, b] = [found.values[step]!, wanted.values[step]!]
    return Object.is(a, b) || a === b || Math.abs(a - b) <= TOLERANCE * Math.abs(b)
  })
}
