/**
 * What is kept of each table for longer than its rows: windows of a minute and of an hour, as data.
 *
 * Every typed table and `point` has two more, `<table>_1m` and `<table>_1h`, in which a row is one
 * entity or series, its keys and one window. A column `c` of it becomes:
 *
 *   gauge    c__min, c__max, c__sum, c__count, c__last: of the samples in the window
 *   counter  c__increase: what it counted in the window, and c__last
 *   untyped  all six, for it may be either
 *
 * A figure is NULL, and a count 0, where the window has no sample. An increase is the sum of the steps
 * from sample to sample that end in the window, so that increases of windows add up; a counter that
 * fell began anew at 0, and a step over a longer silence than `BRIDGE_MS` is left out.
 *
 * An hour also keeps sketches of what sizes are advised from: quantiles of the 60 minutes, to be merged
 * over days. They are DDSketches, which are right to 1 % of the value and take the least memory and
 * time to merge of those that were measured, see docs/store.md.
 *
 * No column of a table has two underscores in a row, so the names never meet those of another metric.
 */
import type { MetricKind, Table } from '../../../catalog/metric.ts'
import { typedTables } from '../../../catalog/tables.ts'
import { codecOf } from '../codec.ts'
import type { ColumnDefinition } from '../column-sql.ts'

export const TIERS = {
  '1m': { windowMs: 60_000, partition: 'toMonday(ts)', words: 'a minute' },
  '1h': { windowMs: 3_600_000, partition: 'toYYYYMM(ts)', words: 'an hour' },
} as const
export type Tier = keyof typeof TIERS
export const tiers: readonly Tier[] = ['1m', '1h']

/** A counter's step from one sample to the next counts if they are not further apart than this. */
export const BRIDGE_MS = 300_000

export type Figure = 'min' | 'max' | 'sum' | 'count' | 'last' | 'increase'
const FIGURES: Readonly<Record<MetricKind, readonly Figure[]>> = {
  gauge: ['min', 'max', 'sum', 'count', 'last'],
  counter: ['increase', 'last'],
  untyped: ['min', 'max', 'sum', 'count', 'increase', 'last'],
}

export interface RolledValue {
  readonly column: string
  readonly kind: MetricKind
  readonly unit: string
  readonly figures: readonly Figure[]
  /** What a sketch of an hour is made of: a counter's rate a second, or a gauge's most, each minute. */
  readonly sketch?: 'rate' | 'max'
}

/** A table whose rows are rolled up. */
export interface Rolled {
  readonly table: string
  readonly id: 'entity' | 'series'
  readonly keys: readonly string[]
  readonly values: readonly RolledValue[]
}

const SKETCHES: Readonly<Record<string, RolledValue['sketch']>> = {
  'container.cpu_usage_seconds': 'rate',
  'container.memory_working_set_bytes': 'max',
  'container.memory_rss_bytes': 'max',
}

export const rolledTable = ({ name, keys, metrics }: Table): Rolled => ({
  table: name,
  id: 'entity',
  keys: keys.map(({ label }) => label),
  values: metrics.map(({ column, kind, unit }) => {
    const sketch = SKETCHES[`${name}.${column}`]
    const value = { column, kind, unit, figures: FIGURES[kind] }
    return sketch === undefined ? value : { ...value, sketch }
  }),
})

/** A series is a counter or a gauge, which `series` knows. */
export const POINT: Rolled = {
  table: 'point',
  id: 'series',
  keys: [],
  values: [{ column: 'value', kind: 'untyped', unit: '1', figures: FIGURES.untyped }],
}

export const rolledTables: readonly Rolled[] = [...typedTables.map(rolledTable), POINT]

export const SKETCH_TYPE = 'AggregateFunction(quantileDD(0.01, 0.5), Float64)'

const MEANING: Readonly<Record<Figure, string>> = {
  min: 'Least',
  max: 'Most',
  sum: 'Sum',
  count: 'Number of samples',
  last: 'Newest sample',
  increase: 'What was counted',
}

/** Columns of the table of one tier, in their order. */
export function rolledColumns({ id, keys, values }: Rolled, tier: Tier): ColumnDefinition[] {
  const columns: ColumnDefinition[] = [
    { name: 'tenant', type: 'LowCardinality(String)', comment: 'As in the table of samples.' },
    { name: id, type: 'UInt64', codec: 'CODEC(ZSTD(1))', comment: 'As in the table of samples.' },
    {
      name: 'ts',
      type: "DateTime64(3, 'UTC')",
      codec: 'CODEC(DoubleDelta, ZSTD(1))',
      comment: 'Start of the window.',
    },
    ...keys.map((name) => ({
      name,
      type: 'LowCardinality(String)',
      comment: 'As in the table of samples.',
    })),
  ]
  for (const value of values) {
    for (const figure of value.figures) columns.push(figureColumn(value, figure))
    if (tier === '1h' && value.sketch !== undefined) {
      columns.push({
        name: `${value.column}__sketch`,
        type: SKETCH_TYPE,
        codec: 'CODEC(ZSTD(1))',
        comment:
          value.sketch === 'rate'
            ? `Quantiles of ${value.column} a second, of the means of its minutes.`
            : `Quantiles of ${value.column}, of the most of its minutes.`,
      })
    }
  }
  return columns
}

const figureColumn = ({ column, kind, unit }: RolledValue, figure: Figure): ColumnDefinition => ({
  name: `${column}__${figure}`,
  type: figure === 'count' ? 'UInt32' : 'Nullable(Float64)',
  codec: figure === 'last' ? codecOf({ kind, unit }) : codecOf({ kind: 'gauge', unit }),
  comment: `${MEANING[figure]} of ${column}.`,
})
