/** Two tenants with equal names on one collector, over real sockets: each surface is tried. */
import { hash } from 'node:crypto'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { limits } from '../../catalog/limit.ts'
import { type RunningCollector, runCollector } from '../../collector/main.ts'
import { encodeSnappy } from '../wire/snappy-encode.ts'
import { writeV1 } from '../wire/write-body.ts'
import { bodyOf, type Resource } from './receive/bodies.ts'

const folder = mkdtempSync(join(tmpdir(), 'candor-tenants-'))
const tokenFile = join(folder, 'tokens.yml')

const DAY = 86_400_000
const NAMES = ['a', 'b', 'none'] as const
type Name = (typeof NAMES)[number]
/** `none` is the default tenant. */
const tenantOf = (name: Name) => (name === 'none' ? '' : name)
const secret = (name: string, scope: string) => `token-of-${name}-to-${scope}`

const entry = (name: string, tenant: string, scope: string, limits = '') =>
  `  - { name: ${name}-${scope}, tenant: ${JSON.stringify(tenant)}, scopes: [${scope}], sha256: ${hash('sha256', secret(name, scope))}${limits} }\n`
const entries = NAMES.flatMap((name) => [
  entry(name, tenantOf(name), 'write'),
  entry(name, tenantOf(name), 'read'),
]).join('')
const SMALL = ', limits: { points_per_second: 1000000, series: 3, entities: 2 }'
const SLOW = ', limits: { points_per_second: 1, series: 1000, entities: 1000 }'
const TOKENS = `tokens:\n${entries}${entry('small', 'small', 'write', SMALL)}${entry('slow', 'slow', 'write', SLOW)}${entry('broken', 'broken', 'write', SLOW)}`

function putTokens(text: string): void {
  writeFileSync(`${tokenFile}.new`, text)
  renameSync(`${tokenFile}.new`, tokenFile)
}

/** The same name and service for each; what differs is what tells whose it is. */
const slo = (tenant: string, target: number) => `---
apiVersion: openslo/v1
kind: SLO
metadata:
  name: availability
  displayName: ${tenant === '' ? 'none' : tenant}
  annotations: { candor/tenant: "${tenant}" }
spec:
  service: shop
  indicator:
    metadata: { name: good }
    spec:
      thresholdMetric:
        metricSource: { type: Prometheus, spec: { query: queue_length } }
  timeWindow: [{ duration: 28d, isRolling: true }]
  budgetingMethod: Occurrences
  objectives: [{ target: ${target}, op: lte, value: 10 }]
`

let logged = ''
const log = pino(
  { level: 'debug' },
  new Writable({
    write(chunk: Buffer, _encoding, done) {
      logged += chunk.toString()
      done()
    },
  }),
)
let collector: RunningCollector

beforeAll(async () => {
  putTokens(TOKENS)
  const sloFile = join(folder, 'slos.yml')
  writeFileSync(sloFile, slo('a', 0.9) + slo('b', 0.95) + slo('', 0.99))
  collector = await runCollector({
    listen: { host: '127.0.0.1', port: 0 },
    otlpListen: { host: '127.0.0.1', port: 0 },
    insecure: false,
    accessFiles: { tokenFile },
    store: { path: join(folder, 'data') },
    retention: { raw: 15 * DAY, minutes: 90 * DAY, hours: 400 * DAY },
    query: {
      timeoutMs: 20_000,
      maxSamples: 1_000_000,
      maxSeries: 10_000,
      memoryBytes: 1 << 28,
      maxConcurrency: 2,
      lookbackMs: 300_000,
    },
    flags: { 'query.timeout': '20s' },
    sloFiles: [sloFile],
    alertmanagers: [],
    alertLabels: {},
    evaluationIntervalMs: 200,
    ownSeriesMs: 300,
    log,
  })
  for (const [i, name] of NAMES.entries()) {
    const { status } = await write(name, fleet(i + 1))
    if (status !== 200) throw new Error(`${name}: ${status}`)
  }
})
afterAll(async () => {
  await collector.stop()
  rmSync(folder, { recursive: true })
})

