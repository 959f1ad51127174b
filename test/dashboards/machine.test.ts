import { describe, expect, test } from 'vitest'
import { machineDashboard } from '../../dashboards/machine.ts'
import type { Panel } from '../../dashboards/panel.ts'
import { catalogued } from '../catalogued.ts'
import { selected } from '../promql.ts'

const panels = machineDashboard.rows.flatMap((row) =>
  row.panels.map((panel) => ({ title: `${row.title} / ${panel.title}`, panel })),
)
const selectors = ({ queries }: Panel) => queries.flatMap(({ expr }) => selected(expr))
const metricOf = (name: string) => catalogued.get(name)!

test('rows come in the order of an incident', () => {
  expect(machineDashboard.rows.map(({ title }) => title)).toEqual([
    'Availability',
    'Saturation',
    'Errors and latency',
    'Capacity',
    'Containers',
    'JVMs',
  ])
})

test('titles of panels are unique in their row', () => {
  const titles = panels.map(({ title }) => title)
  expect(titles).toEqual([...new Set(titles)])
})

describe.each(panels)('$title', ({ panel }) => {
  test('has a title, a description that is a sentence, and at least one query', () => {
    expect(panel.title).not.toBe('')
    expect(panel.description).toMatch(/^[A-Z].{10,}\.$/)
    expect(panel.queries.length).toBeGreaterThan(0)
  })

  test('selects only catalogued metrics, by labels that they have', () => {
    const unknown = selectors(panel).flatMap(({ name, matchers }) => {
      const metric = catalogued.get(name)
      if (metric === undefined) return [name]
      return [...matchers.keys()].filter((label) => !metric.labels.has(label))
    })
    expect(unknown).toEqual([])
  })

  test('asks for the chosen jobs and instances in every selector', () => {
    for (const { matchers } of selectors(panel)) {
      expect(matchers.get('job')).toBe('=~"$job"')
      expect(matchers.get('instance')).toBe('=~"$instance"')
    }
  })

  test('takes the rate of counters over the interval that Grafana works out, and of nothing else', () => {
    for (const { name, inside, range } of selectors(panel)) {
      const { kind } = metricOf(name)
      expect({ name, rated: inside === 'rate' }).toEqual({ name, rated: kind !== 'gauge' })
      expect(range).toBe(inside === 'rate' ? '5m' : undefined)
    }
    for (const { expr } of panel.queries) expect(expr).not.toMatch(/\[(?!\$__rate_interval\])/)
  })

  test('names its series by labels that they have', () => {
    for (const { expr, legend } of panel.queries) {
      expect(legend).not.toBe('')
      const had = new Set(selected(expr).flatMap(({ name }) => [...metricOf(name).labels]))
      const wanted = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!)
      expect(wanted.filter((label) => !had.has(label))).toEqual([])
    }
  })

  test('has the unit of its metric where it shows one as it is', () => {
    for (const { expr } of panel.queries) {
      const [only, ...others] = selected(expr)
      if (others.length > 0 || !/^(rate\()?\w+\{[^}]*\}(\[\$__rate_interval\]\))?$/.test(expr))
        continue
      const { unit } = metricOf(only!.name)
      const perSecond = unit === 's' ? '1' : `${unit}/s`
      expect(only!.inside === 'rate' ? perSecond : unit).toBe(panel.unit)
    }
  })
})
