/**
 * PromQL, from text to answer: parsed and checked before anything is asked, planned, asked of a source, and
 * evaluated as Prometheus 3 does.
 * Source: prometheus.io/docs/prometheus/latest/querying.
 */
import { limits } from '../../catalog/limit.ts'
import type { QueryAnswer, QueryValue } from './answer.ts'
import { Evaluation } from './evaluate.ts'
import { tooManySamples } from './evaluation-context.ts'
import { stepsOf, type Grid, type GridSeries, type SampleSeries } from './grid/grid.ts'
import { compareLabels, Labels } from './grid/labels.ts'
import type { NamedSamples } from './grid/range/functions.ts'
import { withoutMarkers } from './grid/range/windows.ts'
import { finalLabels, withFinalLabels } from './grid/same-labels.ts'
import type { GridValue } from './grid/value.ts'
import { check } from './language/check.ts'
import { parse } from './language/parse.ts'
import type { Expr, Span, ValueType } from './language/tree.ts'
import type { Leaf, LeafAnswer, LeafSource } from './leaf.ts'
import { Notes } from './notes.ts'
import { Pace } from './pace.ts'
import type { Plan } from './plan-node.ts'
import { planOf } from './plan.ts'
import { QueryError } from './query-error.ts'

export interface QueryOptions {
  /** How far back an instant selector looks; Prometheus' default otherwise. */
  readonly lookbackMs?: number
  /** Step of subqueries that name none. */
  readonly subqueryStepMs?: number
  /** At most so many values at once. */
  readonly maxSamples?: number
  /** At most so many series of one selector. */
  readonly maxSeries?: number
  readonly timeoutMs?: number
  /** Values that are computed before other work of the process has its turn. */
  readonly sliceValues?: number
  /** The text, for where in it notes are about. */
  readonly text?: string
  readonly signal?: AbortSignal
}

/** Some milliseconds of work; each slice looks at all labels anew, so many small ones are not for free. */
const SLICE_VALUES = 500_000

export const DEFAULT_LOOKBACK_MS = 300_000
export const DEFAULT_SUBQUERY_STEP_MS = 60_000

export async function instantQuery(
  text: string,
  timeMs: number,
  source: LeafSource,
  options: QueryOptions = {},
): Promise<QueryAnswer> {
  const expr = parse(text)
  const type = check(expr, text)
  const grid: Grid = { startMs: timeMs, endMs: timeMs, stepMs: 1 }
  const { value, notes } =
    type === 'matrix'
      ? await evaluateSamples(expr, grid, source, { ...options, text })
      : await evaluateInstant(expr, grid, source, { ...options, text })
  return { value, warnings: notes.warnings, infos: notes.infos }
}

export async function rangeQuery(
  text: string,
  grid: Grid,
  source: LeafSource,
  options: QueryOptions = {},
): Promise<QueryAnswer> {
  const expr = rangeExpr(text, grid)
  const { value, notes } = await evaluateQuery(expr, grid, source, { ...options, text })
  return { value: matrixOf(value, grid), warnings: notes.warnings, infos: notes.infos }
}

/** A text that can be evaluated over this grid. Throws QueryError. */
export function rangeExpr(text: string, grid: Grid): Expr {
  const expr = parse(text)
  const type = check(expr, text)
  if (type === 'matrix' || type === 'string') {
    throw new QueryError(
      'bad_data',
      `invalid expression type "${SAID[type]}" for range query, must be Scalar or instant Vector`,
    )
  }
  if (grid.endMs < grid.startMs) {
    throw new QueryError('bad_data', 'end timestamp must not be before start time')
  }
  if (!(grid.stepMs > 0)) {
    throw new QueryError(
      'bad_data',
      'zero or negative query resolution step widths are not accepted. Try a positive integer',
    )
  }
  if (stepsOf(grid) - 1 > limits.querySteps.value) {
    throw new QueryError(
      'bad_data',
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    )
  }
  return expr
}

/** What a query would ask and do. */
export function explainQuery(expr: Expr, grid: Grid, options: QueryOptions = {}): Plan {
  return planOf(expr, grid, planOptions(options))
}

/** A checked expression that is no range; names that functions drop are gone. */
export async function evaluateQuery(
  expr: Expr,
  grid: Grid,
  source: LeafSource,
  options: QueryOptions = {},
): Promise<{ readonly value: GridValue; readonly notes: Notes }> {
  const { plan, evaluation, notes } = await answered(expr, grid, source, options)
  const value = await evaluation.value(plan.root)
  if (value.type !== 'vector') return { value, notes }
  return { value: { type: 'vector', series: withFinalLabels(value.series) }, notes }
}

interface Evaluated {
  readonly value: QueryValue
  readonly notes: Notes
}

async function evaluateInstant(
  expr: Expr,
  grid: Grid,
  source: LeafSource,
  options: QueryOptions,
): Promise<Evaluated> {
  const { value, notes } = await evaluateQuery(expr, grid, source, options)
  const timeMs = grid.startMs
  switch (value.type) {
    case 'scalar':
      return { value: { type: 'scalar', point: [timeMs, value.values[0]!] }, notes }
    case 'string':
      return { value: { type: 'string', timeMs, text: value.text }, notes }
    case 'vector': {
      const samples = value.series
        .filter(({ present }) => present[0] === 1)
        .map(({ labels, values }) => ({ labels, point: [timeMs, values[0]!] as const }))
      return { value: { type: 'vector', samples }, notes }
    }
  }
}

