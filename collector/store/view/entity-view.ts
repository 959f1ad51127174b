/**
 * One row for each entity that reports: who it is, and its newest figures. It reports while it was heard of
 * in the last five minutes before the newest sample of the store, so that a store that nobody writes to shows
 * what was last; a sample of the future does not count as that.
 */
import type { EntityKind } from '../../../catalog/entity.ts'
import { columnOf } from '../../../catalog/tables.ts'
import type { Table } from '../../../catalog/metric.ts'
import { container } from '../../../catalog/tables/container.ts'
import { machine } from '../../../catalog/tables/machine.ts'
import { runtime } from '../../../catalog/tables/runtime.ts'
import { DATABASE } from '../ask.ts'
import { attributeColumn, attributeSql, labelColumns, MORE, type ViewColumn } from './labels.ts'
import type { View } from './views.ts'

/** What rose in the last five minutes, by the second or by what else rose. */
interface Share {
  readonly name: string
  readonly of: string
  /** Another counter; seconds otherwise. */
  readonly by?: string
  readonly comment: string
}

interface Figures {
  readonly table: Table
  readonly shares: readonly Share[]
  /** Columns of the table, as of its newest row. */
  readonly columns: readonly string[]
}

const CPU_USED = 'CPUs used, over the last five minutes. Unit {cpu}.'

const FIGURES: Readonly<Record<EntityKind, Figures>> = {
  machine: {
    table: machine,
    shares: [
      {
        name: 'pressure_cpu_waiting_ratio',
        of: 'pressure_cpu_waiting_seconds',
        comment: 'Share of the last five minutes in which at least one task waited for the CPU.',
      },
    ],
    columns: [
      'cpu_cores',
      'load1',
      'load5',
      'load15',
      'procs_running',
      'uptime_seconds',
      'memory_mem_total_bytes',
      'memory_mem_available_bytes',
      'memory_swap_total_bytes',
      'memory_swap_free_bytes',
    ],
  },
  container: {
    table: container,
    shares: [
      { name: 'cpu_used_cores', of: 'cpu_usage_seconds', comment: CPU_USED },
      {
        name: 'cpu_throttled_ratio',
        of: 'cpu_throttled_periods',
        by: 'cpu_periods',
        comment:
          'Share of the periods of the last five minutes in which the quota ran out; NULL without a quota.',
      },
    ],
    columns: [
      'cpu_limit_effective_cores',
      'cpu_shares',
      'memory_usage_bytes',
      'memory_working_set_bytes',
      'memory_rss_bytes',
      'memory_limit_bytes',
      'memory_limit_effective_bytes',
      'oom_kills',
      'threads',
      'threads_limit_effective',
      'start_time_seconds',
    ],
  },
  runtime: {
    table: runtime,
    shares: [{ name: 'cpu_used_cores', of: 'process_cpu_seconds', comment: CPU_USED }],
    columns: [
      'os_threads',
      'affinity_cpus',
      'believed_cpus',
      'believed_memory_bytes',
      'rss_anon_bytes',
      'rss_file_bytes',
      'swap_bytes',
      'heap_used_bytes',
      'heap_committed_bytes',
      'heap_max_bytes',
      'heap_live_bytes',
    ],
  },
}

const rise = (column: string) => `max(${column}) - min(${column})`

const shareSql = ({ name, of, by }: Share): string =>
  `(${rise(of)}) / nullIf(${by === undefined ? "dateDiff('millisecond', min(ts), max(ts)) / 1000" : rise(by)}, 0) AS ${name}`

function figureColumn(table: Table, column: string): ViewColumn {
  const { help, unit } = table.metrics[columnOf(table, column)]!
  return { name: column, type: 'Nullable(Float64)', comment: `${help} Unit ${unit}.` }
}

const SEEN: readonly ViewColumn[] = [
  { name: 'first_seen', type: "DateTime64(3, 'UTC')", comment: 'Time of its first sample.' },
  { name: 'ts', type: "DateTime64(3, 'UTC')", comment: 'Time of these figures.' },
]

export function entityView(kind: EntityKind): View {
  const { table, shares, columns } = FIGURES[kind]
  const told = [...labelColumns(kind), ...MORE[kind]]
  return {
    name: `${kind}s`,
    comment: `Each ${kind} that reports, with its newest figures.`,
    columns: [
      {
        name: 'tenant',
        type: 'LowCardinality(String)',
        comment: 'Whose it is, as a token says; empty by default.',
      },
      { name: 'entity', type: 'UInt64', comment: 'Id, as in the table entity.' },
      ...told.map(attributeColumn),
      ...SEEN,
      ...shares.map(({ name, comment }) => ({ name, type: 'Nullable(Float64)', comment })),
      ...columns.map((column) => figureColumn(table, column)),
    ],
    select: `SELECT n.tenant AS tenant, n.entity AS entity,
    ${told.map(({ name }) => `e.${name} AS ${name}`).join(', ')},
    e.first_seen AS first_seen, n.newest AS ts,
    ${shares.map(({ name }) => `n.${name} AS ${name}`).join(', ')},
    ${columns.map((name, i) => `n.figures.${i + 1} AS ${name}`).join(', ')}
FROM
(
    SELECT tenant, entity, max(ts) AS newest,
        ${shares.map(shareSql).join(',\n        ')},
        argMax(tuple(${columns.join(', ')}), ts) AS figures
    FROM ${DATABASE}.${table.name} FINAL
    WHERE ts > (SELECT least(max(last_seen), now64(3)) FROM ${DATABASE}.entity) - INTERVAL 5 MINUTE
    GROUP BY tenant, entity
) AS n
INNER JOIN
(
    SELECT tenant, entity, first_seen, ${told.map(attributeSql).join(', ')}
    FROM ${DATABASE}.entity FINAL
    WHERE kind = '${kind}' AND isNull(ended_ms)
) AS e ON n.tenant = e.tenant AND n.entity = e.entity`,
  }
}
