/** Series of the narrow table: any name, any labels, one row a sample. */
import type { MetricKind } from '../../../catalog/metric.ts'
import type { GridSeries } from '../grid/grid.ts'
import { type Labels, METRIC_NAME } from '../grid/labels.ts'
import { ask, tooManySeries } from './ask.ts'
import { gridRow, gridsOf, isEndAt, markEnds, MEASURED_NAN_BITS } from './columns-of.ts'
import { Bound, condition, IDS_AT_ONCE, inRange, type Range, TENANT } from './conditions.ts'
import { allMatchers, type Selection } from './places.ts'
import { rowColumns, samplesById } from './rows.ts'
import { aggregateOf, isOfFinite, type Pushed, PUSHED_SETTINGS } from './pushed.ts'
import { type Context, floored, type StoredSeries } from './typed.ts'

/** Announcements of a series are behind its samples by less than this. */
const BEHIND_MS = 3_600_000

/** Series that were seen in a range. */
export interface Narrow {
  readonly selection: Selection
  readonly range: Range
  readonly ids: BigUint64Array
  /** What is known of each; kinds that were told, and when it was seen for the first time. */
  readonly known: ReadonlyMap<bigint, { readonly kind: MetricKind; readonly firstMs: number }>
}

export async function narrowOf(
  context: Context,
  selection: Selection,
  range: Range,
): Promise<Narrow> {
  const { name, matchers } = selection
  const wide = { fromMs: floored(range.fromMs), toMs: range.toMs }
  const key = JSON.stringify([context.tenant, name, matchers, wide.fromMs])
  const found =
    context.recent === undefined
      ? await foundIn(context, selection, wide)
      : await context.recent.get(`narrow ${key}`, () =>
          foundIn({ ...context, signal: undefined }, selection, wide),
        )
  return { selection, range, ...found }
}

async function foundIn(
  context: Context,
  selection: Selection,
  range: Range,
): Promise<Pick<Narrow, 'ids' | 'known'>> {
  const { limits } = context
  const bound = new Bound(context.tenant)
  const answer = await ask(
    context,
    `${found(bound, selection, range, ', any(kind) AS its_kind, min(first_seen) AS first')} LIMIT ${limits.maxSeries + 1}`,
    bound,
  )
  if (answer.rows > limits.maxSeries) throw tooManySeries(limits.maxSeries)
  const ids = answer.ids('series')
  const kinds = answer.texts('its_kind')
  const firsts = answer.numbers('first')
  const known = new Map(
    [...ids].map((id, row) => [id, { kind: kinds[row]! as MetricKind, firstMs: firsts[row]! }]),
  )
  return { ids, known }
}

/** Rows of one series may be several until they are merged; name and labels are the same in all. */
const found = (bound: Bound, selection: Selection, { fromMs }: Range, more = ''): string =>
  `SELECT series${more} FROM series WHERE ${which(bound, selection)}
   GROUP BY series
   HAVING max(last_seen) > ${bound.time(fromMs - BEHIND_MS)}`

const which = (bound: Bound, selection: Selection): string =>
  [
    TENANT,
    "kind != 'histogram'",
    ...allMatchers(selection).map((matcher) =>
      matcher.label === METRIC_NAME
        ? condition(bound, matcher, 'name')
        : condition(bound, matcher, `labels[${bound.text(matcher.label)}]`),
    ),
  ].join(' AND ')

/** What says which series are meant. */
export const seriesIn = (bound: Bound, { ids, selection, range }: Narrow): string =>
  ids.length <= IDS_AT_ONCE
    ? `series IN ${bound.ids([...ids])}`
    : `series IN (${found(bound, selection, range)})`

export const pointsOf = (bound: Bound, narrow: Narrow): string =>
  [TENANT, seriesIn(bound, narrow), inRange(bound, narrow.range)].join(' AND ')

