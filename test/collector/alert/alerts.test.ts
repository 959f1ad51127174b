/** The life of alerts, seen by a receiver that speaks Alertmanager's API. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { limits } from '../../../catalog/limit.ts'
import type { Alert, PostableAlert } from '../../../collector/alert/alert.ts'
import { Alerts } from '../../../collector/alert/alerts.ts'
import { OwnMetrics } from '../../../collector/web/self-metrics.ts'
import { silentLog } from '../../../settings/log.ts'

const T0 = 1_790_000_000_000
const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

const alert = (name: string, more: Partial<Alert> = {}): Alert => ({
  labels: { alertname: 'SLOBurnRate', slo: name },
  annotations: { summary: name },
  page: `/?slo=${name}`,
  condition: 'firing',
  ...more,
})

interface Receiver {
  readonly url: string
  readonly requests: { path: string; authorization: string | undefined; alerts: PostableAlert[] }[]
  /** Answer of the next requests. */
  status: number
  /** What it says is active. */
  active: string
  asked: URLSearchParams[]
}

async function receiver(): Promise<Receiver> {
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const { authorization } = request.headers
      const path = request.url ?? ''
      if (request.method === 'GET') {
        into.asked.push(new URL(path, url).searchParams)
        response.writeHead(into.status).end(into.active)
        return
      }
      if (into.status === 200) {
        into.requests.push({ path, authorization, alerts: JSON.parse(body) as PostableAlert[] })
      }
      response.writeHead(into.status).end()
    })
  })
  const url = await new Promise<string>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    })
  })
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const into: Receiver = { url, requests: [], status: 200, active: '[]', asked: [] }
  return into
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  return body
}

function start(...urls: string[]) {
  const own = new OwnMetrics()
  const alerts = new Alerts({
    alertmanagers: urls,
    externalUrl: 'http://candor.example/',
    own,
    log: silentLog(),
    externalLabels: { cluster: 'c1' },
    intervalMs: 15 * SECOND,
  })
  const update = async (given: readonly Alert[], nowMs: number) => {
    alerts.update(given, nowMs)
    await alerts.flush()
  }
  return { own, alerts, update }
}

const counted = async (own: OwnMetrics, result: string) => {
  const line = new RegExp(`candor_alerts_sent_total{.*result="${result}"} (\\d+)`)
  return Number(line.exec(await own.render())?.[1] ?? 0)
}

test('firing, told again every minute with an end ahead, then resolved for a quarter of an hour', async () => {
  const to = await receiver()
  const { alerts, own, update } = start(to.url)
  await update([alert('a')], T0)
  expect(to.requests).toEqual([
    {
      path: '/api/v2/alerts',
      authorization: undefined,
      alerts: [
        {
          labels: { alertname: 'SLOBurnRate', slo: 'a', cluster: 'c1' },
          annotations: { summary: 'a', explain_url: 'http://candor.example/?slo=a' },
          startsAt: new Date(T0).toISOString(),
          endsAt: new Date(T0 + 4 * MINUTE).toISOString(),
          generatorURL: 'http://candor.example/?slo=a',
        },
      ],
    },
  ])
  expect(await own.render()).toContain('candor_alerts_active{alertname="SLOBurnRate"} 1')

  for (let t = 15; t <= 120; t += 15) {
    await update([alert('a', { annotations: { summary: `at ${t}` } })], T0 + t * SECOND)
  }
  const repeats = to.requests.slice(1).map(({ alerts: [one] }) => one!)
  expect(repeats.map(({ annotations }) => annotations['summary'])).toEqual(['at 60', 'at 120'])
  expect(new Set(repeats.map(({ startsAt }) => startsAt))).toEqual(
    new Set([new Date(T0).toISOString()]),
  )

  to.requests.length = 0
  const over = T0 + 135 * SECOND
  for (let t = 0; t <= 20 * MINUTE; t += 15 * SECOND) await update([], over + t)
  expect(to.requests).toHaveLength(16)
  for (const {
    alerts: [one],
  } of to.requests) {
    expect(one).toMatchObject({
      startsAt: new Date(T0).toISOString(),
      endsAt: new Date(over).toISOString(),
    })
  }
  expect(alerts.list()).toEqual([])
  expect(await own.render()).toContain('candor_alerts_active{alertname="SLOBurnRate"} 0')
})

