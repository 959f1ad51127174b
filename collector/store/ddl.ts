/**
 * Prints the tables that follow from the catalogue: typed ones, and the rollups of these and of `point`.
 *
 * sql/ holds the DDL of this version. What is printed here is checked in, so that a change of the schema
 * shows in review; the other files are written by hand. migrate.ts brings a store of an earlier version
 * to it. No column is ever renamed or dropped, and none changes its type.
 */
import type { Table } from '../../catalog/metric.ts'
import { typedTables } from '../../catalog/tables.ts'
import { codecOf } from './codec.ts'
import { type ColumnDefinition, columnSql } from './column-sql.ts'
import {
  type Rolled,
  rolledTables,
  rolledColumns,
  type Tier,
  tiers,
  TIERS,
} from './rollup/rolled.ts'

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
    type: 'SimpleAggregateFunction(anyLast, Nullable(Float64))',
    codec: codecOf(metric),
    comment: `${metric.help} Unit ${metric.unit}, ${metric.kind}.`,
  })),
]

/** Columns of every table that is printed here, by its name. */
export const printedColumns = (): ReadonlyMap<string, readonly ColumnDefinition[]> =>
  new Map([
    ...typedTables.map((table) => [table.name, columnDefinitions(table)] as const),
    ...rolledTables.flatMap((each) =>
      tiers.map((tier) => [`${each.table}_${tier}`, rolledColumns(each, tier)] as const),
    ),
  ])

function printTable(table: Table): string {
  const columns = columnDefinitions(table).map((column) => `    ${columnSql(column)}`)
  const key = ['tenant', 'entity', ...table.keys.map(({ label }) => label), 'ts']
  return `-- Printed from the catalogue by \`npm run generate\`; do not edit.
-- ${table.rows} a pass
CREATE TABLE IF NOT EXISTS ${table.name}
(
${columns.join(',\n')}
)
ENGINE = AggregatingMergeTree
PARTITION BY toDate(ts)
ORDER BY (${key.join(', ')})
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 268435456
`
}

function printRollup(each: Rolled, tier: Tier): string {
  const { table, id, keys } = each
  const { partition, words } = TIERS[tier]
  const columns = rolledColumns(each, tier).map((column) => `    ${columnSql(column)}`)
  return `-- Printed from the catalogue by \`npm run generate\`; do not edit.
-- Rows of ${table} by ${words}. A window that is rolled up again replaces itself. Read it with FINAL.
CREATE TABLE IF NOT EXISTS ${table}_${tier}
(
${columns.join(',\n')}
)
ENGINE = ReplacingMergeTree
PARTITION BY ${partition}
ORDER BY (${['tenant', id, ...keys, 'ts'].join(', ')})
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 268435456
`
}

/** Text of each generated file by its path from the root of the repository. */
export const printSchema = (): Map<string, string> =>
  new Map(
    [
      ...typedTables.map((table): [string, string] => [table.name, printTable(table)]),
      ...rolledTables.flatMap((each) =>
        tiers.map((tier): [string, string] => [`${each.table}_${tier}`, printRollup(each, tier)]),
      ),
    ].map(([name, text]) => [`collector/store/sql/${name}.sql`, text]),
  )
