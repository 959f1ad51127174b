import { expect, test } from 'vitest'
import { burnAlerts, sloPage } from '../../../collector/alert/slo-alerts.ts'
import { newTrack } from '../../../collector/slo/slices.ts'
import { type SloStatus, statusOf } from '../../../collector/slo/status.ts'
import { DAY, HOUR, makeSlo, MINUTE } from '../slo/slo.ts'

const NOW = 1_790_000_000_000
const slo = makeSlo('availability', {
  displayName: 'Shop answers',
  target: 0.999,
  window: '30d',
  windowMs: 30 * DAY,
  labels: { team: 'shop', 'not/valid': 'x', service: 'someone else' },
  annotations: { runbook_url: 'https://example.com/run', other: 'x' },
})

/** A status with this share of errors in the alert's windows and in the period. */
function status(errors: { short?: number; long?: number; period: number }): SloStatus {
  const sums = (ratio: number | undefined) =>
    ratio === undefined
      ? { good: 0, total: 0, measured: 0 }
      : { good: 1_000 * (1 - ratio), total: 1_000, measured: 5 }
  const windows = new Map([
    [5 * MINUTE, sums(errors.short)],
    [HOUR, sums(errors.long)],
    [30 * DAY, sums(errors.period)],
  ])
  return statusOf(newTrack(slo), { windows, newestStartMs: NOW }, NOW)
}

test('an SLO that burns', () => {
  expect(burnAlerts([status({ short: 0.5, long: 0.0288, period: 0.0004 })])).toEqual([
    {
      condition: 'firing',
      page: '/?service=shop&slo=availability#slos',
      labels: {
        team: 'shop',
        alertname: 'SLOBurnRate',
        service: 'shop',
        slo: 'availability',
        slo_tier: '1',
        severity: 'page',
        slo_window_long: '1h',
        slo_window_short: '5m',
      },
      annotations: {
        summary: 'Shop answers burns its error budget too fast',
        description:
          'Over the last 1h (of which 8.3 % were measured) errors were 28.8 times what the target of 99.9 % over 30d allows, ' +
          'over the last 5m 500 times; the alert fires above 14.4 for both. ' +
          'At this rate the budget is spent in 15h.',
        budget_remaining: '60 %',
        burn_rate: '28.8',
        runbook_url: 'https://example.com/run',
      },
    },
  ])
})

test('a spent budget', () => {
  const [alert] = burnAlerts([status({ short: 0.5, long: 0.5, period: 0.1 })])
  expect(alert?.annotations).toMatchObject({ budget_remaining: '0 %, spent 100 times over' })
  expect(alert?.annotations['description']).toMatch(/The budget is spent\.$/)
})

test('an SLO that does not burn has no alert', () => {
  expect(burnAlerts([status({ short: 0.5, long: 0.0144, period: 0.0004 })])).toEqual([])
  expect(burnAlerts([status({ short: 0, long: 0.5, period: 0.0004 })])).toEqual([])
})

test('an SLO that is not measured is unknown', () => {
  const conditions = burnAlerts([status({ long: 0.5, period: 0.1 }), status({ period: 0 })])
  expect(conditions.map(({ condition }) => condition)).toEqual(['unknown', 'unknown'])
})

test('labels do not move with the values', () => {
  const labels = [0.1, 0.2].map((long) => burnAlerts([status({ short: 1, long, period: 0.1 })]))
  expect(labels[0]![0]!.labels).toEqual(labels[1]![0]!.labels)
})

test('names in a page are escaped', () => {
  expect(sloPage({ service: 'a/b', slo: 'c d&' })).toBe('/?service=a%2Fb&slo=c+d%26#slos')
})

test('an alert of another tenant than the default one names it, whatever labels the SLO has', () => {
  const burning = status({ short: 0.5, long: 0.5, period: 0.1 })
  const labelled = { ...burning, labels: { tenant: 'of-another' } }
  const tenants = ['', 'shop'].map((tenant) => burnAlerts([burning], tenant)[0]!.labels['tenant'])
  expect(tenants).toEqual([undefined, 'shop'])
  expect(burnAlerts([labelled], 'shop')[0]!.labels['tenant']).toBe('shop')
})
