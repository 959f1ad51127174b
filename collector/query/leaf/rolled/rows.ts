/**
 * Rollups of series out of the store, table by table: rows of the tables that store/rollup/rolled.ts names, of
 * which only those figures are read that a function needs.
 */
import type { Table } from '../../../../catalog/metric.ts'
import type { NativeAnswer } from '../../../store/native-answer.ts'
import {
  BRIDGE_MS,
  type Figure,
  figuresOf,
  POINT,
  type RolledValue,
  rolledTable,
  type Tier,
  TIERS,
} from '../../../store/rollup/rolled.ts'
import { type Grid, type GridSeries, stepsOf } from '../../grid/grid.ts'
import type { Labels } from '../../grid/labels.ts'
import { ask, tooManySamples } from '../ask.ts'
import { type Arrays, arraysOf, rowOf } from '../columns-of.ts'
import { Bound, condition, type Range, TENANT } from '../conditions.ts'
import { type Narrow, seriesIn, tellLabels } from '../narrow.ts'
import { endAt, type RolledFigure, rowsOf, type RolledSeries } from './series.ts'
import { marginOf } from './values.ts'
import { type Context, type Entities, entitiesIn, keysOf, labelsOf } from '../typed.ts'

/** What is to be read of a tier, for a function over the windows of a grid. */
export interface RolledRead {
  readonly tier: Tier
  readonly name: string
  readonly grid: Grid
  readonly windowMs: number
  /** Rows from here on are not made yet, or are not to be read. */
  readonly untilMs: number
}

const KEPT_AS: Readonly<Record<RolledFigure, Figure>> = {
  least: 'min',
  most: 'max',
  mean: 'avg',
  last: 'last',
  increase: 'increase',
}

/** In the order in which they are taken where several are kept. */
const VALUE: readonly RolledFigure[] = ['last', 'mean', 'increase']
const WANTED: Readonly<Record<string, readonly RolledFigure[]>> = {
  rate: ['increase', 'last', 'mean'],
  increase: ['increase', 'last', 'mean'],
  min_over_time: ['least', 'last', 'increase'],
  max_over_time: ['most', 'last', 'increase'],
  sum_over_time: ['mean', 'last', 'increase'],
  avg_over_time: ['mean', 'last', 'increase'],
}
/** Of a series that may be a counter, of which these are not kept. */
const NOT_OF_COUNTERS: ReadonlySet<RolledFigure> = new Set(['least', 'most', 'mean'])

function figuresFor(name: string, value: RolledValue, tier: Tier): readonly RolledFigure[] {
  const kept = figuresOf(value, tier)
  const wanted = (WANTED[name] ?? VALUE).filter((figure) => kept.includes(KEPT_AS[figure]))
  const [first] = wanted
  if (first === undefined) return []
  const isMaybe = value.nature === 'series' && NOT_OF_COUNTERS.has(first)
  return isMaybe ? [first, 'last'] : [first]
}

/** Times of rows that matter to some window, and those alone where windows are far from each other. */
function rowsFor(bound: Bound, { tier, name, grid, windowMs, untilMs }: RolledRead): string {
  const { windowMs: widthMs } = TIERS[tier]
  const margin = marginOf(name, BRIDGE_MS, widthMs)
  const before = Math.max(windowMs, isLong(name) ? 2 * widthMs : 0) + widthMs + margin
  const lastMs = grid.startMs + (stepsOf(grid) - 1) * grid.stepMs
  const where = [
    `ts > ${bound.time(Math.floor(grid.startMs - before))}`,
    `ts < ${bound.time(Math.ceil(Math.min(untilMs, lastMs + margin)))}`,
  ]
  if (isWhole(grid, windowMs) && grid.stepMs > 2 * (before + margin)) {
    const from = bound.number(grid.startMs - before)
    where.push(
      `positiveModulo(toUnixTimestamp64Milli(ts) - ${from}, ${bound.number(grid.stepMs)}) < ${bound.number(before + margin)}`,
    )
  }
  return where.join(' AND ')
}

