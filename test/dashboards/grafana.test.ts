import { describe, expect, test } from 'vitest'
import { printGrafana } from '../../dashboards/grafana.ts'
import { machineDashboard } from '../../dashboards/machine.ts'
import type { Dashboard, Panel, Row } from '../../dashboards/panel.ts'

interface Printed {
  readonly editable: boolean
  readonly schemaVersion: number
  readonly templating: { readonly list: readonly Record<string, unknown>[] }
  readonly panels: readonly {
    readonly id: number
    readonly type: string
    readonly title: string
    readonly datasource?: unknown
    readonly gridPos: {
      readonly x: number
      readonly y: number
      readonly w: number
      readonly h: number
    }
    readonly fieldConfig?: { readonly defaults: { readonly unit: string } }
    readonly targets?: readonly { readonly refId: string; readonly datasource: unknown }[]
  }[]
}
const print = (dashboard: Dashboard) => JSON.parse(printGrafana(dashboard)) as Printed

const panel = (title: string, more: Partial<Panel> = {}): Panel => ({
  title,
  description: 'What it shows.',
  unit: '1',
  queries: [{ expr: 'a', legend: '{{instance}}' }],
  ...more,
})
const dashboard = (...rows: readonly Row[]): Dashboard => ({
  uid: 'u',
  title: 'T',
  description: 'D.',
  rows,
})

describe('the machine dashboard', () => {
  const printed = print(machineDashboard)

  test('is of the form that Grafana reads from a file, and not to be edited there', () => {
    expect(printed.schemaVersion).toBe(42)
    expect(printed.editable).toBe(false)
  })

  test('lets people choose source, jobs and instances', () => {
    expect(printed.templating.list).toMatchObject([
      { name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Data source' },
      { name: 'job', label: 'job', multi: true, allValue: '.+', refresh: 2 },
      { name: 'instance', label: 'instance', multi: true, allValue: '.+', refresh: 2 },
    ])
  })

  test('asks the chosen source everywhere', () => {
    const sources = printed.panels
      .filter(({ type }) => type !== 'row')
      .flatMap((each) => [each.datasource, ...each.targets!.map((target) => target.datasource)])
    for (const source of sources)
      expect(source).toEqual({ type: 'prometheus', uid: '${datasource}' })
  })

  test('has ids of its own for every panel, and none of them overlap', () => {
    const ids = printed.panels.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const cells = printed.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    expect(Math.max(...printed.panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24)
  })
})

test('a new panel changes the id of no other', () => {
  const idOf = (printed: Printed) => new Map(printed.panels.map(({ title, id }) => [title, id]))
  const before = idOf(print(dashboard({ title: 'R', panels: [panel('A'), panel('C')] })))
  const after = idOf(print(dashboard({ title: 'R', panels: [panel('A'), panel('B'), panel('C')] })))
  for (const [title, id] of before) expect(after.get(title)).toBe(id)
})

test('panels fill a line and go on below; the next row starts under them', () => {
  const three = { title: 'R', panels: ['A', 'B', 'C', 'D'].map((title) => panel(title)) }
  const { panels } = print(dashboard(three, { title: 'S', panels: [panel('E')] }))
  expect(panels.map(({ title, gridPos: { x, y } }) => [title, x, y])).toEqual([
    ['R', 0, 0],
    ['A', 0, 1],
    ['B', 8, 1],
    ['C', 16, 1],
    ['D', 0, 9],
    ['S', 0, 17],
    ['E', 0, 18],
  ])
})

test('units are those of Grafana', () => {
  const f = (unit: Panel['unit'], want: string) => {
    const { panels } = print(dashboard({ title: 'R', panels: [panel('A', { unit })] }))
    expect(panels[1]!.fieldConfig!.defaults.unit).toBe(want)
  }
  f('1', 'percentunit')
  f('s', 's')
  f('By', 'bytes')
  f('By/s', 'Bps')
  f('{packet}/s', 'pps')
  f('{fault}/s', 'cps')
  f('{cpu}', 'short')
})

test('golden', async () => {
  const small = dashboard({
    title: 'Availability',
    panels: [
      panel('Uptime', { unit: 's', form: 'stat', warnFrom: 60 }),
      panel('CPU pressure', {
        queries: [
          { expr: 'a', legend: 'x' },
          { expr: 'b', legend: 'y' },
        ],
      }),
    ],
  })
  await expect(printGrafana(small)).toMatchFileSnapshot('../golden/dashboard.json')
})
