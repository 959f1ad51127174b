/** Names that do not begin with `candor.` are those of OpenTelemetry's semantic conventions. */
import * as conventions from '@opentelemetry/semantic-conventions/incubating'
import { expect, test } from 'vitest'
import { attributes } from '../../catalog/entity.ts'
import { tables } from '../../catalog/tables.ts'

/** Names that end in a key which a person chose are functions of it. */
const textOf = (value: unknown) =>
  typeof value === 'function' ? (value as (key: string) => string)('').replace(/\.$/, '') : value
const valuesOf = (prefix: string) =>
  new Set(
    Object.entries(conventions).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [textOf(value)] : [],
    ),
  )
const metricNames = valuesOf('METRIC_')
const attributeNames = valuesOf('ATTR_')

/** Not in the conventions, but what OpenTelemetry's own collector sends. */
const CUSTOM = ['1m', '5m', '15m'].map((minutes) => `system.cpu.load_average.${minutes}`)

test('of metrics', () => {
  const unknown = tables
    .flatMap(({ metrics }) => metrics.map(({ otel }) => otel))
    .filter((name) => !name.startsWith('candor.') && !metricNames.has(name))
  expect([...new Set(unknown)]).toEqual(CUSTOM)
})

test('of attributes, on points and on resources', () => {
  const used = [
    ...tables.flatMap(({ keys, metrics }) => [
      ...keys.map(({ attribute }) => attribute),
      ...metrics.flatMap(({ attributes: constants = {} }) => Object.keys(constants)),
    ]),
    ...Object.keys(attributes),
  ]
  const unknown = used.filter((name) => !name.startsWith('candor.') && !attributeNames.has(name))
  expect([...new Set(unknown)]).toEqual([])
})

test('a name has one unit and one kind, and its points differ in the values of the same attributes', () => {
  const said = (kind: string) => (kind === 'gauge' ? 'gauge' : 'sum')
  const metrics = tables.flatMap(({ entity, keys, metrics: columns }) =>
    columns.map((metric) => ({
      name: `${entity} ${metric.otel}`,
      form: [
        metric.unit,
        metric.falls === true ? 'gauge' : said(metric.kind),
        ...Object.keys(metric.attributes ?? {}).toSorted(),
        ...keys.map(({ attribute }) => attribute),
      ].join(' '),
    })),
  )
  const several = [...Map.groupBy(metrics, ({ name }) => name)].flatMap(([name, ofName]) => {
    const forms = new Set(ofName.map(({ form }) => form))
    return forms.size > 1 ? [{ name, forms: [...forms] }] : []
  })
  expect(several).toEqual([])
})
