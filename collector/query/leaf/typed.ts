/** Series of typed tables: a row is an entity, its keys and a time, a column one metric. */
import type { Metric, MetricKind } from '../../../catalog/metric.ts'
import type { NativeAnswer } from '../../store/native-answer.ts'
import { type GridSeries, type SampleSeries } from '../grid/grid.ts'
import type { Labels } from '../grid/labels.ts'
import { ask, type Asking, tooManySeries } from './ask.ts'
import {
  arraysOf,
  clearFrom,
  gridRow,
  gridsOf,
  inOrder,
  rowOf,
  type Samples,
  withEnd,
  withoutAbsent,
} from './columns-of.ts'
import { Bound, condition, IDS_AT_ONCE, inRange, type Range, TENANT } from './conditions.ts'
import type { KnownEntity, LabelsCache } from './labels-cache.ts'
import type { Recent } from './recent.ts'
import { entityAttributes, type TypedPlace } from './places.ts'
import { aggregateOf, type Pushed, PUSHED_SETTINGS } from './pushed.ts'
import { rowColumns, samplesById } from './rows.ts'
import { typedSeriesLabels } from './typed-labels.ts'

export interface Context extends Asking {
  readonly tenant: string
  readonly cache: LabelsCache
  /** Absent where every question is asked anew. */
  readonly recent?: Recent | undefined
}

/** An entity whose series may have samples in a range. */
interface Matched {
  readonly known: KnownEntity
  /** When it was seen for the first time. */
  readonly firstMs: number
  readonly endedMs: number | undefined
}

/** Announcements of an entity are behind its samples by less than this. */
const BEHIND_MS = 15 * 60_000

/** Entities of a place that were seen in a range, by id. */
export interface Entities {
  readonly place: TypedPlace
  readonly range: Range
  readonly matched: ReadonlyMap<bigint, Matched>
}

export async function entitiesOf(
  context: Context,
  place: TypedPlace,
  range: Range,
): Promise<Entities> {
  const wide = { fromMs: floored(range.fromMs), toMs: range.toMs }
  const key = JSON.stringify([context.tenant, place.table.entity, place.ofEntity, wide.fromMs])
  const matched =
    context.recent === undefined
      ? await matchedOf(context, place, wide)
      : await context.recent.get(`entities ${key}`, () =>
          // Others may wait for it who have not gone away.
          matchedOf({ ...context, signal: undefined }, place, wide),
        )
  return { place, range, matched }
}

/** So that ranges which end now, and are told again a little later, are the same. */
const ROUGH_MS = 600_000
export const floored = (ms: number): number => Math.floor(ms / ROUGH_MS) * ROUGH_MS

async function matchedOf(
  context: Context,
  place: TypedPlace,
  range: Range,
): Promise<ReadonlyMap<bigint, Matched>> {
  const { tenant, limits, cache } = context
  const bound = new Bound(tenant)
  const answer = await ask(
    context,
    `SELECT entity, cityHash64(attributes) AS print, first_seen, ended_ms
     FROM entity FINAL WHERE ${seen(bound, place, range)}
     LIMIT ${limits.maxSeries + 1}`,
    bound,
  )
  if (answer.rows > limits.maxSeries) throw tooManySeries(limits.maxSeries)
  const ids = answer.ids('entity')
  const prints = answer.ids('print')
  const firsts = answer.numbers('first_seen')
  const { nulls, of: ended } = answer.column('ended_ms', 'nullable')
  const unknown = [...ids].filter((id, i) => cache.entity(id, prints[i]!) === undefined)
  const told = unknown.length === 0 ? undefined : await attributesOf(context, place, range, unknown)
  const matched = new Map<bigint, Matched>()
  for (const [i, id] of ids.entries()) {
    const print = prints[i]!
    const known =
      cache.entity(id, print) ??
      cache.addEntity(id, print, told?.get(id) ?? new Map<string, string>())
    const endedMs = nulls[i] === 1 || ended.kind !== 'numbers' ? undefined : ended.values[i]!
    matched.set(id, { known, firstMs: firsts[i]!, endedMs })
  }
  return matched
}

/** Entities that were seen in a range. */
export const seenIn = (bound: Bound, { fromMs, toMs }: Range): string =>
  `last_seen > ${bound.time(fromMs - BEHIND_MS)} AND first_seen <= ${bound.time(toMs)}`

function seen(bound: Bound, { table, ofEntity }: TypedPlace, range: Range): string {
  const attributes = entityAttributes(table)
  return [
    TENANT,
    `kind = ${bound.text(table.entity)}`,
    `last_seen > ${bound.time(range.fromMs - BEHIND_MS)}`,
    ...ofEntity.map((each) =>
      condition(bound, each, `attributes['${attributes.get(each.label)!}']`),
    ),
  ].join(' AND ')
}

