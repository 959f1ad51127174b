/** What is known of metrics, and how many series each has. */
import { AGENT_JOB } from '../../../catalog/entity.ts'
import type { MetricKind } from '../../../catalog/metric.ts'
import { tables } from '../../../catalog/tables.ts'
import { METRIC_NAME } from '../grid/labels.ts'
import type { Cardinality, MetricMetadata } from '../queries.ts'
import { ask } from './ask.ts'
import { Bound, inRange, type Range, TENANT } from './conditions.ts'
import { columnsIn } from './series-list.ts'
import { type Context, seenIn } from './typed.ts'

const TYPES: Readonly<Record<string, string>> = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
} satisfies Partial<Record<MetricKind | 'histogram', string>>
/** As OpenMetrics spells what UCUM abbreviates. */
const UNITS: Readonly<Record<string, string>> = { s: 'seconds', By: 'bytes' }

const catalogued: ReadonlyMap<string, MetricMetadata> = new Map(
  tables
    .flatMap(({ metrics }) => metrics)
    .map(({ prom, kind, help, unit }) => [
      prom,
      { name: prom, type: TYPES[kind] ?? 'unknown', help, unit: UNITS[unit] ?? '' },
    ]),
)

/** Sorted by name; no more than `most`. Of all metrics unless one is named. */
export async function metadataOf(
  context: Context,
  metric: string | undefined,
  most: number,
): Promise<MetricMetadata[]> {
  const bound = new Bound(context.tenant)
  const named = metric === undefined ? '' : ` AND name = ${bound.text(metric)}`
  const answer = await ask(
    context,
    `SELECT toString(name) AS metric, any(kind) AS its_kind FROM series
     WHERE ${TENANT}${named} GROUP BY metric ORDER BY metric LIMIT ${most}`,
    bound,
  )
  const kinds = answer.texts('its_kind')
  const all = new Map<string, MetricMetadata>(
    answer
      .texts('metric')
      .map((name, row) => [
        name,
        { name, type: TYPES[kinds[row]!] ?? 'unknown', help: '', unit: '' },
      ]),
  )
  for (const [name, of] of catalogued) {
    if (metric === undefined || metric === name) all.set(name, of)
  }
  return [...all.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)).slice(0, most)
}

/** As many of each list. */
const TOP = 10

interface Counted {
  readonly name: string
  readonly value: number
}

/** Of what reported in a range. */
export async function cardinalityOf(context: Context, range: Range): Promise<Cardinality> {
  const typed = await typedCounts(context, range)
  const byName = new Map<string, number>()
  for (const { name, value } of [...typed, ...(await narrowCounts(context, range, 'name'))]) {
    byName.set(name, (byName.get(name) ?? 0) + value)
  }
  const names = [...byName].map(([name, value]) => ({ name, value }))
  const ofAgents = sum(typed)
  return {
    series: sum(names),
    ...(await extentOf(context, range)),
    byName: top(names),
    byLabel: top([
      { name: METRIC_NAME, value: byName.size },
      ...(await narrowCounts(context, range, 'label')),
    ]),
    byPair: top([
      ...names.map(({ name, value }) => ({ name: `${METRIC_NAME}=${name}`, value })),
      ...(ofAgents > 0 ? [{ name: `job=${AGENT_JOB}`, value: ofAgents }] : []),
      ...(await narrowCounts(context, range, 'pair')),
    ]),
  }
}

/** How many pairs narrow series have, and when what is known was seen. */
async function extentOf(context: Context, range: Range) {
  const bound = new Bound(context.tenant)
  const answer = await ask(
    context,
    `SELECT max(pairs) AS all_pairs, minIf(first, first > 0) AS oldest, max(last) AS newest FROM (
       SELECT 0 AS pairs, toUnixTimestamp64Milli(min(first_seen)) AS first,
         toUnixTimestamp64Milli(max(last_seen)) AS last
       FROM entity WHERE ${TENANT}
       UNION ALL
       SELECT uniqExactIf((label, value), ${seenIn(bound, range)}) AS pairs,
         toUnixTimestamp64Milli(min(first_seen)) AS first,
         toUnixTimestamp64Milli(max(last_seen)) AS last
       FROM series ARRAY JOIN mapKeys(labels) AS label, mapValues(labels) AS value
       WHERE ${TENANT})`,
    bound,
  )
  const number = (name: string) => Number(answer.ids(name)[0] ?? 0n)
  return { pairs: number('all_pairs'), fromMs: number('oldest'), toMs: number('newest') }
}

const sum = (all: readonly Counted[]): number => all.reduce((so, { value }) => so + value, 0)

const NARROW_COUNTS = {
  name: 'toString(name) AS text, uniqExact(series) AS n',
  label: 'toString(label) AS text, uniqExact(value) AS n',
  pair: "concat(label, '=', value) AS text, uniqExact(series) AS n",
}

async function narrowCounts(
  context: Context,
  range: Range,
  by: keyof typeof NARROW_COUNTS,
): Promise<Counted[]> {
  const bound = new Bound(context.tenant)
  const joined =
    by === 'name' ? '' : 'ARRAY JOIN mapKeys(labels) AS label, mapValues(labels) AS value'
  const answer = await ask(
    context,
    `SELECT ${NARROW_COUNTS[by]} FROM series ${joined}
     WHERE ${TENANT} AND ${seenIn(bound, range)}
     GROUP BY text ORDER BY n DESC, text${by === 'name' ? '' : ` LIMIT ${TOP}`}`,
    bound,
  )
  const counts = answer.ids('n')
  return answer.texts('text').map((name, row) => ({ name, value: Number(counts[row]!) }))
}

const top = (all: readonly Counted[]): Counted[] =>
  all.toSorted((a, b) => b.value - a.value || (a.name < b.name ? -1 : 1)).slice(0, TOP)

/** Series of each name in the typed tables. */
async function typedCounts(context: Context, range: Range): Promise<Counted[]> {
  const counts: Counted[] = []
  for (const { table, columns } of await columnsIn(context, range)) {
    if (columns.length === 0) continue
    const bound = new Bound(context.tenant)
    const keys = ['entity', ...table.keys.map(({ label }) => label)].join(', ')
    const answer = await ask(
      context,
      `SELECT ${columns.map((_, i) => `sum(has${i}) AS n${i}`).join(', ')} FROM (
         SELECT ${columns.map(({ column }, i) => `max(isNotNull(${column})) AS has${i}`).join(', ')}
         FROM ${table.name} WHERE ${TENANT} AND ${inRange(bound, range)} GROUP BY ${keys})`,
      bound,
    )
    for (const [i, { prom }] of columns.entries()) {
      counts.push({ name: prom, value: Number(answer.ids(`n${i}`)[0] ?? 0n) })
    }
  }
  return counts
}
