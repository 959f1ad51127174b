import { describe, expect, test } from 'vitest'
import { attributes, entities } from '../../catalog/entity.ts'
import type { Metric } from '../../catalog/metric.ts'
import { own } from '../../catalog/own.ts'
import { columnOf, tables } from '../../catalog/tables.ts'

const twice = (values: readonly string[]) => values.filter((value, i) => values.indexOf(value) < i)
const pairs = (of: Readonly<Record<string, string>> = {}) =>
  JSON.stringify(Object.entries(of).sort(([a], [b]) => a.localeCompare(b)))

const COUNTERS_AS_NAMED_BY_CADVISOR = ['container_memory_failcnt', 'container_hugetlb_failcnt']

const ownNames = Object.values(own).map(({ prom }) => prom)

test("no Prometheus name is in two tables, nor in a table and among the collector's own", () => {
  const perTable = tables.flatMap(({ metrics }) => [...new Set(metrics.map(({ prom }) => prom))])
  expect(twice([...perTable, ...ownNames])).toEqual([])
})

test('own counters end in _total, and labels are words', () => {
  const wrong = Object.values(own).filter(
    ({ prom, kind, labels }) =>
      prom.endsWith('_total') !== (kind === 'counter') ||
      !/^[a-z][a-z0-9_]*$/.test(prom) ||
      labels.some((label) => !/^[a-z][a-z0-9_]*$/.test(label)),
  )
  expect(wrong).toEqual([])
})

test('names of tables are unique', () => {
  expect(twice(tables.map(({ name }) => name))).toEqual([])
})

describe.each(tables)('$name', ({ name, entity, keys, metrics }) => {
  test('columns are unique, and none has the name of a key', () => {
    expect(
      twice([...metrics.map(({ column }) => column), ...keys.map(({ label }) => label)]),
    ).toEqual([])
    for (const { column } of metrics) expect(column).toMatch(/^[a-z][a-z0-9_]*$/)
  })

  test('columns of one name are told apart by constant labels and attributes', () => {
    expect(twice(metrics.map(({ prom, labels }) => prom + pairs(labels)))).toEqual([])
    expect(twice(metrics.map(({ otel, attributes }) => otel + pairs(attributes)))).toEqual([])
  })

  test('columns of one Prometheus name agree on kind, unit, help and label names', () => {
    const said = (metric: Metric) =>
      [metric.kind, metric.unit, metric.help, Object.keys(metric.labels ?? {}).sort()].join('\0')
    for (const [prom, group] of Map.groupBy(metrics, (metric) => metric.prom)) {
      expect({ prom, said: new Set(group.map(said)).size }).toEqual({ prom, said: 1 })
    }
  })

  test('columns of one OpenTelemetry name agree on unit and attribute names', () => {
    const said = (metric: Metric) =>
      [metric.unit, Object.keys(metric.attributes ?? {}).sort()].join('\0')
    for (const [otel, group] of Map.groupBy(metrics, (metric) => metric.otel)) {
      expect({ otel, said: new Set(group.map(said)).size }).toEqual({ otel, said: 1 })
    }
  })

  test('counters, and only they, end in _total', () => {
    for (const { prom, kind } of metrics) {
      const total = kind === 'counter' && !COUNTERS_AS_NAMED_BY_CADVISOR.includes(prom)
      expect({ prom, total: prom.endsWith('_total') }).toEqual({ prom, total })
    }
  })

  test('names and units are of the form that each world asks for', () => {
    for (const { prom, otel, unit, help, source } of metrics) {
      expect(prom).toMatch(/^[a-zA-Z_][a-zA-Z0-9_]*$/)
      expect(otel).toMatch(/^[a-z][a-zA-Z0-9_]*(\.[a-zA-Z0-9_]+)+$/)
      expect(unit).toMatch(/^(1|s|us|By|KiBy|bit|M?Hz|Cel|V|W|J|A|[AW]\.h|\{[a-z]+\})$/)
      expect(help).toMatch(/\.$/)
      expect(source).not.toBe('')
    }
  })

  test('no label of the table is a label of its entity', () => {
    const constant = new Set(metrics.flatMap(({ labels }) => Object.keys(labels ?? {})))
    const all = [
      ...entities[entity].labels.map(({ label }) => label),
      ...keys.map(({ label }) => label),
      ...constant,
      'job',
      'instance',
    ]
    expect(twice(all)).toEqual([])
  })

  test('columns are found by name', () => {
    const table = tables.find((each) => each.name === name)!
    metrics.forEach(({ column }, i) => expect(columnOf(table, column)).toBe(i))
    expect(() => columnOf(table, 'nothing')).toThrow(`${name} has no column nothing`)
  })
})

test('identities and labels of entities are documented attributes', () => {
  const used = Object.values(entities).flatMap(({ identity, labels }) => [
    ...identity,
    ...labels.map(({ attribute }) => attribute),
  ])
  expect(used.filter((name) => !(name in attributes))).toEqual([])
})