export async function narrowSamples(context: Context, narrow: Narrow): Promise<StoredSeries[]> {
  const { ids, known, range } = narrow
  if (ids.length === 0) return []
  const bound = new Bound(context.tenant)
  const answer = await ask(
    context,
    `SELECT ${rowColumns(bound, range, 'series', 'value')}
     FROM point WHERE ${pointsOf(bound, narrow)}`,
    bound,
  )
  await tellLabels(context, narrow)
  const series: StoredSeries[] = []
  for (const [id, samples] of samplesById(answer, 'series', range)) {
    const labels = context.cache.narrow(id)
    if (labels === undefined) continue
    markEnds(samples.values)
    series.push({ labels, ...known.get(id)!, ...samples })
  }
  return series
}

/** Time of the first sample that is a number; undefined where there is none. */
export async function narrowFirstMs(context: Context, narrow: Narrow): Promise<number | undefined> {
  if (narrow.ids.length === 0) return undefined
  const bound = new Bound(context.tenant)
  const answer = await ask(
    context,
    `SELECT min(ts) AS first FROM point
     WHERE ${pointsOf(bound, narrow)} AND NOT isNaN(value) HAVING count() > 0`,
    bound,
  )
  return answer.numbers('first')[0]
}

export async function narrowLabels(context: Context, narrow: Narrow): Promise<Labels[]> {
  if (narrow.ids.length === 0) return []
  await tellLabels(context, narrow)
  const { cache } = context
  return [...narrow.known].flatMap(([id, { firstMs }]) =>
    firstMs > narrow.range.toMs ? [] : (cache.narrow(id) ?? []),
  )
}

/** Undefined where only samples tell. */
export async function narrowValues(
  context: Context,
  narrow: Narrow,
  pushed: Pushed,
): Promise<GridSeries[] | undefined> {
  if (narrow.ids.length === 0) return []
  const bound = new Bound(context.tenant)
  const isNewest = pushed.ask === 'newest'
  const answer = await ask(
    context,
    `SELECT series, max(isInfinite(value)) AS infinite,
       ${aggregateOf(pushed, bound)('')}(ts, value) AS v
     FROM point WHERE ${pointsOf(bound, narrow)}${isNewest ? '' : ` AND ${IS_SAMPLE}`} GROUP BY series`,
    bound,
    PUSHED_SETTINGS,
  )
  if (isOfFinite(pushed.ask) && answer.numbers('infinite').includes(1)) return undefined
  await tellLabels(context, narrow)
  const ids = answer.ids('series')
  const grids = gridsOf(answer, 'v', pushed.steps)
  if (isNewest) clearEnds(grids.values, grids.present)
  const series: GridSeries[] = []
  for (let row = 0; row < answer.rows; row++) {
    const labels = context.cache.narrow(ids[row]!)
    const its = gridRow(grids, row)
    if (labels !== undefined && its !== undefined) {
      series.push({ labels, dropsName: !isNewest, ...its })
    }
  }
  return series
}

/** Not the end of a series. */
export const IS_SAMPLE = `(NOT isNaN(value) OR reinterpretAsUInt64(value) = ${MEASURED_NAN_BITS})`

function clearEnds(values: Float64Array, present: Uint8Array): void {
  const isEnd = isEndAt(values)
  for (let i = 0; i < values.length; i++) {
    if (present[i] === 1 && Number.isNaN(values[i]!) && isEnd(i)) present[i] = 0
  }
}

/** Asks for the labels of those series that are not known yet. */
export async function tellLabels(context: Context, { ids, selection }: Narrow): Promise<void> {
  const { cache } = context
  const unknown = [...ids].filter((id) => cache.narrow(id) === undefined)
  if (unknown.length === 0) return
  const bound = new Bound(context.tenant)
  const where =
    unknown.length <= IDS_AT_ONCE
      ? `${TENANT} AND series IN ${bound.ids(unknown)}`
      : which(bound, selection)
  const answer = await ask(
    context,
    `SELECT series, name, labels FROM series WHERE ${where} LIMIT 1 BY series`,
    bound,
  )
  const names = answer.texts('name')
  const { ends, keys, values } = answer.column('labels', 'maps')
  for (const [row, id] of answer.ids('series').entries()) {
    const from = row === 0 ? 0 : ends[row - 1]!
    cache.addNarrow(
      id,
      names[row]!,
      Array.from({ length: ends[row]! - from }, (_, i) => [keys[from + i]!, values[from + i]!]),
    )
  }
}
