/**
 * What series there are, and what their labels hold: lists that people choose from. Of a selector that names
 * its metric all series of the range are told; of others those that had a sample in its last hour, for they
 * are looked up in every column of every table.
 */
import { AGENT_JOB, type EntityType, entities } from '../../../catalog/entity.ts'
import type { Table } from '../../../catalog/metric.ts'
import { typedTables } from '../../../catalog/tables.ts'
import { Labels, METRIC_NAME } from '../grid/labels.ts'
import { ask } from './ask.ts'
import { arraysOf, rowOf } from './columns-of.ts'
import { Bound, inRange, type Range, TENANT } from './conditions.ts'
import { narrowLabels, narrowOf } from './narrow.ts'
import { allMatchers, placesIn, type Selection, type TypedPlace, typedPlaces } from './places.ts'
import { hourColumns, rolledLabels } from './rolled/rows.ts'
import { typedSeriesLabels } from './typed-labels.ts'
import { type Context, entitiesOf, seenIn, typedLabels } from './typed.ts'
import { upTable } from './up.ts'

export interface ListContext extends Context {
  /** Whether a table has rollups older than samples in what begins then; samples alone are asked otherwise. */
  readonly isOlder?: ((table: string, fromMs: number) => Promise<boolean>) | undefined
}

const HOUR_MS = 3_600_000
/** As many columns of a table are looked at over a whole range. */
const FEW = 16
/** What is told once a minute is in it. */
const RECENT_MS = 300_000

/** Of each selector in turn, a series once; no more than `most`. */
export async function seriesOf(
  context: ListContext,
  selections: readonly Selection[],
  range: Range,
  most: number,
): Promise<Labels[]> {
  const found = new Map<string, Labels>()
  for (const selection of selections) {
    for await (const all of parts(context, selection, range)) {
      for (const labels of all) {
        if (found.size >= most) return [...found.values()]
        found.set(labels.key, labels)
      }
    }
  }
  return [...found.values()]
}

async function* parts(
  context: ListContext,
  selection: Selection,
  range: Range,
): AsyncGenerator<readonly Labels[]> {
  for (const place of typedPlaces(selection)) {
    const its = within(place, range)
    const entities = await entitiesOf(context, place, its)
    yield await typedLabels(context, entities)
    if (await isOlder(context, place.table, its)) {
      yield await rolledLabels(context, entities, its)
    }
  }
  for (const place of placesIn(upTable, allMatchers(selection))) {
    const { matched } = await entitiesOf(context, place, range)
    yield [...matched.values()]
      .filter(({ firstMs }) => firstMs <= range.toMs)
      .map(({ known }) => typedSeriesLabels(context.cache, known, upTable, place.metrics[0]!, []))
  }
  yield await narrowLabels(context, await narrowOf(context, selection, range))
}

const isOlder = async ({ isOlder: is }: ListContext, { name }: Table, { fromMs }: Range) =>
  (await is?.(name, fromMs)) === true

const within = ({ metrics }: TypedPlace, { fromMs, toMs }: Range): Range => ({
  fromMs: metrics.length <= FEW ? fromMs : Math.max(fromMs, toMs - HOUR_MS),
  toMs,
})

/** Sorted. Without selections of all series. */
export async function labelNamesOf(
  context: ListContext,
  selections: readonly Selection[],
  range: Range,
): Promise<string[]> {
  const names = new Set<string>()
  if (selections.length > 0) {
    for (const { entries } of await seriesOf(
      context,
      selections,
      range,
      context.limits.maxSeries,
    )) {
      for (const [name] of entries) names.add(name)
    }
    return [...names].toSorted()
  }
  for (const { table, columns } of await columnsIn(context, range)) {
    names.add(METRIC_NAME).add('job').add('instance')
    const { labels }: EntityType = entities[table.entity]
    for (const { label } of [...labels, ...table.keys]) names.add(label)
    for (const { labels: constant = {} } of columns) {
      for (const name of Object.keys(constant)) names.add(name)
    }
  }
  const bound = new Bound(context.tenant)
  const answer = await ask(
    context,
    `SELECT DISTINCT arrayJoin(mapKeys(labels)) AS name FROM series
     WHERE ${TENANT} AND ${seenIn(bound, wider(range))} LIMIT ${context.limits.maxSeries}`,
    bound,
  )
  for (const name of answer.texts('name')) names.add(name)
  if (answer.rows > 0) names.add(METRIC_NAME)
  return [...names].toSorted()
}

/** Announcements of narrow series are further behind than those of entities. */
const wider = ({ fromMs, toMs }: Range): Range => ({ fromMs: fromMs - HOUR_MS, toMs })

/** Sorted, none empty. Without selections of all series. */
export async function labelValuesOf(
  context: ListContext,
  label: string,
  selections: readonly Selection[],
  range: Range,
): Promise<string[]> {
  const values = new Set<string>()
  if (selections.length > 0) {
    const { maxSeries } = context.limits
    for (const labels of await seriesOf(context, selections, range, maxSeries)) {
      values.add(labels.get(label))
    }
  } else {
    for (const value of await typedValuesOf(context, label, range)) values.add(value)
    for (const value of await narrowValuesOf(context, label, range)) values.add(value)
  }
  values.delete('')
  return [...values].toSorted()
}

