/**
 * Views for people who ask in SQL: entities that report with their newest figures, and samples with the
 * labels that their series have in PromQL. Rows that are there twice are one in them.
 *
 * A store has a view as it is printed here when its columns are the same. Where only what is read changes,
 * a migration drops the view, and it is made anew.
 */
import type { Table } from '../../../catalog/metric.ts'
import { typedTables } from '../../../catalog/tables.ts'
import { DATABASE } from '../ask.ts'
import { literal } from '../column-sql.ts'
import { NOT_A_NUMBER } from '../columns.ts'
import { columnDefinitions } from '../ddl.ts'
import { entityView } from './entity-view.ts'
import { attributeColumn, attributeSql, labelColumns, type ViewColumn } from './labels.ts'

export interface View {
  readonly name: string
  readonly comment: string
  readonly columns: readonly ViewColumn[]
  /** The SELECT, whose columns are those of the view, in their order. */
  readonly select: string
}

/** Types of a table that are about how rows merge are plain ones in a view. */
const plain = (type: string): string => type.replace(/^SimpleAggregateFunction\(\w+, (.+)\)$/, '$1')

function samplesView(table: Table): View {
  const [tenant, entity, time, ...others] = columnDefinitions(table)
  const labels = labelColumns(table.entity)
  const own = others.map(({ name }) => name)
  return {
    name: `${table.name}_samples`,
    comment: `Samples of the table ${table.name}: ${table.rows} a pass, with the labels of the ${table.entity}.`,
    columns: [
      ...[time!, tenant!, entity!].map(({ name, type, comment }) => ({ name, type, comment })),
      ...labels.map(attributeColumn),
      ...others.map(({ name, type, comment }) => ({ name, type: plain(type), comment })),
    ],
    select: `SELECT s.ts AS ts, s.tenant AS tenant, s.entity AS entity,
    ${labels.map(({ name }) => `e.${name} AS ${name}`).join(', ')},
    ${own.map((name) => `s.${name} AS ${name}`).join(', ')}
FROM ${DATABASE}.${table.name} AS s FINAL
LEFT JOIN
(
    SELECT tenant, entity, ${labels.map(attributeSql).join(', ')}
    FROM ${DATABASE}.entity FINAL
    WHERE kind = '${table.entity}'
) AS e ON s.tenant = e.tenant AND s.entity = e.entity`,
  }
}

const TENANT: ViewColumn = {
  name: 'tenant',
  type: 'LowCardinality(String)',
  comment: 'Whose rows these are, as a token says; empty by default.',
}

const seriesSamples: View = {
  name: 'series_samples',
  comment:
    'Samples of series that have no table of their own; the mark at the end of a series is none.',
  columns: [
    { name: 'ts', type: "DateTime64(3, 'UTC')", comment: 'When it was read.' },
    TENANT,
    {
      name: 'name',
      type: 'LowCardinality(String)',
      comment: 'Prometheus name of the metric.',
    },
    { name: 'labels', type: 'Map(String, String)', comment: 'Labels without the name.' },
    { name: 'job', type: 'String', comment: 'Label job; empty without one.' },
    { name: 'instance', type: 'String', comment: 'Label instance; empty without one.' },
    { name: 'kind', type: 'String', comment: 'counter, gauge or untyped.' },
    { name: 'value', type: 'Float64', comment: 'In the unit that the name says.' },
  ],
  select: `SELECT p.ts AS ts, p.tenant AS tenant, s.name AS name, s.labels AS labels,
    s.labels['job'] AS job, s.labels['instance'] AS instance, s.kind AS kind, p.value AS value
FROM ${DATABASE}.point AS p FINAL
INNER JOIN
(
    SELECT tenant, series, name, labels, kind
    FROM ${DATABASE}.series FINAL
) AS s ON p.tenant = s.tenant AND p.series = s.series
WHERE NOT isNaN(p.value) OR reinterpretAsUInt64(p.value) = ${NOT_A_NUMBER}`,
}

const facts: View = {
  name: 'facts',
  comment: 'What was said of containers and runtimes that is a setting or a build, from when on.',
  columns: [
    { name: 'since', type: "DateTime64(3, 'UTC')", comment: 'From when on it was said.' },
    TENANT,
    { name: 'entity', type: 'UInt64', comment: 'Id of the container or runtime.' },
    { name: 'kind', type: 'LowCardinality(String)', comment: 'container or runtime.' },
    { name: 'instance', type: 'String', comment: 'Attribute host.name of the entity.' },
    { name: 'workload', type: 'String', comment: 'Name that outlives the entity.' },
    { name: 'name', type: 'LowCardinality(String)', comment: 'Attribute.' },
    { name: 'value', type: 'String', comment: 'Value of the attribute.' },
  ],
  select: `SELECT f.since AS since, f.tenant AS tenant, f.entity AS entity, f.kind AS kind,
    e.instance AS instance, f.workload AS workload, f.name AS name, f.value AS value
FROM ${DATABASE}.fact AS f FINAL
LEFT JOIN
(
    SELECT tenant, entity, attributes['host.name'] AS instance
    FROM ${DATABASE}.entity FINAL
) AS e ON f.tenant = e.tenant AND f.entity = e.entity`,
}

const slices: View = {
  name: 'slices',
  comment: 'Good and total of each SLO in each slice that was measured.',
  columns: [
    { name: 'start', type: "DateTime64(3, 'UTC')", comment: 'Start of the slice.' },
    TENANT,
    { name: 'service', type: 'LowCardinality(String)', comment: 'Service of the SLO.' },
    { name: 'slo', type: 'LowCardinality(String)', comment: 'Name of the SLO.' },
    { name: 'definition', type: 'UInt64', comment: 'Print of the indicator.' },
    { name: 'good', type: 'Float64', comment: 'Good events, or seconds.' },
    { name: 'total', type: 'Float64', comment: 'All events, or seconds.' },
  ],
  select: `SELECT start, tenant, service, slo, definition, good, total
FROM ${DATABASE}.slice FINAL`,
}

export const views: readonly View[] = [
  entityView('machine'),
  entityView('container'),
  entityView('runtime'),
  ...typedTables.map(samplesView),
  seriesSamples,
  facts,
  slices,
]

export const viewDdl = ({ name, comment, columns, select }: View): string => {
  const lines = columns.map(
    (column) => `    ${column.name} ${column.type} COMMENT ${literal(column.comment)}`,
  )
  return `-- Printed from the catalogue by \`npm run generate\`; do not edit.
-- ${comment}
CREATE OR REPLACE VIEW ${DATABASE}.${name}
(
${lines.join(',\n')}
)
AS ${select}
`
}

/** Text of each generated file by its path from the root of the repository. */
export const printViews = (): Map<string, string> =>
  new Map(views.map((view) => [`collector/store/view/sql/${view.name}.sql`, viewDdl(view)]))
