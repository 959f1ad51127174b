/** docs/metrics.md: every series that the agent and the collector show, and where it is stored. */
import { entities } from '../../catalog/entity.ts'
import type { Metric, Table } from '../../catalog/metric.ts'
import { own, type OwnMetric } from '../../catalog/own.ts'
import { tables } from '../../catalog/tables.ts'
import { code, page, table } from './table.ts'

const braces = (pairs: Readonly<Record<string, string>> = {}) => {
  const inner = Object.entries(pairs).map(([key, value]) => `${key}="${value}"`)
  return inner.length === 0 ? '' : `{${inner.join(',')}}`
}

/** Every value once, in order of first appearance. */
const distinct = (values: readonly string[]) => [...new Set(values)].join('<br>')

/** Metrics of one Prometheus name, in the order of the table. */
function byName(metrics: readonly Metric[]): readonly (readonly Metric[])[] {
  return [...Map.groupBy(metrics, ({ prom }) => prom).values()]
}

function line(of: Table, metrics: readonly Metric[]): readonly string[] {
  const first = metrics[0]!
  const labels = [...new Set(metrics.flatMap(({ labels }) => Object.keys(labels ?? {})))]
  const deprecated = metrics.flatMap(({ deprecated }) => (deprecated ? [deprecated] : []))
  return [
    code(first.prom),
    distinct(metrics.map(({ kind }) => kind)),
    distinct(metrics.map(({ unit }) => code(unit))),
    labels.map(code).join(', '),
    distinct(metrics.map(({ otel, attributes }) => code(otel + braces(attributes)))),
    distinct(metrics.map(({ column }) => code(`${of.name}.${column}`))),
    [
      distinct(metrics.map(({ help }) => help)),
      ...deprecated.map((use) => `**Deprecated: ${use}.**`),
    ].join(' '),
    distinct(metrics.map(({ source }) => source)),
    distinct(metrics.map(({ since }) => since)),
  ]
}

const HEADER = [
  'Name',
  'Type',
  'Unit',
  'Labels',
  'OpenTelemetry',
  'Column',
  'Meaning',
  'Source',
  'Since',
]

function section(of: Table): string {
  const labels = [
    ...entities[of.entity].labels.map(({ label, attribute }) => [label, attribute] as const),
    ...of.keys.map(({ label, attribute }) => [label, attribute] as const),
  ]
  const names = labels.map(([label, attribute]) => `${code(label)} (${code(attribute)})`)
  return [
    `## ${of.name}`,
    `Entity: ${of.entity}. Rows: ${of.rows}.${names.length === 0 ? '' : ` Labels of every series: ${names.join(', ')}.`}`,
    table(
      HEADER,
      byName(of.metrics).map((metrics) => line(of, metrics)),
    ),
  ].join('\n\n')
}

const ownSection = () =>
  [
    '## The collector itself',
    'On its /metrics, and but for histograms in the store.',
    table(
      ['Name', 'Type', 'Unit', 'Labels', 'Meaning', 'Since'],
      Object.values<OwnMetric>(own).map(({ prom, kind, unit, labels, help, since }) => [
        code(prom),
        kind,
        code(unit),
        labels.map(code).join(', '),
        help,
        since,
      ]),
    ),
  ].join('\n\n')

export const metricsPage = (): string =>
  page(
    'Metrics',
    'What node_exporter or cAdvisor name already keeps that name, unit and computation; the rest is `candor_*`. A figure that was not measured is absent, never 0. Units are UCUM. Prometheus adds `job` and `instance`. What agent and collector say of themselves is in the store too: [query.md](query.md).',
    ...tables.map(section),
    ownSection(),
  )