async function narrowValuesOf(
  context: ListContext,
  label: string,
  range: Range,
): Promise<readonly string[]> {
  const bound = new Bound(context.tenant)
  const value = label === METRIC_NAME ? 'name' : `labels[${bound.text(label)}]`
  const answer = await ask(
    context,
    `SELECT DISTINCT toString(${value}) AS text FROM series
     WHERE ${TENANT} AND ${seenIn(bound, wider(range))} LIMIT ${context.limits.maxSeries}`,
    bound,
  )
  return answer.texts('text')
}

async function typedValuesOf(context: ListContext, label: string, range: Range): Promise<string[]> {
  const found = await columnsIn(context, range)
  if (found.length === 0) return []
  if (label === 'job') return [AGENT_JOB]
  const columns = found.flatMap((each) => each.columns)
  if (label === METRIC_NAME) {
    const isUp = found.some(({ table }) => table.name === 'machine')
    return [...columns.map(({ prom }) => prom), ...(isUp ? ['up'] : [])]
  }
  const constants = columns.flatMap(({ labels }) => labels?.[label] ?? [])
  const ofKeys = await keyValues(
    context,
    found.map(({ table }) => table).filter(({ keys }) => keys.some((key) => key.label === label)),
    label,
    range,
  )
  return [...constants, ...ofKeys, ...(await attributeValues(context, label, range))]
}

async function keyValues(
  context: ListContext,
  tables: readonly Table[],
  label: string,
  range: Range,
): Promise<readonly string[]> {
  if (tables.length === 0) return []
  const bound = new Bound(context.tenant)
  const names: string[] = []
  for (const table of tables) {
    names.push(table.name)
    if (await isOlder(context, table, range)) names.push(`${table.name}_1h`)
  }
  const answer = await ask(
    context,
    names
      .map(
        (name) =>
          `SELECT DISTINCT toString(${label}) AS text FROM ${name} WHERE ${TENANT} AND ${inRange(bound, range)}`,
      )
      .join('\nUNION ALL '),
    bound,
  )
  return answer.texts('text')
}

async function attributeValues(
  context: ListContext,
  label: string,
  range: Range,
): Promise<readonly string[]> {
  const bound = new Bound(context.tenant)
  const selects = Object.values(entities).flatMap(({ kind, labels }: EntityType) => {
    const attribute =
      label === 'instance' ? 'host.name' : labels.find((each) => each.label === label)?.attribute
    if (attribute === undefined) return []
    return `SELECT DISTINCT attributes['${attribute}'] AS text FROM entity
      WHERE ${TENANT} AND kind = '${kind}' AND ${seenIn(bound, range)}`
  })
  if (selects.length === 0) return []
  return (await ask(context, selects.join('\nUNION ALL '), bound)).texts('text')
}

interface Present {
  readonly table: Table
  readonly columns: Table['metrics']
}

/** Columns that had a sample in the newest minutes of each table; of an old range in its newest hour. */
export async function columnsIn(context: ListContext, range: Range): Promise<Present[]> {
  const found = await newestColumns(context, range, typedTables, (table) => ({
    from: table.name,
    columns: table.metrics.map(({ column }) => column),
    forMs: RECENT_MS,
  }))
  const rest: Table[] = []
  for (const table of typedTables) {
    if (found.some((each) => each.table === table)) continue
    if (await isOlder(context, table, range)) rest.push(table)
  }
  if (rest.length === 0) return found
  const older = await newestColumns(context, range, rest, (table) => ({
    from: `${table.name}_1h`,
    columns: hourColumns(table, table.metrics),
    forMs: HOUR_MS,
  }))
  return [...found, ...older]
}

async function newestColumns(
  context: Context,
  range: Range,
  tables: readonly Table[],
  kept: (table: Table) => {
    readonly from: string
    readonly columns: readonly string[]
    readonly forMs: number
  },
): Promise<Present[]> {
  const bound = new Bound(context.tenant)
  const answer = await ask(
    context,
    tables
      .map((table, i) => {
        const { from, columns, forMs } = kept(table)
        const has = columns.map((column) => `max(isNotNull(${column}))`).join(', ')
        return `SELECT ${i} AS at, [${has}] AS has FROM ${from}
          WHERE ${TENANT} AND ${inRange(bound, range)} AND ts > (
            SELECT max(ts) FROM ${from} WHERE ${TENANT} AND ${inRange(bound, range)}
          ) - toIntervalMillisecond(${forMs})
          HAVING count() > 0`
      })
      .join('\nUNION ALL '),
    bound,
  )
  const at = answer.numbers('at')
  const has = arraysOf(answer, 'has')
  return Array.from(at, (index, row) => {
    const table = tables[index]!
    const flags = rowOf(has, row)
    return { table, columns: table.metrics.filter((_, i) => flags[i] === 1) }
  })
}
