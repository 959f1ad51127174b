/** A service fails and recovers; the figures go through the real store to a real Alertmanager. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Alerts } from '../../../collector/alert/alerts.ts'
import { burnAlerts } from '../../../collector/alert/slo-alerts.ts'
import { Slos } from '../../../collector/slo/evaluate.ts'
import { loadSlos } from '../../../collector/slo/openslo.ts'
import { openStore } from '../../../collector/store/open-store.ts'
import { OwnMetrics } from '../../../collector/web/self-metrics.ts'
import { silentLog } from '../../../settings/log.ts'
import { needs, startAlertmanager } from '../../peers/peers.ts'
import { startWebhook } from '../../peers/webhook.ts'
import { HOUR, MINUTE, Traffic } from '../slo/slo.ts'

test.skipIf(needs('alertmanager'))('an alert and its resolution', async () => {
  const path = await mkdtemp(join(tmpdir(), 'candor-alert-'))
  onTestFinished(() => rm(path, { recursive: true }))
  const store = await openStore({ path }, silentLog())
  onTestFinished(() => store.close())
  const webhook = await startWebhook()
  const alertmanager = await startAlertmanager({ webhookUrl: webhook.url })
  onTestFinished(() => alertmanager.stop())

  const own = new OwnMetrics()
  const log = silentLog()
  const slos = new Slos({ store, own, log, slos: loadSlos(['alerts/slo/http-availability.yaml']) })
  const alerts = new Alerts({
    alertmanagers: [alertmanager.url],
    externalUrl: 'http://127.0.0.1:9791',
    own,
    log,
    externalLabels: { cluster: 'test' },
  })
  onTestFinished(() => alerts.stop())
  const evaluate = async (nowMs: number) => {
    const statuses = await slos.evaluate(nowMs)
    alerts.update(burnAlerts(statuses), nowMs)
    await alerts.flush()
    return statuses[0]!
  }
  // Alertmanager has its own clock: the story ends in the minute before now.
  const endMs = Math.floor(Date.now() / MINUTE) * MINUTE - MINUTE
  const traffic = new Traffic(store, 'http_requests_total', endMs - 2 * HOUR)

  await traffic.run(endMs - 30 * MINUTE, { '200': 1_000, '500': 0 })
  expect(await evaluate(endMs - 29 * MINUTE)).toMatchObject({ state: 'ok', budgetRemaining: 1 })
  expect(webhook.notices).toEqual([])

  await traffic.run(endMs - 12 * MINUTE, { '200': 500, '500': 500 })
  const burning = await evaluate(endMs - 11 * MINUTE)
  expect(burning).toMatchObject({ burning: true, state: 'exhausted' })
  // Told again now, since what was said eleven minutes ago has ended by Alertmanager's clock.
  alerts.update(burnAlerts([burning]), endMs)
  await alerts.flush()
  await vi.waitFor(() => expect(webhook.notices).toHaveLength(1), { timeout: 30_000 })
  expect(webhook.notices[0]).toMatchObject({
    status: 'firing',
    alerts: [
      {
        status: 'firing',
        labels: {
          alertname: 'SLOBurnRate',
          cluster: 'test',
          service: 'shop',
          slo: 'availability',
          severity: 'page',
          slo_tier: '1',
          slo_window_long: '1h',
          slo_window_short: '5m',
          team: 'shop',
        },
        generatorURL: 'http://127.0.0.1:9791/?service=shop&slo=availability#slos',
      },
    ],
  })
  expect(webhook.notices[0]!.alerts[0]!.annotations).toMatchObject({
    summary: 'Shop answers burns its error budget too fast',
    runbook_url: 'https://example.com/runbooks/shop',
    explain_url: 'http://127.0.0.1:9791/?service=shop&slo=availability#slos',
  })

  // A collector that starts now and has measured nothing yet goes on with it.
  const restarted = new Alerts({
    alertmanagers: [alertmanager.url],
    externalUrl: 'http://127.0.0.1:9791',
    own: new OwnMetrics(),
    log,
    externalLabels: { cluster: 'test' },
  })
  await restarted.recall(endMs)
  restarted.update(
    burnAlerts([burning]).map((each) => ({ ...each, condition: 'unknown' })),
    endMs,
  )
  expect(restarted.list()).toMatchObject([
    { state: 'firing', startedMs: alerts.list()[0]!.startedMs },
  ])
  await restarted.stop()

  await traffic.run(endMs, { '200': 1_000, '500': 0 })
  expect(await evaluate(endMs + MINUTE)).toMatchObject({ burning: false })
  await vi.waitFor(() => expect(webhook.notices).toHaveLength(2), { timeout: 30_000 })
  expect(webhook.notices[1]).toMatchObject({
    status: 'resolved',
    alerts: [{ status: 'resolved', labels: { slo: 'availability' } }],
  })
  expect(await own.render()).toMatch(/candor_alerts_sent_total{.*result="sent"} [3-9]/)
})
