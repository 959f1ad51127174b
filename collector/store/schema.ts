/**
 * The schema: typed tables out of the catalogue, and the shapes of the tables that receiving fills.
 *
 * sql/ holds the DDL. Files of typed tables are printed from here and checked in, so that a change of
 * the schema shows in review; the others are written by hand. The store runs all of them when it
 * opens and then adds the columns that a table of an earlier version lacks. No column is ever
 * changed, renamed or dropped. Rows are not removed either, whatever their age: there is no retention
 * yet, and a store grows for as long as rows come.
 *
 * Typed tables are CoalescingMergeTree: rows with the same key become one that has every column which
 * any of them had. A pass that is sent twice is one row, and so is one whose columns came in several
 * requests. Queries say FINAL, or use figures that a doubled row does not change.
 */
import type { Metric, Table } from '../../catalog/metric.ts'
import { typedTables } from '../../catalog/tables.ts'
import { id, map, number, numbers, type Shape, text, time, value } from './shape.ts'

/** Columns of a typed table: these three, one a key, one a metric. */
const LEADING = [text('tenant'), id('entity'), time('ts')]

export const typedShape = ({ name, keys, metrics }: Table): Shape => ({
  table: name,
  columns: [
    ...LEADING,
    ...keys.map(({ label }) => text(label)),
    ...metrics.map(({ column }) => number(column)),
  ],
})

/** Position of the first metric in a typed shape. */
export const firstMetric = ({ keys }: Table): number => LEADING.length + keys.length

export const entityShape: Shape = {
  table: 'entity',
  columns: [
    text('tenant'),
    text('kind'),
    id('entity'),
    map('attributes'),
    time('first_seen'),
    time('last_seen'),
    number('ended_ms'),
  ],
}
export const seriesShape: Shape = {
  table: 'series',
  columns: [
    text('tenant'),
    id('series'),
    text('name'),
    text('kind'),
    map('labels'),
    time('first_seen'),
    time('last_seen'),
  ],
}
export const factShape: Shape = {
  table: 'fact',
  columns: [
    text('tenant'),
    text('workload'),
    text('name'),
    id('entity'),
    time('since'),
    text('kind'),
    text('value'),
  ],
}
export const pointShape: Shape = {
  table: 'point',
  columns: [text('tenant'), id('series'), time('ts'), value('value')],
}

/** Position of the values in `pointShape`. */
export const POINT_VALUE = 3
export const histogramShape: Shape = {
  table: 'histogram',
  columns: [
    text('tenant'),
    id('series'),
    time('ts'),
    value('count'),
    number('sum'),
    value('scale'),
    value('zero_threshold'),
    value('zero_count'),
    numbers('positive_buckets'),
    numbers('positive_counts'),
    numbers('negative_buckets'),
    numbers('negative_counts'),
  ],
}

/** Columns that tables not printed from here gained after their first version, behind another. */
export const LATER_COLUMNS = [
  {
    table: 'entity',
    name: 'ended_ms',
    definition: 'SimpleAggregateFunction(max, Nullable(Float64))',
    after: 'last_seen',
  },
] as const

/** DDL of every column of a typed table, by name. */
export function columnDefinitions(table: Table): ReadonlyMap<string, string> {
  return new Map([
    ['tenant', 'LowCardinality(String)'],
    ['entity', 'UInt64 CODEC(ZSTD(1))'],
    ['ts', "DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1))"],
    ...table.keys.map(({ label }) => [label, 'LowCardinality(String)'] as const),
    ...table.metrics.map((metric) => [metric.column, metricDefinition(metric)] as const),
  ])
}

/** Counters differ by little from row to row; Delta halves what ZSTD alone leaves of them. */
const metricDefinition = ({ kind }: Metric) =>
  `Nullable(Float64) CODEC(${kind === 'gauge' ? '' : 'Delta(8), '}ZSTD(1))`

function printTable(table: Table): string {
  const columns = [...columnDefinitions(table)].map(([name, type]) => `    ${name} ${type}`)
  const key = ['tenant', 'entity', ...table.keys.map(({ label }) => label), 'ts']
  return `-- Printed from the catalogue by \`npm run generate\`; do not edit.
-- ${table.rows} a pass
CREATE TABLE IF NOT EXISTS ${table.name}
(
${columns.join(',\n')}
)
ENGINE = CoalescingMergeTree
PARTITION BY toDate(ts)
ORDER BY (${key.join(', ')})
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
`
}

/** Text of each generated file by its path from the root of the repository. */
export const printSchema = (): Map<string, string> =>
  new Map(typedTables.map((table) => [`collector/store/sql/${table.name}.sql`, printTable(table)]))
