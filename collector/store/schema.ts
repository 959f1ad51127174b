/**
 * The schema: typed tables out of the catalogue, and the shapes of the tables that receiving fills.
 *
 * sql/ holds the DDL of this version. Files of typed tables are printed from here and checked in, so
 * that a change of the schema shows in review; the others are written by hand. migrate.ts brings a store
 * of an earlier version to it. No column is ever renamed or dropped, and none changes its type.
 *
 * Typed tables are CoalescingMergeTree: rows with the same key become one that has every column which
 * any of them had. A pass that is sent twice is one row, and so is one whose columns came in several
 * requests. Queries say FINAL, or use figures that a doubled row does not change.
 */
import type { Table } from '../../catalog/metric.ts'
import { typedTables } from '../../catalog/tables.ts'
import { codecOf } from './codec.ts'
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

/** A column as its table has it; the codec is as the engine tells it back. */
export interface ColumnDefinition {
  readonly name: string
  readonly type: string
  readonly codec?: string
  readonly comment: string
}

const TENANT = {
  name: 'tenant',
  type: 'LowCardinality(String)',
  comment: 'Whose rows these are, as a token says; empty by default.',
}
const ENTITY = {
  name: 'entity',
  type: 'UInt64',
  codec: 'CODEC(ZSTD(1))',
  comment: 'Id of the machine, container or runtime, as in the table entity.',
}

export const columnDefinitions = (table: Table): readonly ColumnDefinition[] => [
  TENANT,
  ENTITY,
  {
    name: 'ts',
    type: "DateTime64(3, 'UTC')",
    codec: 'CODEC(DoubleDelta, ZSTD(1))',
    comment: 'When it was read.',
  },
  ...table.keys.map(({ label, attribute }) => ({
    name: label,
    type: 'LowCardinality(String)',
    comment: `Attribute ${attribute} of the point.`,
  })),
  ...table.metrics.map((metric) => ({
    name: metric.column,
    type: 'Nullable(Float64)',
    codec: codecOf(metric),
    comment: `${metric.help} Unit ${metric.unit}, ${metric.kind}.`,
  })),
]

/** A text of our own as SQL has it. */
export const literal = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

export const columnSql = ({ name, type, codec, comment }: ColumnDefinition): string =>
  `${name} ${type} COMMENT ${literal(comment)}${codec === undefined ? '' : ` ${codec}`}`

function printTable(table: Table): string {
  const columns = columnDefinitions(table).map((column) => `    ${columnSql(column)}`)
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