/** A machine with a container and a JVM: identities are equal for all, figures are not. */
function fleet(cores: number): Resource[] {
  const timeMs = Date.now()
  const host = { 'host.id': 'same', 'host.name': 'web-1' }
  const point = (name: string, unit: string, value: number) => ({
    name,
    unit,
    points: [{ timeMs, value }],
  })
  return [
    {
      attributes: { ...host, 'candor.entity.kind': 'machine' },
      metrics: [point('system.cpu.logical.count', '{cpu}', cores)],
    },
    {
      attributes: {
        ...host,
        'candor.entity.kind': 'container',
        'candor.cgroup.path': '/docker/shop',
        'candor.cgroup.inode': '7',
        'candor.cgroup.level': 'container',
        'container.name': 'shop',
        'container.image.name': `image-${cores}`,
      },
      metrics: [point('container.memory.working_set', 'By', cores * 1e6)],
    },
    {
      attributes: { 'service.name': 'shop' },
      metrics: [point('queue.length', '', cores)],
    },
  ]
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const post = (body: Uint8Array, headers: Readonly<Record<string, string>>) =>
  fetch(`${collector.otlpUrl}/v1/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf', ...headers },
    body: new Uint8Array(body),
  })
const write = (name: string, resources: Resource[]) =>
  post(bodyOf(...resources), bearer(secret(name, 'write')))
const series = (count: number, from = 0): Resource => ({
  attributes: { 'service.name': 'x' },
  metrics: Array.from({ length: count }, (_, i) => ({
    name: `series.${from + i}`,
    points: [{ timeMs: Date.now(), value: i }],
  })),
})
const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  fetch(`${collector.consoleUrl}${path}`, { headers })
const read = async <T>(name: string, path: string): Promise<T> => {
  const answer = await get(path, bearer(secret(name, 'read')))
  expect(answer.status, path).toBe(200)
  return (await answer.json()) as T
}
const metrics = async (name: string) => (await get('/metrics', bearer(secret(name, 'read')))).text()

const SHOWN = ['/api/v1/entities', '/api/v1/findings', '/api/v1/runtimes', '/api/v1/slos']
const READ = [
  ...SHOWN,
  '/api/v1/facts',
  ...[
    'query',
    'query_range',
    'series',
    'labels',
    'label/job/values',
    'metadata',
    'rules',
    'alerts',
    'targets',
    'query_exemplars',
    'explain_query',
    'format_query',
    'parse_query',
    'status/buildinfo',
    'status/flags',
    'status/runtimeinfo',
    'status/tsdb',
  ].map((path) => `/api/v1/${path}`),
  '/metrics',
  '/openapi.json',
  '/',
  '/console.js',
  '/nothing',
]
const WRITTEN = ['/v1/metrics', '/api/v1/write']

describe('reading', () => {
  test('each sees its own entities, though all are called the same', async () => {
    for (const [i, name] of NAMES.entries()) {
      const list = await read<{
        totals: object
        entities: { kind: string; name: string; cpuCores?: number; image?: string }[]
      }>(name, '/api/v1/entities')
      expect(list.totals, name).toEqual({ machine: 1, container: 1, runtime: 0 })
      expect(list.entities).toMatchObject([
        { kind: 'machine', name: 'web-1', cpuCores: i + 1 },
        { kind: 'container', name: 'shop', image: `image-${i + 1}` },
      ])
    }
  })

  test('each asks its own samples in PromQL, though all series are called the same', async () => {
    for (const [i, name] of NAMES.entries()) {
      const f = async (path: string, want: unknown) => {
        const { data } = await read<{ data: unknown }>(name, `/api/v1/${path}`)
        expect(data, `${name} ${path}`).toMatchObject(want as object)
      }
      const value = [expect.any(Number), String(i + 1)]
      const result = { result: [{ value }] }
      await f('query?query=queue_length', result)
      await f(`query?query=${encodeURIComponent('{__name__=~"queue_.*"}')}`, result)
      await f('query?query=container_memory_working_set_bytes/1e6', result)
      const now = Date.now() / 1_000
      const range = `start=${now - 60}&end=${now + 60}&step=20`
      await f(`query_range?query=max(queue_length)&${range}`, { resultType: 'matrix' })
      await f('series?match[]=queue_length', [{ __name__: 'queue_length', job: 'shop' }])
      const images = await read<{ data: string[] }>(name, '/api/v1/label/image/values')
      expect(images.data).toEqual([`image-${i + 1}`])
      await f('rules', { groups: { length: 1 } })
      await f('targets', { activeTargets: { length: 1 } })
    }
  })

  test('only the default tenant is told what the process was told', async () => {
    const flags = async (name: string) =>
      (await read<{ data: object }>(name, '/api/v1/status/flags')).data
    expect(await flags('a')).toEqual({})
    expect(await flags('none')).toEqual({ 'query.timeout': '20s' })
  })

  test('each sees its own facts', async () => {
    for (const [i, name] of NAMES.entries()) {
      const { facts } = await read<{ facts: { value: string }[] }>(name, '/api/v1/facts')
      expect(facts.map(({ value }) => value)).toEqual([`image-${i + 1}`])
    }
  })

  test('each sees its own SLO, and its own samples in it', async () => {
    for (const [name, target] of [
      ['a', 0.9],
      ['b', 0.95],
      ['none', 0.99],
    ] as const) {
      await expect
        .poll(() => read<{ slos: object[] }>(name, '/api/v1/slos').then(({ slos }) => slos))
        .toMatchObject([{ service: 'shop', slo: 'availability', displayName: name, target }])
    }
  })

  test('findings and runtimes are evaluated for each', async () => {
    for (const name of NAMES) {
      for (const path of ['/api/v1/findings', '/api/v1/runtimes']) {
        await expect
          .poll(() => read<{ evaluation: object }>(name, path).then((each) => each.evaluation))
          .toMatchObject({ state: 'current' })
      }
    }
  })

  test('/metrics is of the tenant, and of the process for the default one alone', async () => {
    await expect
      .poll(() => metrics('a'))
      .toContain('candor_slo_objective_ratio{service="shop",slo="availability"} 0.9\n')
    await expect.poll(() => metrics('a')).toContain('candor_fleet_entities{kind="machine"} 1\n')
    const ofA = await metrics('a')
    expect(ofA).not.toMatch(/0\.95|process_|nodejs_|candor_receive|candor_store|candor_tenant/)
    expect(await metrics('b')).toContain(
      'candor_slo_objective_ratio{service="shop",slo="availability"} 0.95\n',
    )
    const ofProcess = await metrics('none')
    expect(ofProcess).toContain('candor_receive_requests_total')
    expect(ofProcess).toContain('candor_tenant_entities{tenant="a"} 2\n')
    expect(ofProcess).toContain('candor_access_file_last_reload_successful{file="tokens"} 1\n')
    expect(ofProcess).toContain(
      'candor_slo_objective_ratio{service="shop",slo="availability"} 0.99\n',
    )
  })

  test('series of the process itself are of the default tenant alone', async () => {
    const text = encodeURIComponent(
      'count by (job) ({__name__=~"candor_(receive|store|tenant)_.+"})',
    )
    const f = async (name: string) =>
      (await read<{ data: object }>(name, `/api/v1/query?query=${text}`)).data
    await expect.poll(() => f('none')).toMatchObject({ result: [{ metric: { job: 'candor' } }] })
    expect(await f('a')).toMatchObject({ result: [] })
  })

  test('without a token nothing is told but health, and a write token reads nothing', async () => {
    for (const path of READ) {
      const answer = await get(path)
      expect(answer.status, path).toBe(401)
      expect(answer.headers.get('www-authenticate')).toContain('Bearer')
      expect(answer.headers.get('www-authenticate')).toContain('Basic')
      expect(await answer.json()).toMatchObject({ code: 'ERR_UNAUTHORIZED' })
      const wrong = await get(path, bearer(secret('a', 'write')))
      expect(wrong.status, path).toBe(403)
      expect(await wrong.json()).toEqual({
        code: 'ERR_FORBIDDEN',
        message: 'the token "a-write" may not read',
      })
    }
    for (const path of ['/-/healthy', '/healthz', '/-/ready']) {
      await expect.poll(() => get(path).then(({ status }) => status)).toBe(200)
    }
  })

  test('a browser and Grafana send the token as a password', async () => {
    const basic = Buffer.from(`anyone:${secret('b', 'read')}`).toString('base64')
    const answer = await get('/api/v1/entities', { authorization: `Basic ${basic}` })
    expect(await answer.json()).toMatchObject({ entities: [{ cpuCores: 2 }, {}] })
  })
})

describe('writing', () => {
  test('without a token and with a read token nothing is taken, whatever the protocol', async () => {
    for (const path of WRITTEN) {
      for (const type of ['application/x-protobuf', 'application/json', 'text/plain']) {
        const f = async (headers: Readonly<Record<string, string>>) => {
          const answer = await fetch(`${collector.otlpUrl}${path}`, {
            method: 'POST',
            headers: { 'content-type': type, ...headers },
            body: 'not read',
          })
          await answer.arrayBuffer()
          return answer.status
        }
        expect(await f({}), `${path} ${type}`).toBe(401)
        expect(await f(bearer(secret('a', 'read'))), `${path} ${type}`).toBe(403)
      }
    }
  })

  test('no header and no attribute makes another tenant of a sender', async () => {
    const body = bodyOf({
      ...fleet(64)[0]!,
      attributes: { ...fleet(64)[0]!.attributes, tenant: 'b', 'candor.tenant': 'b' },
    })
    const answer = await post(body, {
      ...bearer(secret('a', 'write')),
      'x-scope-orgid': 'b',
      tenant: 'b',
    })
    expect(answer.status).toBe(200)
    const { entities } = await read<{ entities: { cpuCores?: number }[] }>('b', '/api/v1/entities')
    expect(entities[0]!.cpuCores).toBe(2)
    expect((await write('a', fleet(1))).status).toBe(200)
  })

  test('remote write and JSON go to the tenant of the token too', async () => {
    const before = await metrics('none')
    const count = (text: string, tenant: string) =>
      Number(
        new RegExp(`^candor_tenant_series\\{tenant="${tenant}"\\} (\\d+)`, 'm').exec(text)?.[1],
      )
    const remote = await fetch(`${collector.otlpUrl}/api/v1/write`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-protobuf',
        'content-encoding': 'snappy',
        ...bearer(secret('a', 'write')),
      },
      body: new Uint8Array(
        encodeSnappy(writeV1([{ labels: { __name__: 'up' }, samples: [[Date.now(), 1]] }])),
      ),
    })
    expect(remote.status).toBe(204)
    const point = { timeUnixNano: `${Date.now()}000000`, asDouble: 1 }
    const json = await fetch(`${collector.otlpUrl}/v1/metrics`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...bearer(secret('a', 'write')) },
      body: JSON.stringify({
        resourceMetrics: [
          { scopeMetrics: [{ metrics: [{ name: 'j', gauge: { dataPoints: [point] } }] }] },
        ],
      }),
    })
    expect(json.status).toBe(200)
    const after = await metrics('none')
    expect(count(after, 'a') - count(before, 'a')).toBe(2)
    expect(count(after, 'b') - count(before, 'b')).toBe(0)
  })
})

describe('limits', () => {
  test('a series and an entity too many are refused in part, for that tenant alone', async () => {
    const first = await write('small', [series(5)])
    expect(first.status).toBe(200)
    expect(Buffer.from(await first.arrayBuffer()).toString()).toContain('tenantSeries: 2')
    // What is known goes on; in whatever way it is written.
    expect((await (await write('small', [series(3)])).arrayBuffer()).byteLength).toBe(0)
    const again = Buffer.from(await (await write('small', [series(4)])).arrayBuffer()).toString()
    expect(again).toContain('tenantSeries: 1')
    const remote = await fetch(`${collector.otlpUrl}/api/v1/write`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-protobuf',
        'content-encoding': 'snappy',
        ...bearer(secret('small', 'write')),
      },
      body: new Uint8Array(
        encodeSnappy(writeV1([{ labels: { __name__: 'up' }, samples: [[Date.now(), 1]] }])),
      ),
    })
    expect(await remote.text()).toContain('tenantSeries')
    const machines = [1, 2, 3].map((i) => ({
      ...fleet(1)[0]!,
      attributes: { ...fleet(1)[0]!.attributes, 'host.id': `id-${i}` },
    }))
    const entities = await write('small', machines)
    expect(Buffer.from(await entities.arrayBuffer()).toString()).toContain('tenantEntities: 1')
    expect((await (await write('b', [series(5)])).arrayBuffer()).byteLength).toBe(0)
    const told = await metrics('none')
    expect(told).toContain('candor_tenant_series{tenant="small"} 3\n')
    expect(told).toContain('candor_tenant_entities{tenant="small"} 2\n')
    expect(told).toMatch(/dropped_points_total\{tenant="small",reason="tenantSeries"\} 4\n/)
    expect(told).not.toMatch(/dropped_points_total\{tenant="b"/)
  })

  test('a sender that is too fast waits, and nobody else', async () => {
    expect((await write('slow', [series(500)])).status).toBe(200)
    const refused = await write('slow', [series(1)])
    expect(refused.status).toBe(429)
    const seconds = Number(refused.headers.get('retry-after'))
    expect(seconds).toBeGreaterThan(400)
    expect(seconds).toBeLessThanOrEqual(490)
    expect((await write('b', [series(1)])).status).toBe(200)
    expect(await metrics('none')).toContain(
      'candor_tenant_refused_requests_total{tenant="slow",reason="tokenPointsPerSecond"} 1\n',
    )
  })

  test('what cannot be read counts by its size: it takes as long', async () => {
    const malformed = () =>
      fetch(`${collector.otlpUrl}/v1/metrics`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-protobuf', ...bearer(secret('broken', 'write')) },
        body: new Uint8Array(64_000).fill(0xff),
      })
    expect((await malformed()).status).toBe(400)
    expect((await malformed()).status).toBe(429)
  })
})

test('who has as many requests open as may be leaves room for others', async () => {
  const { hostname, port } = new URL(collector.otlpUrl)
  let refused = 0
  const sockets = Array.from({ length: limits.requestsInFlight.value }, () =>
    connect(Number(port), hostname)
      .on('data', (answer) => (refused += answer.includes('429 Too Many') ? 1 : 0))
      .on('error', () => {}),
  )
  for (const socket of sockets) {
    socket.write(
      `POST /v1/metrics HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${secret('a', 'write')}\r\n` +
        'content-type: application/x-protobuf\r\ncontent-length: 1000\r\n\r\n',
    )
  }
  const most = Math.floor((2 * limits.requestsInFlight.value) / 3)
  await expect.poll(() => refused, { timeout: 20_000 }).toBe(limits.requestsInFlight.value - most)
  expect((await write('b', [series(1)])).status).toBe(200)
  expect((await write('a', [series(1)])).status).toBe(429)
  for (const socket of sockets) socket.destroy()
  await expect
    .poll(() => write('a', [series(1)]).then(({ status }) => status), { timeout: 20_000 })
    .toBe(200)
})

test('hostile headers are refused, and the collector goes on', async () => {
  const token = secret('a', 'read')
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  for (const authorization of [
    '',
    'Bearer',
    'Bearer ',
    `Bearer ${token}x`,
    `Bearer ${token} ${token}`,
    `Bearer ${hash('sha256', token)}`,
    `Basic ${token}`,
    `Basic ${base64(token)}`,
    `Basic ${base64(`${token}:`)}`,
    `Basic ${base64('\0:\0')}`,
    `Basic ${base64("a:' OR 1=1 --")}`,
    'Digest username="a"',
    `Bearer ${'A'.repeat(8_000)}`,
    `Basic ${'A'.repeat(8_000)}`,
    'Bearer \u00ff\u00fe',
    'Bearer __proto__',
  ]) {
    expect((await get('/api/v1/entities', { authorization })).status, authorization).toBe(401)
  }
  const tooLong = `Bearer ${'A'.repeat(limits.headerBytes.value)}`
  expect((await get('/', { authorization: tooLong })).status).toBe(431)
  expect((await get('/', bearer(token))).status).toBe(200)
})

test('a token that is taken away is refused within seconds; a broken file changes nothing', async () => {
  const status = (name: string) =>
    get('/api/v1/entities', bearer(secret(name, 'read'))).then((answer) => answer.status)
  expect(await status('late')).toBe(401)
  putTokens(`${TOKENS}${entry('late', 'late', 'read')}`)
  await expect.poll(() => status('late'), { timeout: 5_000 }).toBe(200)
  expect(await read('late', '/api/v1/entities')).toMatchObject({ entities: [] })
  putTokens('tokens: [{ name: broken }]')
  await expect
    .poll(() => metrics('none'), { timeout: 5_000 })
    .toContain('candor_access_file_last_reload_successful{file="tokens"} 0\n')
  expect(await status('late')).toBe(200)
  putTokens(TOKENS)
  await expect.poll(() => status('late'), { timeout: 5_000 }).toBe(401)
  expect(await status('a')).toBe(200)
})

test('no token is in the log', () => {
  expect(logged).toContain('request refused')
  for (const name of [...NAMES, 'small', 'slow']) {
    for (const scope of ['write', 'read']) {
      expect(logged).not.toContain(secret(name, scope))
      expect(logged).not.toContain(Buffer.from(`:${secret(name, scope)}`).toString('base64'))
    }
  }
})
