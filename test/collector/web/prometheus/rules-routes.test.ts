import { expect, test } from 'vitest'
import type { SloStatus } from '../../../../collector/slo/status.ts'
import { makeApp } from '../../../../collector/web/app.ts'
import { rulesRoutes } from '../../../../collector/web/prometheus/rules-routes.ts'
import { silentLog } from '../../../../settings/log.ts'

const NOW = Date.UTC(2026, 10, 1, 12)

const statusOf = (slo: string, more: Partial<SloStatus>): SloStatus => ({
  service: 'shop',
  slo,
  labels: {},
  annotations: {},
  target: 0.99,
  window: '30d',
  windowSeconds: 2_592_000,
  sliceSeconds: 60,
  budgetingMethod: 'Occurrences',
  indicator: 'ratio',
  queries: {},
  state: 'ok',
  reason: 'why',
  notes: [],
  coverage: 1,
  burnRates: [{ window: '1h', windowSeconds: 3_600, coverage: 1, value: 20 }],
  alert: { longWindow: '1h', shortWindow: '5m', factor: 14.4, budgetShare: 0.02, canFire: true },
  evaluatedMs: NOW,
  ...more,
})

test('what burns fires, what does not is inactive, and of what was not measured nothing is said', async () => {
  const list = () => [
    statusOf('burns', { burning: true }),
    statusOf('holds', { burning: false }),
    statusOf('silent', { state: 'unmeasured' }),
  ]
  const app = makeApp(silentLog())
  const slos = { list, evaluation: () => ({ state: 'current', lastMs: NOW }) as const }
  rulesRoutes(app, () => ({ tenant: '', slos }))
  const { body } = await app.inject('/api/v1/rules')
  expect(JSON.parse(body)).toMatchObject({
    data: {
      groups: [
        {
          name: 'shop',
          rules: [
            { state: 'firing', health: 'ok', alerts: [{ state: 'firing', value: '20' }] },
            { state: 'inactive', health: 'ok', alerts: [] },
            { state: 'unknown', health: 'unknown', lastError: 'why', alerts: [] },
          ],
        },
      ],
    },
  })
  const alerts = await app.inject('/api/v1/alerts')
  expect(JSON.parse(alerts.body)).toMatchObject({
    data: { alerts: [{ labels: { slo: 'burns' } }] },
  })
  await app.close()
})
