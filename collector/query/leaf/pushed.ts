/**
 * What the store computes itself: values over a grid, by its aggregates of time series. Their windows are
 * open on the left as Prometheus' are, samples of the same time count once, and they leave it to who asks
 * that marks of an end are not among the samples.
 */
import { type Grid, stepsOf } from '../grid/grid.ts'
import type { Leaf } from '../leaf.ts'
import type { Bound } from './conditions.ts'

const AGGREGATES = {
  newest: 'timeSeriesLastToGrid',
  rate: 'timeSeriesRateToGrid',
  increase: 'timeSeriesIncreaseToGrid',
  delta: 'timeSeriesDeltaToGrid',
  irate: 'timeSeriesInstantRateToGrid',
  idelta: 'timeSeriesInstantDeltaToGrid',
  resets: 'timeSeriesResetsToGrid',
} as const
/** Without it the aggregates are not there; a server may not know it. */
export const PUSHED_SETTINGS = ['allow_experimental_time_series_aggregate_functions = 1']

export type PushedAsk = keyof typeof AGGREGATES
export const pushedAsks = Object.keys(AGGREGATES) as readonly PushedAsk[]

/**
 * Functions that add up what was lost in resets from the first sample on, so that a counter that was infinite
 * once has no number ever after. Typed tables have no such samples.
 */
export const isOfFinite = (ask: PushedAsk): boolean => ask === 'rate' || ask === 'increase'

export interface Pushed {
  readonly ask: PushedAsk
  readonly grid: Grid
  readonly steps: number
  readonly windowMs: number
}

/** Undefined where the store cannot. */
export function pushedOf({ ask, grid, windowMs }: Leaf): Pushed | undefined {
  const name = ask.kind === 'function' ? ask.name : ask.kind
  if (!Object.hasOwn(AGGREGATES, name) || !isWhole(grid, windowMs)) return undefined
  return { ask: name as PushedAsk, grid, steps: stepsOf(grid), windowMs }
}

const isWhole = ({ startMs, endMs, stepMs }: Grid, windowMs: number) =>
  [startMs, endMs, stepMs, windowMs].every((ms) => Number.isSafeInteger(ms))

/** The aggregate with its grid, by the combinator that it is to have. */
export function aggregateOf(
  { ask, grid, windowMs, steps }: Pushed,
  bound: Bound,
): (combinator: '' | 'If') => string {
  const { startMs, stepMs } = grid
  const lastMs = startMs + (steps - 1) * stepMs
  const seconds = (ms: number) => `toDecimal64('${(ms / 1_000).toFixed(3)}', 3)`
  const over = [bound.time(startMs), bound.time(lastMs), seconds(stepMs), seconds(windowMs)]
  return (combinator) => `${AGGREGATES[ask]}${combinator}(${over.join(', ')})`
}
