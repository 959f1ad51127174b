/** The collector as a process: an SLO that burns reaches Alertmanager; kill -9 loses nothing. */
import { expect, onTestFinished, test } from 'vitest'
import type { SloStatus } from '../../collector/slo/status.ts'
import { bodyOf } from '../collector/receive/bodies.ts'
import { needs, startAlertmanager } from '../peers/peers.ts'
import { startWebhook } from '../peers/webhook.ts'
import { runCandor, startCandor, until } from './candor.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const FREE_PORTS = ['--web.listen-address=127.0.0.1:0', '--otlp.listen-address=127.0.0.1:0']
const FAST = ['--evaluation.interval=1s']
const SLO = 'alerts/slo/http-availability.yaml'

/** A shop's counters, scraped every 15 s from half an hour ago on; half of it fails for ten minutes. */
function shop(nowMs: number): Buffer {
  const points = []
  const counts = { '200': 0, '500': 0 }
  for (let timeMs = nowMs - 30 * MINUTE; timeMs < nowMs; timeMs += 15 * SECOND) {
    const failing = timeMs > nowMs - 10 * MINUTE
    counts['200'] += failing ? 50 : 100
    counts['500'] += failing ? 50 : 0
    for (const code of ['200', '500'] as const) {
      points.push({ timeMs, value: counts[code], attributes: { code } })
    }
  }
  return bodyOf({
    attributes: { 'service.name': 'shop', 'service.instance.id': 'shop-1' },
    metrics: [{ name: 'http.requests', kind: 'sum', points }],
  })
}

const post = (url: string, body: Buffer) =>
  fetch(`${url}/v1/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: new Uint8Array(body),
  })

test.skipIf(needs('alertmanager'))(
  'killed after its answer, it comes back with its points; the burning SLO is told',
  async () => {
    const webhook = await startWebhook()
    const alertmanager = await startAlertmanager({ webhookUrl: webhook.url })
    onTestFinished(() => alertmanager.stop())

    const first = await startCandor('collector', FAST)
    const answer = await post(first.otlp, shop(Date.now()))
    expect(answer.status).toBe(200)
    await first.kill()

    await using second = await startCandor(
      'collector',
      [
        ...FAST,
        `--slo.file=${SLO}`,
        `--alertmanager.url=${alertmanager.url}`,
        '--alert.label=cluster=test',
        '--web.external-url=http://candor.example:9791',
      ],
      first.store,
    )
    let slo: SloStatus | undefined
    await until(async () => {
      slo = (await second.api<{ slos: SloStatus[] }>('/api/v1/slos')).slos[0]
      return slo?.state !== undefined && slo.state !== 'unmeasured'
    }, 'the SLO to be measured')
    // 18 of 28 minutes without a fault, then half of the rest: far more than 1 in 1,000.
    expect(slo).toMatchObject({
      service: 'shop',
      slo: 'availability',
      state: 'exhausted',
      target: 0.999,
    })
    const burn = slo!.burnRates.find(({ window }) => window === '5m')
    expect(burn?.value).toBeGreaterThan(300)
    expect(burn?.value).toBeLessThanOrEqual(500)

    await until(() => webhook.notices.length > 0, 'the alert')
    const alert = webhook.notices[0]!.alerts[0]!
    expect(alert.status).toBe('firing')
    expect(alert.labels).toMatchObject({
      alertname: 'SLOBurnRate',
      service: 'shop',
      slo: 'availability',
      severity: 'page',
      cluster: 'test',
      team: 'shop',
    })
    expect(alert.generatorURL).toMatch(/^http:\/\/candor\.example:9791\/.*shop/)
    expect(alert.annotations['runbook_url']).toBe('https://example.com/runbooks/shop')

    const metrics = await (await fetch(`${second.console}/metrics`)).text()
    expect(metrics).toMatch(
      /^candor_slo_burn_rate\{service="shop",slo="availability",slo_window="5m"\} [34]\d\d/m,
    )
    expect(metrics).toMatch(/^candor_alerts_sent_total\{[^}]*result="sent"\} [1-9]/m)
  },
)

test('a second collector on the same directory is told why it cannot start', async () => {
  await using first = await startCandor('collector', FAST)
  await expect(startCandor('collector', FAST, first.store)).rejects.toThrow(
    /--store\.path|another process/i,
  )
})

test('a store that cannot be made is an error at once, not a wait', async () => {
  const args = ['collector', ...FREE_PORTS, '--store.path=/proc/candor']
  const { code, stderr } = await runCandor(args)
  expect(code).toBe(1)
  expect(stderr).toContain('cannot open /proc/candor')
  expect(stderr).not.toMatch(/\n\s+at /)
})

test('stops on SIGTERM with exit code 0', async () => {
  await using candor = await startCandor('collector', FAST)
  expect(await candor.stop()).toBe(0)
})
