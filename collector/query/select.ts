/**
 * Samples of a selector out of the store: from the typed tables where the catalogue has the name, and
 * from series and point for everything else. All text of a query travels as a parameter, never as
 * SQL; patterns are RE2 of the store, so that no pattern can take more than linear time.
 */
import { entities, type EntityType } from '../../catalog/entity.ts'
import { limits } from '../../catalog/limit.ts'
import type { Metric, MetricKind, Table } from '../../catalog/metric.ts'
import { tables, typedTables } from '../../catalog/tables.ts'
import type { Store } from '../store/store.ts'
import type { Matcher } from './language/tree.ts'
import type { Selector } from './promql.ts'
import { TooMuch } from './query-error.ts'

export interface Series {
  readonly labels: Readonly<Record<string, string>>
  /** Unix ms, ascending, each once. */
  readonly times: Float64Array
  readonly values: Float64Array
  readonly kind: MetricKind
  /** Time of the first sample that the series ever had. */
  readonly firstMs: number
}

export interface SelectOptions {
  readonly tenant?: string
  /** Also the newest sample of each series in this time before the range. */
  readonly priorMs?: number
  readonly session?: 'query' | 'evaluate'
}

type Parameters = Record<string, unknown>

/** One place that samples of a name are in. All text in it is ours, but for the parameters. */
interface Source {
  /** SELECT of (key, its_labels, its_first) that the matchers pass. */
  readonly matching: string
  /** Table of samples and its condition beside the range. */
  readonly table: string
  readonly condition: string
  /** Tuple that names a series in both. */
  readonly key: string
  readonly value: string
  readonly kind: string
  /** Labels that the catalogue gives. */
  readonly labels: Readonly<Record<string, string>>
}

/** Series with at least one sample in [fromMs, toMs); throws TooMuch above a limit. */
export async function selectSeries(
  store: Store,
  selector: Selector,
  fromMs: number,
  toMs: number,
  options: SelectOptions = {},
): Promise<Series[]> {
  const found: Series[] = []
  let rows = 0
  for (const { source, parameters } of sourcesOf(selector, options.tenant ?? '')) {
    const answer = await store.query<SeriesRow>(
      seriesSql(source),
      {
        ...parameters,
        from: fromMs,
        to: toMs,
        prior: fromMs - (options.priorMs ?? 0),
        rows: limits.queryRows.value + 1,
        series: limits.sloSeries.value + 1,
      },
      { session: options.session ?? 'query' },
    )
    for (const row of answer) {
      rows += row.times.length
      found.push(seriesOf(row, source))
    }
  }
  if (rows > limits.queryRows.value) throw new TooMuch('samples', limits.queryRows.value)
  if (found.length > limits.sloSeries.value) throw new TooMuch('series', limits.sloSeries.value)
  return found
}

/** Time of the first sample in [fromMs, toMs); undefined when there is none. */
export async function firstSampleMs(
  store: Store,
  selector: Selector,
  fromMs: number,
  toMs: number,
  options: SelectOptions = {},
): Promise<number | undefined> {
  let first: number | undefined
  for (const { source, parameters } of sourcesOf(selector, options.tenant ?? '')) {
    const [row] = await store.query<{ found: number; first: number }>(
      `SELECT toFloat64(count()) AS found, ${ms('min(ts)')} AS first
       FROM ${source.table}
       WHERE ${source.condition} AND ${IN_RANGE}
         AND ${source.key} IN (SELECT ${source.key} FROM (${source.matching}))`,
      { ...parameters, prior: fromMs, from: fromMs, to: toMs },
      { session: options.session ?? 'query' },
    )
    if (row !== undefined && row.found > 0 && (first === undefined || row.first < first)) {
      first = row.first
    }
  }
  return first
}

/** Whether there is a metric of that name at all, with whatever labels. */
export async function isKnownMetric(
  store: Store,
  { name }: Pick<Selector, 'name'>,
  options: SelectOptions = {},
): Promise<boolean> {
  if (tables.some(({ metrics }) => metrics.some(({ prom }) => prom === name))) return true
  const [row] = await store.query<{ found: number }>(
    `SELECT toFloat64(count()) AS found
     FROM (SELECT 1 FROM series WHERE tenant = {tenant:String} AND name = {name:String} LIMIT 1)`,
    { tenant: options.tenant ?? '', name },
    { session: options.session ?? 'query' },
  )
  return row !== undefined && row.found > 0
}

const ms = (expression: string) => `toFloat64(toUnixTimestamp64Milli(${expression}))`
const IN_RANGE =
  'ts >= fromUnixTimestamp64Milli({from:Int64}) AND ts < fromUnixTimestamp64Milli({to:Int64})'
const BEFORE_RANGE =
  'ts >= fromUnixTimestamp64Milli({prior:Int64}) AND ts < fromUnixTimestamp64Milli({from:Int64})'
const FROM_PRIOR =
  'ts >= fromUnixTimestamp64Milli({prior:Int64}) AND ts < fromUnixTimestamp64Milli({to:Int64})'

interface SeriesRow {
  readonly labels: Readonly<Record<string, string>>
  readonly kind: MetricKind
  readonly first: number
  readonly times: readonly number[]
  /** Text where JSON has no number: inf, nan. */
  readonly values: readonly (number | string)[]
}