async function attributesOf(
  context: Context,
  place: TypedPlace,
  range: Range,
  ids: readonly bigint[],
): Promise<ReadonlyMap<bigint, ReadonlyMap<string, string>>> {
  const bound = new Bound(context.tenant)
  const which =
    ids.length > IDS_AT_ONCE
      ? seen(bound, place, range)
      : `${TENANT} AND kind = ${bound.text(place.table.entity)} AND entity IN ${bound.ids(ids)}`
  const answer = await ask(
    context,
    `SELECT entity, attributes FROM entity FINAL WHERE ${which}`,
    bound,
  )
  const { ends, keys, values } = answer.column('attributes', 'maps')
  const told = new Map<bigint, Map<string, string>>()
  for (const [row, id] of answer.ids('entity').entries()) {
    const attributes = new Map<string, string>()
    for (let i = row === 0 ? 0 : ends[row - 1]!; i < ends[row]!; i++) {
      attributes.set(keys[i]!, values[i]!)
    }
    told.set(id, attributes)
  }
  return told
}

/** What says which entities are meant; nothing where all are. */
export function entitiesIn(bound: Bound, { place, range, matched }: Entities): readonly string[] {
  if (place.ofEntity.length === 0) return []
  const ids = [...matched.keys()]
  return ids.length <= IDS_AT_ONCE
    ? [`entity IN ${bound.ids(ids)}`]
    : [`entity IN (SELECT entity FROM entity FINAL WHERE ${seen(bound, place, range)})`]
}

/** What rows of a place are asked for. */
export function rowsOf(bound: Bound, entities: Entities): string {
  const { place, range } = entities
  const { table, ofKeys, metrics } = place
  return [
    TENANT,
    ...entitiesIn(bound, entities),
    inRange(bound, range),
    ...ofKeys.map((each) => condition(bound, each, `${table.name}.${each.label}`)),
    ...(metrics.length === 1 ? [`isNotNull(${metrics[0]!.column})`] : []),
  ].join(' AND ')
}

export const keysOf = ({ table }: TypedPlace): readonly string[] => [
  'entity',
  ...table.keys.map(({ label }) => label),
]

/** Samples, and what is known of their series beside its labels. */
export interface StoredSeries extends SampleSeries {
  readonly kind: MetricKind
  /** When the series, or what it is of, was seen for the first time; Unix ms. */
  readonly firstMs: number
}

export async function typedSamples(context: Context, entities: Entities): Promise<StoredSeries[]> {
  const { place, matched, range } = entities
  if (matched.size === 0) return []
  const { metrics, table } = place
  const isOne = metrics.length === 1
  if (isOne && table.keys.length === 0) return plainSamples(context, entities)
  const bound = new Bound(context.tenant)
  const keys = keysOf(place).join(', ')
  const answer = await ask(
    context,
    `SELECT ${keys}, groupArray(ts) AS at, ${metrics
      .map(
        ({ column }, i) =>
          `groupArray(${isOne ? `assumeNotNull(${column})` : `ifNull(${column}, nan)`}) AS v${i}`,
      )
      .join(', ')}
     FROM ${table.name} WHERE ${rowsOf(bound, entities)} GROUP BY ${keys}`,
    bound,
  )
  const times = arraysOf(answer, 'at')
  const labels = labelsOf(context, entities, answer)
  const series: StoredSeries[] = []
  for (const [i, metric] of metrics.entries()) {
    const values = arraysOf(answer, `v${i}`)
    for (let row = 0; row < answer.rows; row++) {
      const its = labels(row, metric)
      if (its === undefined) continue
      const of = [rowOf(times, row), rowOf(values, row)] as const
      const { times: at, values: present } = isOne
        ? { times: of[0], values: of[1] }
        : withoutAbsent(...of)
      if (at.length === 0) continue
      series.push(storedSeries(its, metric, inOrder(at, present), range))
    }
  }
  return series
}

/** Of one metric of a table without keys: an entity is a series. */
async function plainSamples(context: Context, entities: Entities): Promise<StoredSeries[]> {
  const { place, matched, range } = entities
  const { table } = place
  const metric = place.metrics[0]!
  const bound = new Bound(context.tenant)
  const value = `assumeNotNull(${metric.column})`
  const answer = await ask(
    context,
    `SELECT ${rowColumns(bound, range, 'entity', value)}
     FROM ${table.name} WHERE ${rowsOf(bound, entities)}`,
    bound,
  )
  const series: StoredSeries[] = []
  for (const [id, samples] of samplesById(answer, 'entity', range)) {
    const found = matched.get(id)
    if (found === undefined) continue
    const labels = typedSeriesLabels(context.cache, found.known, table, metric, [])
    series.push(storedSeries({ ...found, labels }, metric, samples, range))
  }
  return series
}

