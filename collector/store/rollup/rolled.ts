/**
 * What is kept of each table for longer than its rows: windows of a minute and of an hour, as data.
 *
 * Every typed table and `point` has two more, `<table>_1m` and `<table>_1h`, in which a row is one
 * entity or series, its keys and one window: how many rows it is made of, in `samples`, and of a column
 * `c` only what is worth its bytes:
 *
 *               a minute                      an hour
 *   counter     c__last                       c__increase
 *   level       c__min, c__max, c__avg        the same
 *   setting     c__last                       the same
 *   series      c__min, c__max, c__avg        the same, and c__increase
 *               (not of counters), c__last
 *
 * A figure is NULL where the window has no sample. The increase of an hour is the sum of the steps from
 * minute to minute that end in it, so that increases of hours add up; a counter that fell began anew
 * at 0, and a step over a longer silence than `BRIDGE_MS` is left out.
 *
 * An hour also keeps sketches of what sizes are advised from: quantiles of the 60 minutes, to be merged
 * over days. They are DDSketches, which are right to 1 % of the value and take the least memory and
 * time to merge of those that were measured, see docs/store.md.
 *
 * No column of a table has two underscores in a row, so the names never meet those of another metric.
 */
import type { Metric, Table } from '../../../catalog/metric.ts'
import { typedTables } from '../../../catalog/tables.ts'
import type { ColumnDefinition } from '../column-sql.ts'

export const TIERS = {
  '1m': { windowMs: 60_000, partition: 'toMonday(ts)', words: 'a minute' },
  '1h': { windowMs: 3_600_000, partition: 'toYYYYMM(ts)', words: 'an hour' },
} as const
export type Tier = keyof typeof TIERS
export const tiers: readonly Tier[] = ['1m', '1h']

/** A counter's step from one minute to the next counts if they are not further apart than this. */
export const BRIDGE_MS = 300_000

/** counter: only rises · level: moves · setting: says the same until somebody sets it anew, or never falls. */
export type Nature = 'counter' | 'level' | 'setting' | 'series'
export type Figure = 'min' | 'max' | 'avg' | 'last' | 'increase'

const LEVELS: readonly Figure[] = ['min', 'max', 'avg']
const FIGURES: Readonly<Record<Nature, Readonly<Record<Tier, readonly Figure[]>>>> = {
  counter: { '1m': ['last'], '1h': ['increase'] },
  level: { '1m': LEVELS, '1h': LEVELS },
  setting: { '1m': ['last'], '1h': ['last'] },
  series: { '1m': [...LEVELS, 'last'], '1h': [...LEVELS, 'last', 'increase'] },
}

export interface RolledValue {
  readonly column: string
  readonly nature: Nature
  readonly unit: string
  /** What a sketch of an hour is made of: a counter's rate a second, or a gauge's most, each minute. */
  readonly sketch?: 'rate' | 'max'
}

export const figuresOf = ({ nature }: RolledValue, tier: Tier): readonly Figure[] =>
  FIGURES[nature][tier]

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

/** Gauges of which least, most and mean would say the same three times. */
export const SETTINGS: Readonly<Record<string, readonly string[]>> = {
  machine: [
    'cpu_cores',
    'boot_time_seconds',
    'uptime_seconds',
    'memory_mem_total_bytes',
    'memory_swap_total_bytes',
    'memory_commit_limit_bytes',
    'memory_vmalloc_total_bytes',
    'memory_cma_total_bytes',
    'memory_huge_pages_total',
    'memory_hugepagesize_bytes',
  ],
  machine_filesystem: ['size_bytes', 'files'],
  container: [
    'cpu_quota',
    'cpu_period',
    'cpu_shares',
    'cpu_weight',
    'cpu_limit_effective_cores',
    'cpu_burst',
    'cpu_idle',
    'cpuset_cpus',
    'cpuset_mems',
    'cpuset_cpus_effective',
    'memory_max_usage_bytes',
    'memory_limit_bytes',
    'memory_limit_effective_bytes',
    'memory_swap_limit_bytes',
    'swap_limit_bytes',
    'memory_reservation_limit_bytes',
    'memory_high_bytes',
    'memory_low_bytes',
    'memory_min_bytes',
    'memory_migrate',
    'threads_max',
    'threads_limit_effective',
    'pids_peak',
    'ulimit_max_open_files',
    'start_time_seconds',
    'creation_time_seconds',
    'last_seen_seconds',
  ],
  container_hugetlb: ['max_usage_bytes', 'limit_bytes'],
  runtime: ['affinity_cpus', 'believed_cpus', 'believed_memory_bytes', 'heap_max_bytes'],
}

function natureOf(table: string, { column, kind, falls }: Metric): Nature {
  if (kind === 'counter' || (kind === 'untyped' && falls !== true)) return 'counter'
  return SETTINGS[table]?.includes(column) === true ? 'setting' : 'level'
}

export const rolledTable = ({ name, keys, metrics }: Table): Rolled => ({
  table: name,
  id: 'entity',
  keys: keys.map(({ label }) => label),
  values: metrics.map((metric) => {
    const { column, unit } = metric
    const sketch = SKETCHES[`${name}.${column}`]
    const value = { column, nature: natureOf(name, metric), unit }
    return sketch === undefined ? value : { ...value, sketch }
  }),
})

/** A series is a counter or a gauge, which `series` knows. */
export const POINT: Rolled = {
  table: 'point',
  id: 'series',
  keys: [],
  values: [{ column: 'value', nature: 'series', unit: '1' }],
}

export const rolledTables: readonly Rolled[] = [...typedTables.map(rolledTable), POINT]

export const SKETCH_TYPE = 'AggregateFunction(quantileDD(0.01, 0.5), Float64)'

const MEANING: Readonly<Record<Figure, string>> = {
  min: 'Least',
  max: 'Most',
  avg: 'Mean of the samples',
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
    {
      name: 'samples',
      type: 'UInt32',
      codec: 'CODEC(ZSTD(1))',
      comment: 'Rows that the window is made of.',
    },
  ]
  for (const value of values) {
    for (const figure of figuresOf(value, tier)) columns.push(figureColumn(value, figure))
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

/**
 * Half the width for what is a summary anyway: right to 6e-8 of the value, and pages of memory are as
 * they were up to 64 GiB. A newest sample may be a time or a large counter, and is as it was.
 */
const TYPES: Readonly<Record<Figure, Pick<ColumnDefinition, 'type' | 'codec'>>> = {
  min: { type: 'Nullable(Float32)', codec: 'CODEC(Delta(4), ZSTD(1))' },
  max: { type: 'Nullable(Float32)', codec: 'CODEC(Delta(4), ZSTD(1))' },
  avg: { type: 'Nullable(Float32)', codec: 'CODEC(Delta(4), ZSTD(1))' },
  increase: { type: 'Nullable(Float32)', codec: 'CODEC(ZSTD(1))' },
  last: { type: 'Nullable(Float64)', codec: 'CODEC(Delta(8), ZSTD(1))' },
}

const figureColumn = ({ column, nature }: RolledValue, figure: Figure): ColumnDefinition => ({
  name: `${column}__${figure}`,
  ...(nature === 'setting' ? { ...TYPES.last, codec: 'CODEC(ZSTD(1))' } : TYPES[figure]),
  comment: `${MEANING[figure]} of ${column}.`,
})
