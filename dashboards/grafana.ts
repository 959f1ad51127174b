/**
 * Prints a dashboard as Grafana's JSON: the classic form, schema version 42, which Grafana 10 and
 * later read from a file. Ids come from titles, so a new panel changes no other one's address.
 */
import { createHash } from 'node:crypto'
import type { Dashboard, Panel, Query, Row, Unit } from './panel.ts'

const SCHEMA_VERSION = 42
/** Grafana divides a page into 24 columns. */
const COLUMNS = 24
const HEIGHT = 8
const WIDTH = { lines: 8, stat: 6 } as const

const DATASOURCE = { type: 'prometheus', uid: '${datasource}' } as const

/** Grafana's ids of units; whatever is counted in braces is a plain number. */
const UNITS: Readonly<Record<string, string>> = {
  '1': 'percentunit',
  s: 's',
  By: 'bytes',
  'By/s': 'Bps',
  '{packet}/s': 'pps',
  '{operation}/s': 'ops',
}
const grafanaUnit = (unit: Unit) => UNITS[unit] ?? (unit.endsWith('/s') ? 'cps' : 'short')

/** A positive 31-bit number that depends on nothing but the words. */
const idOf = (...words: readonly string[]) =>
  createHash('sha256').update(words.join('\0')).digest().readUInt32BE(0) >>> 1

const target = ({ expr, legend }: Query, i: number) => ({
  datasource: DATASOURCE,
  editorMode: 'code',
  expr,
  instant: false,
  legendFormat: legend,
  range: true,
  refId: String.fromCharCode('A'.charCodeAt(0) + i),
})

const steps = (warnFrom: number | undefined) => [
  { color: 'green', value: null },
  ...(warnFrom === undefined ? [] : [{ color: 'orange', value: warnFrom }]),
]

const OPTIONS = {
  lines: {
    legend: { calcs: ['lastNotNull', 'max'], displayMode: 'table', placement: 'bottom' },
    tooltip: { mode: 'multi', sort: 'desc' },
  },
  stat: {
    colorMode: 'value',
    graphMode: 'none',
    reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    textMode: 'auto',
  },
} as const

/** A line ends where the data does: nothing is drawn across a gap. */
const LINES = {
  drawStyle: 'line',
  fillOpacity: 10,
  lineWidth: 1,
  showPoints: 'auto',
  spanNulls: false,
} as const

interface Place {
  readonly h: number
  readonly w: number
  readonly x: number
  readonly y: number
}

function printPanel(row: Row, panel: Panel, gridPos: Place) {
  const form = panel.form ?? 'lines'
  return {
    id: idOf(row.title, panel.title),
    type: form === 'lines' ? 'timeseries' : 'stat',
    title: panel.title,
    description: panel.description,
    datasource: DATASOURCE,
    gridPos,
    fieldConfig: {
      defaults: {
        unit: grafanaUnit(panel.unit),
        ...(form === 'lines' && {
          custom: {
            ...LINES,
            thresholdsStyle: { mode: panel.warnFrom === undefined ? 'off' : 'dashed' },
          },
        }),
        ...(form === 'lines' && { color: { mode: 'palette-classic' } }),
        thresholds: { mode: 'absolute', steps: steps(panel.warnFrom) },
      },
      overrides: [],
    },
    options: OPTIONS[form],
    targets: panel.queries.map(target),
  }
}

/** Panels fill a line from the left and go on below when it is full. */
function printRow(row: Row, top: number) {
  let x = 0
  let y = top + 1
  const panels = row.panels.map((panel) => {
    const w = WIDTH[panel.form ?? 'lines']
    if (x + w > COLUMNS) {
      x = 0
      y += HEIGHT
    }
    const printed = printPanel(row, panel, { h: HEIGHT, w, x, y })
    x += w
    return printed
  })
  const heading = {
    id: idOf(row.title),
    type: 'row',
    title: row.title,
    collapsed: false,
    gridPos: { h: 1, w: COLUMNS, x: 0, y: top },
    panels: [],
  }
  return { panels: [heading, ...panels], bottom: y + HEIGHT }
}

const variable = (name: string, query: string) => ({
  type: 'query',
  name,
  label: name,
  datasource: DATASOURCE,
  query: { query, refId: name },
  definition: query,
  /** 2: when the time range changes. */
  refresh: 2,
  sort: 1,
  multi: true,
  includeAll: true,
  allValue: '.+',
  current: { selected: true, text: ['All'], value: ['$__all'] },
})

const templating = {
  list: [
    {
      type: 'datasource',
      name: 'datasource',
      label: 'Data source',
      query: 'prometheus',
      current: { selected: false, text: 'default', value: 'default' },
    },
    variable('job', 'label_values(node_boot_time_seconds, job)'),
    variable('instance', 'label_values(node_boot_time_seconds{job=~"$job"}, instance)'),
  ],
} as const

export function printGrafana(dashboard: Dashboard): string {
  const panels: object[] = []
  let y = 0
  for (const row of dashboard.rows) {
    const printed = printRow(row, y)
    panels.push(...printed.panels)
    y = printed.bottom
  }
  const json = {
    uid: dashboard.uid,
    title: dashboard.title,
    description: dashboard.description,
    tags: ['candor'],
    schemaVersion: SCHEMA_VERSION,
    editable: false,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    timezone: 'browser',
    annotations: { list: [] },
    links: [],
    templating,
    panels,
  }
  return `${JSON.stringify(json, null, 2)}\n`
}