test('what fires again after it was resolved starts anew', async () => {
  const to = await receiver()
  const { alerts, update } = start(to.url)
  await update([alert('a')], T0)
  await update([], T0 + 15 * SECOND)
  expect(alerts.list()).toMatchObject([{ state: 'resolved', resolvedMs: T0 + 15 * SECOND }])
  await update([alert('a')], T0 + 30 * SECOND)
  expect(alerts.list()).toMatchObject([{ state: 'firing', startedMs: T0 + 30 * SECOND }])
  expect(to.requests).toHaveLength(3)
})

test('unknown freezes: what fires goes on and is told, what does not stays quiet', async () => {
  const to = await receiver()
  const { alerts, update } = start(to.url)
  await update([alert('a')], T0)
  const unknown = [alert('a', { condition: 'unknown' }), alert('b', { condition: 'unknown' })]
  for (let t = 15; t <= 600; t += 15) await update(unknown, T0 + t * SECOND)
  expect(alerts.list()).toMatchObject([{ state: 'firing', labels: { slo: 'a' }, startedMs: T0 }])
  expect(to.requests).toHaveLength(11)
  expect(to.requests.at(-1)!.alerts[0]!.endsAt).toBe(
    new Date(T0 + 10 * MINUTE + 4 * MINUTE).toISOString(),
  )
})

test('every Alertmanager is told, whatever the others do', async () => {
  const [one, two] = [await receiver(), await receiver()]
  one.status = 503
  const { update } = start(one.url, 'http://127.0.0.1:1', `${two.url}/prefix/`, two.url)
  await update([alert('a')], T0)
  expect(one.requests).toHaveLength(0)
  expect(two.requests.map(({ path }) => path).toSorted()).toEqual([
    '/api/v2/alerts',
    '/prefix/api/v2/alerts',
  ])
})

describe('delivery', () => {
  test('what failed is tried with the next update, in its newest form', async () => {
    const to = await receiver()
    const { own, update } = start(to.url)
    to.status = 500
    await update([alert('a')], T0)
    expect(await counted(own, 'failed')).toBe(1)
    to.status = 200
    await update([alert('a')], T0 + 15 * SECOND)
    expect(to.requests.flatMap(({ alerts }) => alerts)).toHaveLength(1)
    expect(await counted(own, 'sent')).toBe(1)
    await update([alert('a')], T0 + 30 * SECOND)
    expect(to.requests).toHaveLength(1)
  })

  test('what is refused as wrong is dropped and does not block the rest', async () => {
    const to = await receiver()
    const { own, update } = start(to.url)
    to.status = 400
    await update([alert('a')], T0)
    expect(await counted(own, 'dropped')).toBe(1)
    to.status = 200
    await update([alert('a'), alert('b')], T0 + 15 * SECOND)
    expect(to.requests.flatMap(({ alerts }) => alerts.map(({ labels }) => labels['slo']))).toEqual([
      'b',
    ])
  })

  test('many alerts go in several requests, too many lose the oldest', async () => {
    const to = await receiver()
    const { own, update } = start(to.url)
    const many = Array.from({ length: limits.alertQueue.value + 10 }, (_, i) => alert(String(i)))
    await update(many, T0)
    expect(await counted(own, 'dropped')).toBe(10)
    expect(await counted(own, 'sent')).toBe(limits.alertQueue.value)
    expect(Math.max(...to.requests.map(({ alerts }) => alerts.length))).toBe(
      limits.alertBatch.value,
    )
    expect(to.requests[0]!.alerts[0]!.labels['slo']).toBe('10')
  })

  test('a password in the address becomes a header and is not in our metrics', async () => {
    const to = await receiver()
    const { own, update } = start(to.url.replace('//', '//me:s%20cret@'))
    await update([alert('a')], T0)
    expect(to.requests[0]!.authorization).toBe(
      `Basic ${Buffer.from('me:s cret').toString('base64')}`,
    )
    const text = await own.render()
    expect(text).toContain(`alertmanager="${to.url}"`)
    expect(text).not.toContain('cret')
  })

  test('stop sends what waits', async () => {
    const to = await receiver()
    const { alerts } = start(to.url)
    alerts.update([alert('a')], T0)
    alerts.update([alert('b')], T0 + SECOND)
    await alerts.stop()
    const told = to.requests.flatMap(({ alerts: of }) => of.map(({ labels }) => labels['slo']))
    expect(new Set(told)).toEqual(new Set(['a', 'b']))
  })
})