/** Parts of a millisecond are not told to the store. */
const isWhole = ({ startMs, stepMs }: Grid, windowMs: number): boolean =>
  [startMs, stepMs, windowMs].every((ms) => Number.isSafeInteger(ms))

/** Windows of these are made as long as two rows. */
const isLong = (name: string): boolean => marginOf(name, 1, 0) > 0

/** Rows of one series may be there twice until they are merged; never in two partitions. */
const SETTINGS = ['do_not_merge_across_partitions_select_final = 1']

export async function typedRolled(
  context: Context,
  entities: Entities,
  read: RolledRead,
): Promise<RolledSeries[]> {
  const { place, matched } = entities
  if (matched.size === 0) return []
  const { table, metrics, ofKeys } = place
  const values = valuesOf(table)
  const bound = new Bound(context.tenant)
  const keys = keysOf(place).join(', ')
  const figures = metrics.map(({ column }) => figuresFor(read.name, values.get(column)!, read.tier))
  const name = (i: number, figure: RolledFigure) => `${metrics[i]!.column}__${KEPT_AS[figure]}`
  const selected = figures.flatMap((of, i) =>
    of.map((figure) => `groupArray(ifNull(toFloat64(${name(i, figure)}), nan)) AS v${i}_${figure}`),
  )
  const from = `${table.name}_${read.tier}`
  const where = [
    TENANT,
    ...entitiesIn(bound, entities),
    rowsFor(bound, read),
    ...ofKeys.map((each) => condition(bound, each, `${from}.${each.label}`)),
    ...(metrics.length === 1 ? [`isNotNull(${name(0, figures[0]![0]!)})`] : []),
  ]
  const answer = await ask(
    context,
    `SELECT ${keys}, groupArray(ts) AS at, groupArray(samples) AS n, ${selected.join(', ')}
     FROM ${from} FINAL WHERE ${where.join(' AND ')} GROUP BY ${keys}`,
    bound,
    SETTINGS,
  )
  const labels = labelsOf(context, entities, answer)
  const found: RolledSeries[] = []
  for (const [i, metric] of metrics.entries()) {
    const seriesOf = rolledOf(answer, figures[i]!, (figure) => `v${i}_${figure}`, read.tier)
    for (let row = 0; row < answer.rows; row++) {
      const its = labels(row, metric)
      if (its === undefined) continue
      const series = seriesOf(row, its.labels)
      if (series === undefined) continue
      if (its.endedMs !== undefined) endAt(series, its.endedMs)
      found.push(series)
    }
  }
  return bounded(context, found)
}

export async function narrowRolled(
  context: Context,
  narrow: Narrow,
  read: RolledRead,
): Promise<RolledSeries[]> {
  if (narrow.ids.length === 0) return []
  const bound = new Bound(context.tenant)
  const figures = figuresFor(read.name, POINT.values[0]!, read.tier)
  const from = `${POINT.table}_${read.tier}`
  const answer = await ask(
    context,
    `SELECT series, groupArray(ts) AS at, groupArray(samples) AS n, ${figures
      .map((each) => `groupArray(ifNull(toFloat64(value__${KEPT_AS[each]}), nan)) AS v_${each}`)
      .join(', ')}
     FROM ${from} FINAL WHERE ${TENANT} AND ${seriesIn(bound, narrow)} AND ${rowsFor(bound, read)}
     GROUP BY series`,
    bound,
    SETTINGS,
  )
  await tellLabels(context, narrow)
  const ids = answer.ids('series')
  const seriesOf = rolledOf(answer, figures, (figure) => `v_${figure}`, read.tier)
  const found: RolledSeries[] = []
  for (let row = 0; row < answer.rows; row++) {
    const labels = context.cache.narrow(ids[row]!)
    const series = labels && seriesOf(row, labels)
    if (series !== undefined) found.push(series)
  }
  return bounded(context, found)
}