/** The samples of a range, in which those that mark an end are not. */
async function evaluateSamples(
  expr: Expr,
  grid: Grid,
  source: LeafSource,
  options: QueryOptions,
): Promise<Evaluated> {
  const { plan, evaluation, notes } = await answered(expr, grid, source, options)
  if (plan.root.kind !== 'samples') throw new TypeError('a range is expected')
  const { of, windows } = plan.root
  const found = await evaluation.samples(of)
  const within = found
    .map((series) => inWindow(series, windows.endMs - windows.rangeMs, windows.endMs))
    .filter(({ times }) => times.length > 0)
  const named = within.map((one) => ({
    ...one,
    labels: finalLabels({ labels: one.labels, dropsName: one.dropsName === true }),
  }))
  return { value: { type: 'matrix', series: ordered(named) }, notes }
}

function inWindow(series: NamedSamples, afterMs: number, toMs: number): NamedSamples {
  const { times, values } = withoutMarkers(series)
  const from = times.findIndex((time) => time > afterMs)
  const to = times.findLastIndex((time) => time <= toMs) + 1
  if (from === -1 || from >= to) return { ...series, times: NONE, values: NONE }
  return { ...series, times: times.slice(from, to), values: values.slice(from, to) }
}

const NONE = new Float64Array(0)

async function answered(
  expr: Expr,
  grid: Grid,
  source: LeafSource,
  options: QueryOptions,
): Promise<{ plan: Plan; evaluation: Evaluation; notes: Notes }> {
  const maxValues = options.maxSamples ?? limits.querySamples.value
  const plan = planOf(expr, grid, planOptions(options))
  if (plan.leaves.some((leaf) => stepsOf(leaf.grid) > maxValues)) throw tooManySamples()
  const notes = new Notes()
  const signal = signalOf(options)
  const pace = new Pace(signal)
  const answers = await allAnswers(plan.leaves, source, signal)
  pace.check()
  for (const answer of answers) {
    bound(answer, options, maxValues)
    for (const info of answer.infos ?? []) notes.info(info)
  }
  const placeOf = places(options.text)
  const evaluation = new Evaluation(plan, answers, {
    notes,
    pace,
    maxValues,
    sliceValues: options.sliceValues ?? SLICE_VALUES,
    placeOf,
  })
  return { plan, evaluation, notes }
}

/** All at once; where one fails, nobody waits for the others. */
async function allAnswers(
  leaves: readonly Leaf[],
  source: LeafSource,
  signal: AbortSignal,
): Promise<LeafAnswer[]> {
  const failure = new AbortController()
  const either = AbortSignal.any([signal, failure.signal])
  try {
    return await Promise.all(leaves.map((leaf) => source.answer(leaf, either)))
  } catch (error) {
    failure.abort(error)
    throw error
  }
}

function bound({ kind, series }: LeafAnswer, { maxSeries }: QueryOptions, most: number): void {
  if (series.length > (maxSeries ?? limits.querySeries.value)) {
    throw new QueryError(
      'execution',
      `a selector has more than ${maxSeries ?? limits.querySeries.value} series; narrow it`,
    )
  }
  if (kind !== 'samples') return
  let samples = 0
  for (const { times } of series) samples += times.length
  if (samples > most) throw tooManySamples()
}

/** Of a timer: one that is to wait for longer does not wait at all. */
const LONGEST_MS = 2 ** 31 - 1

const signalOf = ({ signal, timeoutMs }: QueryOptions): AbortSignal => {
  const timeout = AbortSignal.timeout(Math.min(timeoutMs ?? limits.queryMs.value, LONGEST_MS))
  return signal === undefined ? timeout : AbortSignal.any([signal, timeout])
}

const planOptions = ({ lookbackMs, subqueryStepMs }: QueryOptions) => ({
  lookbackMs: lookbackMs ?? DEFAULT_LOOKBACK_MS,
  subqueryStepMs: subqueryStepMs ?? DEFAULT_SUBQUERY_STEP_MS,
})

/** Line and column, both from 1. */
const places =
  (text: string | undefined) =>
  ({ from }: Span): string | undefined => {
    const before = text?.slice(0, from).split('\n')
    return before && `${before.length}:${before.at(-1)!.length + 1}`
  }

const SAID: Readonly<Record<ValueType, string>> = {
  scalar: 'scalar',
  vector: 'instant vector',
  matrix: 'range vector',
  string: 'string',
}

function matrixOf(value: GridValue, grid: Grid): QueryValue {
  if (value.type === 'string') throw new TypeError('a string is no matrix')
  const series: readonly GridSeries[] =
    value.type === 'vector'
      ? value.series
      : [
          {
            labels: Labels.NONE,
            dropsName: false,
            values: value.values,
            present: new Uint8Array(value.values.length).fill(1),
          },
        ]
  const points = series.map((one) => pointsOf(one, grid)).filter(({ times }) => times.length > 0)
  return { type: 'matrix', series: ordered(points) }
}

function pointsOf({ labels, values, present }: GridSeries, grid: Grid): SampleSeries {
  const times = new Float64Array(present.length)
  const kept = new Float64Array(present.length)
  let count = 0
  for (let step = 0; step < present.length; step++) {
    if (present[step] === 0) continue
    times[count] = grid.startMs + step * grid.stepMs
    kept[count++] = values[step]!
  }
  return { labels, times: times.subarray(0, count), values: kept.subarray(0, count) }
}

const ordered = (series: readonly SampleSeries[]): readonly SampleSeries[] =>
  series.toSorted((a, b) => compareLabels(a.labels, b.labels))