describe('what fired before a restart', () => {
  /** As Alertmanager tells it of an alert that was posted. */
  const activeOf = (to: Receiver) =>
    JSON.stringify(
      to.requests
        .flatMap(({ alerts }) => alerts)
        .map((each) => ({ ...each, fingerprint: 'f', receivers: [], status: { state: 'active' } })),
    )

  async function firedBefore(): Promise<Receiver> {
    const to = await receiver()
    const { alerts, update } = start(to.url)
    await update([alert('a')], T0)
    await alerts.stop()
    to.active = activeOf(to)
    to.requests.length = 0
    return to
  }

  test('goes on while it is unknown, with its beginning and its text', async () => {
    const to = await firedBefore()
    const { alerts, update } = start('http://127.0.0.1:1', to.url)
    await alerts.recall(T0 + MINUTE)
    expect(to.asked[0]!.getAll('filter')).toEqual(['alertname=~"SLOBurnRate"', 'cluster="c1"'])
    await update([alert('a', { condition: 'unknown', annotations: {} })], T0 + MINUTE)
    expect(to.requests).toMatchObject([
      {
        alerts: [
          {
            labels: { slo: 'a', cluster: 'c1' },
            annotations: { summary: 'a', explain_url: 'http://candor.example/?slo=a' },
            startsAt: new Date(T0).toISOString(),
            endsAt: new Date(T0 + 5 * MINUTE).toISOString(),
          },
        ],
      },
    ])
    await update([], T0 + 2 * MINUTE)
    expect(alerts.list()).toMatchObject([{ state: 'resolved' }])
  })

  test('is the same alert when it fires on', async () => {
    const to = await firedBefore()
    const { alerts, update } = start(to.url)
    await alerts.recall(T0 + MINUTE)
    await update([alert('a', { annotations: { summary: 'new' } })], T0 + MINUTE)
    expect(alerts.list()).toMatchObject([{ startedMs: T0, annotations: { summary: 'new' } }])
  })

  test("what is not listed is another collector's, or over: it is not touched", async () => {
    const to = await firedBefore()
    const { alerts, update } = start(to.url)
    await alerts.recall(T0 + MINUTE)
    await update([], T0 + MINUTE)
    await update([alert('a', { condition: 'unknown' })], T0 + 2 * MINUTE)
    expect(alerts.list()).toEqual([])
    expect(to.requests).toEqual([])
  })

  test('an answer that is wrong, too late or none at all changes nothing', async () => {
    const to = await firedBefore()
    const active = to.active
    const f = async (status: number, answer: string, nowMs: number) => {
      Object.assign(to, { status, active: answer })
      const { alerts, update } = start(to.url)
      await alerts.recall(nowMs)
      to.status = 200
      await update([alert('a', { condition: 'unknown' })], nowMs)
      expect(alerts.list()).toEqual([])
    }
    await f(500, active, T0 + MINUTE)
    await f(200, '{"labels":1}', T0 + MINUTE)
    await f(200, 'x', T0 + MINUTE)
    await f(200, active, T0 + HOUR)
    await f(200, active, T0 - HOUR)
    await f(200, `[]${' '.repeat(limits.alertAnswerBytes.value)}`, T0 + MINUTE)
  })
})

test('a clock that went back does not keep an alert from being told', async () => {
  const to = await receiver()
  const { update } = start(to.url)
  await update([alert('a')], T0)
  await update([alert('a')], T0 - HOUR)
  expect(to.requests).toHaveLength(2)
})

test('what one tenant is told of resolves nothing of another, nor what fired before of it', async () => {
  const to = await receiver()
  const before = start(to.url)
  before.alerts.update([alert('b', { labels: { alertname: 'SLOBurnRate', tenant: 'b' } })], T0, 'b')
  await before.alerts.flush()
  to.active = JSON.stringify(
    to.requests.flatMap(({ alerts }) => alerts).map((each) => ({ ...each, fingerprint: 'f' })),
  )
  const { alerts } = start(to.url)
  await alerts.recall(T0 + MINUTE)
  alerts.update([alert('a')], T0 + MINUTE, 'a')
  alerts.update([alert('default')], T0 + MINUTE)
  const unknown = {
    labels: { alertname: 'SLOBurnRate', tenant: 'b' },
    condition: 'unknown',
  } as const
  alerts.update([alert('b', unknown)], T0 + 2 * MINUTE, 'b')
  expect(alerts.list()).toMatchObject([
    { state: 'firing', labels: { slo: 'a' } },
    { state: 'firing', labels: { slo: 'default' } },
    { state: 'firing', labels: { tenant: 'b' }, startedMs: T0 },
  ])
  alerts.update([], T0 + 3 * MINUTE, 'a')
  expect(alerts.list().map(({ state }) => state)).toEqual(['resolved', 'firing', 'firing'])
  await alerts.flush()
})
