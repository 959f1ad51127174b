/** All that this program asks in PromQL itself: its dashboards, its alert rules and the SLOs beside them. */
import { readdirSync } from 'node:fs'
import { groups } from '../../../../alerts/groups.ts'
import { loadSlos } from '../../../../collector/slo/openslo.ts'
import { queriesOf } from '../../../../collector/slo/slices.ts'
import { machineDashboard } from '../../../../dashboards/machine.ts'

/** As Grafana asks, once for all machines and once for one, with a step of 15 s and of 5 min. */
const chosen = (expr: string, instance: string): string[] =>
  ['1m', '20m'].map((interval) =>
    expr
      .replaceAll('$__rate_interval', interval)
      .replaceAll('$job', '.+')
      .replaceAll('$instance', instance),
  )

const ofDashboards = (instance: string): string[] =>
  machineDashboard.rows
    .flatMap(({ panels }) => panels)
    .flatMap(({ queries }) => queries)
    .flatMap(({ expr }) => [...chosen(expr, '.+'), ...chosen(expr, instance)])

const alerts = groups.flatMap(({ rules }) => Object.values(rules))

/** What it is about, since on a machine that is well the rule itself finds nothing. */
const subjectOf = (expr: string): string => expr.replace(/ (?:[<>]|==) [\d.* ]*\d/, '')

const ofAlerts = (): string[] => alerts.flatMap(({ expr }) => [expr, subjectOf(expr)])

const folder = new URL('../../../../alerts/slo/', import.meta.url).pathname
const WINDOWS = ['5m', '30m', '1h']

/** What is judged, and how fast it is used up. */
const ofSlos = (): string[] =>
  loadSlos(readdirSync(folder).map((name) => folder + name)).flatMap(({ indicator }) => {
    const texts = Object.values(queriesOf(indicator)).map(({ text }) => text)
    if (indicator.kind === 'threshold') {
      const [text] = texts
      return [text!, `${text} >= bool 536870912`, `avg_over_time((${text} >= bool 5e8)[5m:15s])`]
    }
    const [part, total] = texts
    const burn = (window: string) =>
      `sum(rate(${part}[${window}])) / sum(rate(${total}[${window}]))`
    return [
      ...texts,
      ...texts.map((text) => `sum(increase(${text}[10m]))`),
      ...WINDOWS.map(burn),
      `${burn('1h')} > 14.4 * 0.001 and ${burn('5m')} > 14.4 * 0.001`,
    ]
  })

/** What must have an answer wherever there is such a thing: each panel for all machines, and what alerts are about. */
export const subjects = (): string[] => [
  ...machineDashboard.rows
    .flatMap(({ panels }) => panels)
    .flatMap(({ queries }) => queries)
    .map(({ expr }) => chosen(expr, '.+')[0]!),
  ...alerts.map(({ expr }) => subjectOf(expr)),
]

export const productExpressions = (instance: string): string[] => [
  ...new Set([...ofDashboards(instance), ...ofAlerts(), ...ofSlos()]),
]