function seriesSql({ matching, table, condition, key, value, kind }: Source): string {
  const matched = `${condition} AND ${key} IN (SELECT ${key} FROM matching)`
  return `WITH matching AS (${matching})
    SELECT any(its_labels) AS labels, any(${kind}) AS kind, any(its_first) AS first,
      groupArray(t) AS times, groupArray(v) AS values
    FROM
    (
      SELECT ${key} AS key, ${ms('ts')} AS t, assumeNotNull(${value}) AS v
      FROM ${table} FINAL
      WHERE ${matched} AND ${IN_RANGE}
      LIMIT {rows:UInt64}
      UNION ALL
      SELECT ${key} AS key, ${ms('max(ts)')} AS t, assumeNotNull(argMax(${value}, ts)) AS v
      FROM ${table} FINAL
      WHERE ${matched} AND ${BEFORE_RANGE}
      GROUP BY key
    ) AS samples
    INNER JOIN (SELECT ${key} AS key, * FROM matching) AS of_series USING (key)
    GROUP BY key
    HAVING max(t) >= {from:Int64}
    LIMIT {series:UInt64}
    SETTINGS output_format_json_quote_denormals = 1`
}

function seriesOf(row: SeriesRow, { labels }: Source): Series {
  const order = row.times.map((_, i) => i)
  order.sort((a, b) => row.times[a]! - row.times[b]!)
  return {
    labels: { ...nonEmpty(row.labels), ...labels },
    kind: row.kind,
    firstMs: row.first,
    times: Float64Array.from(order, (i) => row.times[i]!),
    values: Float64Array.from(order, (i) => numberOf(row.values[i]!)),
  }
}

function numberOf(value: number | string): number {
  if (typeof value === 'number') return value
  if (value === 'inf') return Infinity
  return value === '-inf' ? -Infinity : Number.NaN
}

const nonEmpty = (labels: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''))

interface Sourced {
  readonly source: Source
  readonly parameters: Parameters
}

function sourcesOf(selector: Selector, tenant: string): Sourced[] {
  const typed = typedTables.flatMap((table) =>
    table.metrics
      .filter(({ prom }) => prom === selector.name)
      .map((metric) => typedSource(selector, table, metric, tenant)),
  )
  return [...typed, narrowSource(selector, tenant)]
}

function narrowSource({ name, matchers }: Selector, tenant: string): Sourced {
  const parameters: Parameters = { tenant, name }
  const conditions = matchers.map((matcher, i) => {
    parameters[`label${i}`] = matcher.label
    return condition(matcher, `labels[{label${i}:String}]`, `match${i}`, parameters)
  })
  return {
    parameters,
    source: {
      matching: `SELECT series, labels AS its_labels, kind AS its_kind, ${ms('first_seen')} AS its_first
        FROM series FINAL
        WHERE ${['tenant = {tenant:String}', 'name = {name:String}', ...conditions].join(' AND ')}`,
      table: 'point',
      condition: 'tenant = {tenant:String} AND NOT isNaN(value)',
      key: 'series',
      value: 'value',
      kind: 'its_kind',
      labels: { __name__: name },
    },
  }
}

/**
 * A column of a typed table. Its labels are those of the catalogue's row, its keys, and what the
 * entity's attributes give; a label that it has not is empty, as everywhere in PromQL.
 */
function typedSource(
  { name, matchers }: Selector,
  table: Table,
  metric: Metric,
  tenant: string,
): Sourced {
  const parameters: Parameters = { tenant, kind: table.entity }
  const expressions = labelExpressions(table)
  const conditions = matchers.map((matcher, i) => {
    const own = metric.labels?.[matcher.label]
    const expression = expressions.get(matcher.label)
    if (own === undefined && expression !== undefined) {
      return condition(matcher, expression, `match${i}`, parameters)
    }
    parameters[`own${i}`] = own ?? ''
    return condition(matcher, `{own${i}:String}`, `match${i}`, parameters)
  })
  const keys = table.keys.map(({ label }) => label)
  const names = ['entity', ...keys]
  const withKeys = `INNER JOIN (SELECT DISTINCT ${names.join(', ')} FROM ${table.name}
          WHERE tenant = {tenant:String} AND ${FROM_PRIOR}) AS with_keys USING (entity)`
  const labels = [...expressions].map(([label, expression]) => `'${label}', ${expression}`)
  return {
    parameters,
    source: {
      matching: `SELECT ${names.join(', ')}, map(${labels.join(', ')}) AS its_labels, its_first
        FROM (SELECT entity, attributes, ${ms('first_seen')} AS its_first
          FROM entity FINAL WHERE tenant = {tenant:String} AND kind = {kind:String}) AS entities
        ${keys.length === 0 ? '' : withKeys}
        WHERE ${['1', ...conditions].join(' AND ')}`,
      table: table.name,
      condition: `tenant = {tenant:String} AND isNotNull(${metric.column})`,
      key: keys.length === 0 ? 'entity' : `(${names.join(', ')})`,
      value: metric.column,
      kind: `'${metric.kind}'`,
      labels: { __name__: name, ...metric.labels },
    },
  }
}

/** SQL of each label that is a column or an attribute of the entity. */
function labelExpressions(table: Table): ReadonlyMap<string, string> {
  const { labels }: EntityType = entities[table.entity]
  return new Map([
    ['instance', "attributes['host.name']"],
    ...labels.map(({ label, attribute }) => [label, `attributes['${attribute}']`] as const),
    ...table.keys.map(({ label }) => [label, `toString(${label})`] as const),
  ])
}

function condition(
  { operator, value }: Matcher,
  expression: string,
  parameter: string,
  parameters: Parameters,
): string {
  const placeholder = `{${parameter}:String}`
  switch (operator) {
    case '=':
    case '!=':
      parameters[parameter] = value
      return `${expression} ${operator} ${placeholder}`
    case '=~':
    case '!~':
      parameters[parameter] = `^(?s:${value})$`
      return `${operator === '!~' ? 'NOT ' : ''}match(${expression}, ${placeholder})`
  }
}