/** Whether hours keep sketches of all that is asked for of a place. */
export const haveSketches = ({ place: { table, metrics } }: Entities): boolean => {
  const values = valuesOf(table)
  return metrics.every(({ column }) => values.get(column)!.sketch === 'max')
}

/** As often as a sketch may be merged in a query: of all hours, in each window that touches them. */
const MOST_MERGES = 5_000_000

/** Whether quantiles of these windows are worth their merges. */
export function canMerge({ place, matched }: Entities, { grid, windowMs }: RolledRead): boolean {
  if (!isWhole(grid, windowMs)) return false
  const { windowMs: widthMs } = TIERS['1h']
  const steps = stepsOf(grid)
  const hoursOfAll = ((steps - 1) * grid.stepMs + windowMs) / widthMs + 1
  const stepsOfEach = Math.min(steps, (windowMs + widthMs) / grid.stepMs + 1)
  return matched.size * place.metrics.length * hoursOfAll * stepsOfEach <= MOST_MERGES
}

/** Quantiles of windows out of the sketches of all hours that they touch. */
export async function sketchedQuantiles(
  context: Context,
  entities: Entities,
  { grid, windowMs, untilMs }: RolledRead,
  q: number,
): Promise<GridSeries[]> {
  const { place, matched } = entities
  if (matched.size === 0) return []
  const { table, metrics, ofKeys } = place
  const { windowMs: widthMs } = TIERS['1h']
  const steps = stepsOf(grid)
  const bound = new Bound(context.tenant)
  const keys = keysOf(place).join(', ')
  const from = `${table.name}_1h`
  const [start, step] = [bound.number(grid.startMs), bound.number(grid.stepMs)]
  const after = (extraMs: number) =>
    `(toUnixTimestamp64Milli(ts) + ${bound.number(extraMs)} - ${start}) / ${step}`
  const lastMs = grid.startMs + (steps - 1) * grid.stepMs
  const where = [
    TENANT,
    ...entitiesIn(bound, entities),
    `ts > ${bound.time(grid.startMs - windowMs - widthMs)}`,
    `ts < ${bound.time(Math.min(untilMs, lastMs))}`,
    ...ofKeys.map((each) => condition(bound, each, `${from}.${each.label}`)),
  ]
  const values = metrics.map(
    ({ column }, i) =>
      `quantileDDMergeIf(0.01, ${q})(${column}__sketch, isNotNull(${column}__max)) AS v${i}`,
  )
  const answer = await ask(
    context,
    `SELECT ${keys}, toFloat64(step) AS at, ${values.join(', ')} FROM ${from} FINAL
     ARRAY JOIN range(
       toInt64(greatest(0, floor(${after(0)}) + 1)),
       toInt64(least(toFloat64(${bound.number(steps)}), ceil(${after(widthMs + windowMs)})))) AS step
     WHERE ${where.join(' AND ')} GROUP BY ${keys}, step`,
    bound,
    SETTINGS,
  )
  const labels = labelsOf(context, entities, answer)
  const at = answer.numbers('at')
  const found = new Map<string, GridSeries>()
  for (const [i, metric] of metrics.entries()) {
    for (const [row, value] of answer.numbers(`v${i}`).entries()) {
      const its = Number.isNaN(value) ? undefined : labels(row, metric)?.labels
      if (its === undefined) continue
      let series = found.get(its.key)
      if (series === undefined) {
        const [all, present] = [new Float64Array(steps), new Uint8Array(steps)]
        series = { labels: its, dropsName: true, values: all, present }
        found.set(its.key, series)
      }
      series.values[at[row]!] = value
      series.present[at[row]!] = 1
    }
  }
  return [...found.values()]
}