/** What was found of a series, with the end of what it is of. */
function storedSeries(
  { labels, firstMs, endedMs }: Omit<Matched, 'known'> & { readonly labels: Labels },
  { kind }: Metric,
  samples: Samples,
  { toMs }: Range,
): StoredSeries {
  const ended = endedMs === undefined || endedMs > toMs ? samples : withEnd(samples, endedMs)
  return { labels, kind, firstMs, ...ended }
}

/** Time of the first sample; undefined where there is none. */
export async function typedFirstMs(
  context: Context,
  entities: Entities,
): Promise<number | undefined> {
  const { place, matched } = entities
  if (matched.size === 0) return undefined
  const bound = new Bound(context.tenant)
  const has = place.metrics.map(({ column }) => `isNotNull(${column})`).join(' OR ')
  const answer = await ask(
    context,
    `SELECT minIf(ts, ${has}) AS first
     FROM ${place.table.name} WHERE ${rowsOf(bound, entities)} HAVING countIf(${has}) > 0`,
    bound,
  )
  return answer.numbers('first')[0]
}

/** Undefined where only samples tell. */
export async function typedValues(
  context: Context,
  entities: Entities,
  pushed: Pushed,
): Promise<GridSeries[] | undefined> {
  const { place, matched, range } = entities
  if (matched.size === 0) return []
  const { metrics, table } = place
  const bound = new Bound(context.tenant)
  const keys = keysOf(place).join(', ')
  const aggregate = aggregateOf(pushed, bound)
  const values = metrics.map(({ column }, i) =>
    metrics.length === 1
      ? `${aggregate('')}(ts, assumeNotNull(${column})) AS v${i}`
      : `${aggregate('If')}(ts, assumeNotNull(${column}), isNotNull(${column})) AS v${i}`,
  )
  const answer = await ask(
    context,
    `SELECT ${keys}, max(ts) AS newest, ${values.join(', ')}
     FROM ${table.name} WHERE ${rowsOf(bound, entities)} GROUP BY ${keys}`,
    bound,
    PUSHED_SETTINGS,
  )
  const newest = answer.numbers('newest')
  const labels = labelsOf(context, entities, answer)
  const dropsName = pushed.ask !== 'newest'
  const { startMs, stepMs } = pushed.grid
  const series: GridSeries[] = []
  for (const [i, metric] of metrics.entries()) {
    const grids = gridsOf(answer, `v${i}`, pushed.steps)
    for (let row = 0; row < answer.rows; row++) {
      const its = labels(row, metric)
      if (its === undefined) continue
      const { endedMs } = its
      if (!dropsName && endedMs !== undefined && endedMs <= range.toMs) {
        if (newest[row]! > endedMs) return undefined
        if (newest[row]! < endedMs) {
          const first = Math.ceil((endedMs - startMs) / stepMs)
          clearFrom(grids.present.subarray(row * pushed.steps, (row + 1) * pushed.steps), first)
        }
      }
      const found = gridRow(grids, row)
      if (found !== undefined) series.push({ labels: its.labels, dropsName, ...found })
    }
  }
  return series
}

/** Labels of all series that have a sample. */
export async function typedLabels(context: Context, entities: Entities): Promise<Labels[]> {
  const { place, matched } = entities
  if (matched.size === 0) return []
  const { metrics, table } = place
  const bound = new Bound(context.tenant)
  const keys = keysOf(place).join(', ')
  const answer = await ask(
    context,
    `SELECT ${keys}, ${metrics.map(({ column }, i) => `max(isNotNull(${column})) AS has${i}`).join(', ')}
     FROM ${table.name} WHERE ${rowsOf(bound, entities)} GROUP BY ${keys}`,
    bound,
  )
  const labels = labelsOf(context, entities, answer)
  return metrics.flatMap((metric, i) => {
    const has = answer.numbers(`has${i}`)
    return Array.from(has, (is, row) =>
      is === 1 ? labels(row, metric)?.labels : undefined,
    ).filter((each) => each !== undefined)
  })
}

/** Labels of a row's series of one metric; undefined for an entity that was not asked for. */
export function labelsOf(
  { cache }: Context,
  { place, matched }: Entities,
  answer: NativeAnswer,
): (row: number, metric: Metric) => (Omit<Matched, 'known'> & { labels: Labels }) | undefined {
  const { table } = place
  const ids = answer.ids('entity')
  const keys = table.keys.map(({ label }) => answer.texts(label))
  return (row, metric) => {
    const found = matched.get(ids[row]!)
    if (found === undefined) return undefined
    const its = keys.map((values) => values[row]!)
    const labels = typedSeriesLabels(cache, found.known, table, metric, its)
    return { labels, firstMs: found.firstMs, endedMs: found.endedMs }
  }
}
