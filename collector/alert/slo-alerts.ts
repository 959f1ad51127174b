/**
 * Alerts of SLOs. `SLOBurnRate` fires while a long and a short window both burn the error budget
 * faster than the SLO's factor; while one of them is not measured it neither fires nor resolves.
 */
import { formatDuration } from '../../settings/duration.ts'
import type { SloStatus } from '../slo/status.ts'
import type { Alert } from './alert.ts'

/** What Alertmanager takes as the name of a label or an annotation. */
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/
/** Annotations of an SLO that its alerts carry on. */
const PASSED_ON = ['runbook_url', 'dashboard_url']

/** Alerts of another tenant than the default one have its name as a label. */
export const burnAlerts = (statuses: readonly SloStatus[], tenant = ''): Alert[] =>
  statuses.filter(({ burning }) => burning !== false).map((status) => burnAlert(status, tenant))

function burnAlert(status: SloStatus, tenant: string): Alert {
  const { service, slo, alert } = status
  return {
    condition: status.burning === true ? 'firing' : 'unknown',
    page: sloPage(status),
    labels: {
      ...namedWell(status.labels),
      alertname: 'SLOBurnRate',
      service,
      slo,
      slo_tier: '1',
      severity: 'page',
      slo_window_long: alert.longWindow,
      slo_window_short: alert.shortWindow,
      ...(tenant !== '' && { tenant }),
    },
    annotations: annotationsOf(status),
  }
}

/** The console's list of SLOs, saying which one is meant. */
export const sloPage = ({ service, slo }: Pick<SloStatus, 'service' | 'slo'>): string =>
  `/?${new URLSearchParams({ service, slo }).toString()}#slos`

function annotationsOf(status: SloStatus): Record<string, string> {
  const { alert, budgetRemaining, target, window } = status
  const name = status.displayName ?? `${status.service} ${status.slo}`
  const over = (shown: string) => status.burnRates.find(({ window }) => window === shown)
  const long = over(alert.longWindow)?.value
  const short = over(alert.shortWindow)?.value
  const coverage = over(alert.longWindow)?.coverage ?? 1
  const measured =
    coverage < 1 ? ` (of which ${percent(Number(coverage.toPrecision(2)))} were measured)` : ''
  const passed = PASSED_ON.flatMap((key) => {
    const value = status.annotations[key]
    return value === undefined ? [] : [[key, value] as const]
  })
  return {
    summary: `${name} burns its error budget too fast`,
    description:
      `Over the last ${alert.longWindow}${measured} errors were ${rate(long)} times what the target of ` +
      `${percent(target)} over ${window} allows, over the last ${alert.shortWindow} ${rate(short)} ` +
      `times; the alert fires above ${rate(alert.factor)} for both.${exhaustion(status, long)}`,
    ...(budgetRemaining === undefined ? {} : { budget_remaining: left(budgetRemaining) }),
    ...(long === undefined ? {} : { burn_rate: rate(long) }),
    ...Object.fromEntries(passed),
  }
}

/** What is left of the budget, or how often it was spent over. */
const left = (remaining: number): string =>
  remaining >= 0 ? percent(remaining) : `0 %, spent ${rate(1 - remaining)} times over`

/** At this rate, when the budget is gone. */
function exhaustion({ budgetRemaining, windowSeconds }: SloStatus, burn: number | undefined) {
  if (budgetRemaining === undefined || burn === undefined || burn <= 0) return ''
  if (budgetRemaining <= 0) return ' The budget is spent.'
  const ms = (budgetRemaining * windowSeconds * 1_000) / burn
  return ` At this rate the budget is spent in ${formatDuration(ms)}.`
}

const namedWell = (labels: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).filter(([name]) => LABEL_NAME.test(name)))

const rate = (value: number | undefined): string =>
  value === undefined ? 'unknown' : String(Number(value.toPrecision(3)))

const percent = (ratio: number): string => `${Number((ratio * 100).toPrecision(6))} %`