/** Labels of all series that have a rollup by the hour in a range. */
export async function rolledLabels(
  context: Context,
  entities: Entities,
  { fromMs, toMs }: Range,
): Promise<Labels[]> {
  const { place, matched } = entities
  if (matched.size === 0) return []
  const { table, metrics, ofKeys } = place
  const bound = new Bound(context.tenant)
  const keys = keysOf(place).join(', ')
  const from = `${table.name}_1h`
  const has = hourColumns(table, metrics).map((column, i) => `max(isNotNull(${column})) AS has${i}`)
  const where = [
    TENANT,
    ...entitiesIn(bound, entities),
    `ts > ${bound.time(fromMs - TIERS['1h'].windowMs)} AND ts <= ${bound.time(toMs)}`,
    ...ofKeys.map((each) => condition(bound, each, `${from}.${each.label}`)),
  ]
  const answer = await ask(
    context,
    `SELECT ${keys}, ${has.join(', ')} FROM ${from} WHERE ${where.join(' AND ')} GROUP BY ${keys}`,
    bound,
  )
  const labels = labelsOf(context, entities, answer)
  return metrics.flatMap((metric, i) => {
    const flags = answer.numbers(`has${i}`)
    return Array.from(flags, (is, row) =>
      is === 1 ? labels(row, metric)?.labels : undefined,
    ).filter((each) => each !== undefined)
  })
}

/** Of each metric one that tells whether it is there. */
export function hourColumns(table: Table, metrics: Table['metrics']): string[] {
  const values = valuesOf(table)
  return metrics.map(
    ({ column }) => `${column}__${KEPT_AS[figuresFor('newest', values.get(column)!, '1h')[0]!]}`,
  )
}

/** A row takes twice the room of a sample. */
function bounded({ limits }: Context, all: RolledSeries[]): RolledSeries[] {
  let rows = 0
  for (const { starts } of all) rows += starts.length
  if (2 * rows > limits.maxSamples) throw tooManySamples(limits.maxSamples)
  return all
}

const valuesOf = (table: Table): ReadonlyMap<string, RolledValue> =>
  new Map(rolledTable(table).values.map((value) => [value.column, value]))

/** Series of an answer's rows; undefined for one without a figure. */
export function rolledOf(
  answer: NativeAnswer,
  figures: readonly RolledFigure[],
  nameOf: (figure: RolledFigure) => string,
  tier: Tier,
): (row: number, labels: Labels) => RolledSeries | undefined {
  const { windowMs } = TIERS[tier]
  const times = arraysOf(answer, 'at')
  const counts = arraysOf(answer, 'n')
  const columns = figures.map((figure) => [figure, arraysOf(answer, nameOf(figure))] as const)
  return (row, labels) => {
    const at = rowOf(times, row)
    const order = orderOf(
      at,
      columns.map(([, of]) => rowOf(of, row)),
    )
    if (order.length === 0) return undefined
    const rows = rowsOf(order.length, figures)
    const put = (into: Float64Array, of: Arrays) => {
      const from = rowOf(of, row)
      for (const [i, index] of order.entries()) into[i] = from[index]!
    }
    put(rows.starts, times)
    put(rows.counts, counts)
    for (const [i, start] of rows.starts.entries()) rows.ends[i] = start + windowMs
    for (const [figure, of] of columns) put(rows[figure], of)
    return { labels, ...rows }
  }
}

/** Places of rows that have a figure, in order of time. */
function orderOf(times: Float64Array, figures: readonly Float64Array[]): Uint32Array {
  const order = new Uint32Array(times.length)
  let length = 0
  let isInOrder = true
  for (let i = 0; i < times.length; i++) {
    if (figures.every((values) => Number.isNaN(values[i]!))) continue
    if (length > 0 && times[order[length - 1]!]! > times[i]!) isInOrder = false
    order[length++] = i
  }
  const found = order.subarray(0, length)
  return isInOrder ? found : found.sort((a, b) => times[a]! - times[b]!)
}
