import fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FindingRuleId, findingRules } from '../../../catalog/finding.ts'
import { supportAsOf } from '../../../catalog/runtime-support.ts'
import { findingLinks } from '../../../catalog/findings/links.ts'
import { Findings } from '../../../collector/find/findings.ts'
import type { SloStatus } from '../../../collector/slo/status.ts'
import { makeApp } from '../../../collector/web/app.ts'
import { OwnMetrics } from '../../../collector/web/self-metrics.ts'
import { buildServer } from '../../../collector/web/server.ts'
import { silentLog } from '../../../settings/log.ts'
import { needs, promtool } from '../../peers/peers.ts'
import { container, FleetRows, jvm, machine } from '../find/fleet-rows.ts'
import { type OpenedStore, openedStore } from '../find/opened-store.ts'
import { oneView } from './one-view.ts'

const GIB = 2 ** 30
const NOW = Date.UTC(2026, 10, 1, 12)
const log = silentLog()

const alert = {
  longWindow: '1h',
  shortWindow: '5m',
  factor: 14.4,
  budgetShare: 0.02,
  canFire: true,
  detectionSeconds: 51.84,
  resetSeconds: 295.68,
}
const described = {
  service: 'shop',
  labels: { tier: '1' },
  annotations: {},
  target: 0.999,
  window: '30d',
  windowSeconds: 2_592_000,
  sliceSeconds: 60,
  budgetingMethod: 'Occurrences',
  queries: { good: 'good_total', total: 'all_total' },
  alert,
  evaluatedMs: NOW,
}
const statuses: readonly SloStatus[] = [
  {
    ...described,
    slo: 'checkout',
    displayName: 'Checkout works',
    description: 'People can pay.',
    indicator: 'ratio',
    state: 'burning',
    reason: 'both windows burn faster than the alert allows',
    notes: [],
    sli: 0.99,
    budgetRemaining: -0.5,
    coverage: 1,
    burnRates: [{ window: '1h', windowSeconds: 3600, coverage: 1, value: 20 }],
    burning: true,
    measuredUntilMs: NOW,
  },
  {
    ...described,
    slo: 'search',
    indicator: 'threshold',
    queries: { threshold: 'latency_seconds' },
    threshold: { operator: 'lte', value: 0.3 },
    state: 'unmeasured',
    reason: 'nothing was measured in the window',
    notes: ['a note'],
    coverage: 0,
    burnRates: [{ window: '1h', windowSeconds: 3600, coverage: 0 }],
  },
]

let opened: OpenedStore
let findings: Findings
let app: FastifyInstance
let fresh: FastifyInstance

beforeAll(async () => {
  opened = await openedStore()
  const { store } = opened
  const rows = new FleetRows()
  for (let timeMs = NOW - 60_000; timeMs <= NOW; timeMs += 10_000) {
    rows
      .add('machine', machine('web-1'), timeMs, { cpu_cores: 8, memory_mem_total_bytes: 32 * GIB })
      .add('container', container('web-1', '/docker/shop'), timeMs, {
        cpu_usage_seconds: timeMs / 1000,
        memory_usage_bytes: GIB / 4,
        memory_working_set_bytes: GIB / 4,
        memory_limit_effective_bytes: GIB / 2,
      })
      .add('container', container('web-1', '/docker/free'), timeMs, {
        cpu_usage_seconds: 1,
        memory_working_set_bytes: 1,
      })
      .add('runtime', jvm('web-1', 77, '/docker/shop'), timeMs, { heap_max_bytes: 6 * GIB })
  }
  rows.add('machine', machine('web-2'), NOW - 600_000, { cpu_cores: 8 })
  await store.insertRows(rows.batch)
  const own = new OwnMetrics()
  findings = new Findings({ store, own, log })
  await findings.evaluate(NOW)
  const now = () => NOW
  app = await buildServer({
    ...oneView({
      store,
      own,
      findings,
      slos: { list: () => statuses, evaluation: () => ({ state: 'current', lastMs: NOW }) },
    }),
    log,
    now,
  })
  const unused = new OwnMetrics()
  fresh = await buildServer({
    ...oneView({
      store,
      own: unused,
      findings: new Findings({ store, own: unused, log }),
      slos: { list: () => [], evaluation: () => ({ state: 'waiting' }) },
    }),
    log,
    now,
  })
})

afterAll(async () => {
  await app.close()
  await fresh.close()
  await opened[Symbol.asyncDispose]()
})

const get = (url: string, on = app) => on.inject({ method: 'GET', url })

interface OpenApi {
  readonly paths: Readonly<
    Record<
      string,
      { readonly get: { readonly responses: Readonly<Record<string, OpenApiResponse>> } }
    >
  >
}
interface OpenApiResponse {
  readonly content: { readonly 'application/json': { readonly schema: object } }
}

const schemaOf = async (path: string, status: string): Promise<object> =>
  (await get('/openapi.json')).json<OpenApi>().paths[path]!.get.responses[status]!.content[
    'application/json'
  ].schema

/** Problems of an answer by the schema that the API has published; nothing is coerced or dropped. */
async function problems(schema: object, answer: unknown): Promise<string | undefined> {
  const judge = fastify({
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
  })
  judge.post('/', { schema: { body: schema } }, async () => ({}))
  const { statusCode, body } = await judge.inject({
    method: 'POST',
    url: '/',
    payload: answer as object,
  })
  await judge.close()
  return statusCode === 200 ? undefined : body
}

test('the OpenAPI document is the one that was reviewed', async () => {
  const document = (await get('/openapi.json')).json<object>()
  await expect(`${JSON.stringify(document, undefined, 2)}\n`).toMatchFileSnapshot(
    '../../golden/openapi.json',
  )
})

test.each([
  '/api/v1/findings',
  '/api/v1/slos',
  '/api/v1/entities',
  '/api/v1/runtimes',
  '/api/v1/facts',
])('%s answers as it has published', async (path) => {
  const schema = await schemaOf(path, '200')
  for (const on of [app, fresh]) {
    const answer = await get(path, on)
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(await problems(schema, answer.json())).toBeUndefined()
  }
  expect(await problems(schema, { timeMs: NOW })).toContain('must have required property')
  const failure = await schemaOf(path, 'default')
  const refused = await get(`${path}?limit=0`)
  expect(refused.statusCode).toBe(400)
  expect(await problems(failure, refused.json())).toBeUndefined()
})

test('findings carry their evidence, and the rules what would make them false', async () => {
  const answer = (await get('/api/v1/findings')).json<Record<string, unknown>>()
  expect(answer).toMatchObject({
    timeMs: NOW,
    evaluation: { state: 'current', lastMs: NOW },
    total: findings.total(),
    truncated: false,
    findings: JSON.parse(JSON.stringify(findings.list())) as unknown,
  })
  const silent = answer['notJudged'] as readonly { readonly rule: string }[]
  expect(silent.filter(({ rule }) => rule.startsWith('strand.'))).toMatchObject([
    { rule: 'strand.cpu', count: 1 },
    { rule: 'strand.mem', count: 1 },
  ])
  expect(answer['rules']).toHaveLength(Object.keys(findingRules).length)
})

test('findings, what follows from them and rules carry the pages that they rest on', async () => {
  interface Told {
    readonly rule: FindingRuleId
    readonly links: readonly object[]
  }
  interface Answer {
    readonly findings: readonly (Told & { readonly consequences: readonly Told[] })[]
    readonly rules: readonly { readonly id: FindingRuleId; readonly severities: string[] }[]
  }
  const { findings: told, rules } = (await get('/api/v1/findings')).json<Answer>()
  const all = told.flatMap((each) => [each, ...each.consequences])
  expect(all.length).toBeGreaterThan(told.length)
  for (const { rule, links } of all) expect(links).toEqual(findingLinks[rule])
  for (const rule of rules) expect(rule).toMatchObject({ links: findingLinks[rule.id] })
  expect(rules.find(({ id }) => id === 'jvm.heap-exceeds-limit')?.severities).toEqual([
    'critical',
    'high',
  ])
})

test('runtimes, with what each believes and what holds for it', async () => {
  const answer = (await get('/api/v1/runtimes')).json<{ runtimes: object[] }>()
  expect(answer).toMatchObject({
    total: 1,
    truncated: false,
    evaluation: { state: 'current' },
    supportAsOf,
    jvms: { readable: 1, total: 1, unread: [] },
  })
  expect(answer.runtimes).toMatchObject([
    {
      workload: 'shop/shop.Main',
      runtime: 'jvm',
      version: '21.0.5',
      believedMemory: { value: 6 * GIB, confidence: 'strong' },
      enforcedCpus: null,
      enforcedMemoryBytes: GIB / 2,
      verdict: 'critical',
    },
  ])
})

test('facts of an entity that is none are refused, of one that nobody knows there are none', async () => {
  expect((await get('/api/v1/facts?entity=web')).statusCode).toBe(400)
  expect((await get('/api/v1/facts?workload=')).statusCode).toBe(400)
  expect((await get('/api/v1/facts?entity=1')).json()).toEqual({
    timeMs: NOW,
    truncated: false,
    facts: [],
  })
})

test('before the first evaluation there is no list that looks like all well', async () => {
  for (const list of ['findings', 'slos']) {
    expect((await get(`/api/v1/${list}`, fresh)).json()).toMatchObject({
      evaluation: { state: 'waiting' },
    })
  }
})

test('SLOs: unmeasured figures are missing, not 0', async () => {
  const { slos } = (await get('/api/v1/slos')).json<{ slos: object[] }>()
  expect(slos).toEqual(JSON.parse(JSON.stringify(statuses)))
  expect(slos[1]).not.toHaveProperty('sli')
})

interface EntitiesAnswer {
  readonly totals: object
  readonly truncated: boolean
  readonly entities: { readonly kind: string; readonly name: string }[]
}
const entities = async (query: string) =>
  (await get(`/api/v1/entities${query}`)).json<EntitiesAnswer>()

test('entities by kind, cut at a limit and saying so', async () => {
  const all = await entities('')
  expect(all.totals).toEqual({ machine: 2, container: 2, runtime: 1 })
  expect(all.truncated).toBe(false)
  expect(all.entities.map(({ name }) => name)).toEqual([
    'web-1',
    'web-2',
    'shop',
    'free',
    'shop.Main',
  ])
  const containers = await entities('?kind=container')
  expect(containers.entities.map(({ name }) => name)).toEqual(['shop', 'free'])
  expect(containers.truncated).toBe(false)
  const one = await entities('?kind=container&limit=1')
  expect(one.entities.map(({ name }) => name)).toEqual(['shop'])
  expect(one.truncated).toBe(true)
  expect((await entities('?kind=runtime&limit=1')).truncated).toBe(false)
})

test('a limit that does not exist is null on the wire', async () => {
  const { entities: found } = await entities('?kind=container')
  expect(found[1]).toMatchObject({ name: 'free', cpuLimitCores: null, memoryLimitBytes: null })
  expect(found[0]).toMatchObject({ name: 'shop', memoryLimitBytes: GIB / 2 })
})

test('health and readiness', async () => {
  for (const path of ['/-/healthy', '/healthz']) {
    for (const on of [app, fresh]) expect((await get(path, on)).statusCode).toBe(200)
  }
  expect((await get('/-/ready')).statusCode).toBe(200)
  const waiting = await get('/-/ready', fresh)
  expect(waiting.statusCode).toBe(503)
  expect(waiting.json()).toEqual({ code: 'ERR_NOT_READY', message: 'nothing is evaluated yet' })
})

test('ready means that SLOs were evaluated too', async () => {
  const half = await buildServer({
    ...oneView({
      store: opened.store,
      own: new OwnMetrics(),
      findings,
      slos: { list: () => [], evaluation: () => ({ state: 'waiting' }) },
    }),
    log,
  })
  expect((await get('/-/ready', half)).statusCode).toBe(503)
  await half.close()
})

test('what stores nothing is not ready', async () => {
  let failure: string | undefined = 'no space left\nstack'
  const full = await buildServer({
    ...oneView({
      store: opened.store,
      own: new OwnMetrics(),
      findings,
      slos: { list: () => statuses, evaluation: () => ({ state: 'current', lastMs: NOW }) },
    }),
    receiving: { failure: () => failure, tell: () => {} },
    log,
  })
  const ready = await get('/-/ready', full)
  expect([ready.statusCode, ready.json<{ message: string }>().message]).toEqual([
    503,
    'the last insert failed: no space left',
  ])
  failure = undefined
  expect((await get('/-/ready', full)).statusCode).toBe(200)
  await full.close()
})

const f = async (method: 'GET' | 'POST' | 'DELETE', url: string, status: number, code: string) => {
  const answer = await app.inject({ method, url })
  expect([url, answer.statusCode, answer.json<{ code: string }>().code]).toEqual([
    url,
    status,
    code,
  ])
  expect(Object.keys(answer.json<object>())).toEqual(['code', 'message'])
  expect(answer.body).not.toContain('    at ')
  expect(answer.headers['x-content-type-options']).toBe('nosniff')
  return answer
}

test('refusals are JSON with a code and a message', async () => {
  await f('GET', '/api/v1/nothing', 404, 'ERR_NOT_FOUND')
  await f('GET', '/..%2f..%2fetc%2fpasswd', 404, 'ERR_NOT_FOUND')
  await f('GET', '/../../../etc/passwd', 404, 'ERR_NOT_FOUND')
  await f('GET', '/dashboards/console/index.html', 404, 'ERR_NOT_FOUND')
  await f('GET', '/__proto__', 404, 'ERR_NOT_FOUND')
  await f('GET', '/%zz', 400, 'ERR_BAD_REQUEST')
  await f('GET', '/api/v1/entities?kind=planet', 400, 'ERR_BAD_REQUEST')
  await f('GET', '/api/v1/entities?limit=1001', 400, 'ERR_BAD_REQUEST')
  const refused = await f('DELETE', '/api/v1/findings?limit=3', 405, 'ERR_METHOD_NOT_ALLOWED')
  expect(refused.headers['allow']).toBe('GET, HEAD')
  await f('POST', '/', 405, 'ERR_METHOD_NOT_ALLOWED')
})

test('what fails in here is for the log, not for the answer', async () => {
  const broken = makeApp(log)
  broken.get('/boom', async () => {
    throw new Error('a secret')
  })
  const answer = await get('/boom', broken)
  expect(answer.statusCode).toBe(500)
  expect(answer.json()).toEqual({
    code: 'ERR_INTERNAL',
    message: 'the request failed; the log has the reason',
  })
})

test('console files, with nothing inline and a policy that says so', async () => {
  const page = await get('/')
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
  expect(page.headers['content-security-policy']).toMatch(/default-src 'none'.*frame-ancestors/)
  expect(page.headers['content-security-policy']).not.toContain('unsafe')
  expect(page.body).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|https?:/i)
  const linked = [...page.body.matchAll(/(?:src|href)="([^"#]+)"/g)].map((match) => match[1]!)
  expect(linked).toContain('console.js')
  for (const path of linked) {
    const answer = await get(`/${path}`)
    expect([path, answer.statusCode]).toEqual([path, 200])
  }
  for (const path of ['/console.js', '/dom.js']) {
    const { body } = await get(path)
    expect(body).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/)
    for (const [, imported] of body.matchAll(/from '\.(\/[^']+)'/g)) {
      expect((await get(imported!)).statusCode).toBe(200)
    }
  }
})

test('a file that the browser has is not sent again', async () => {
  const { headers } = await get('/console.js')
  const again = await app.inject({
    url: '/console.js',
    headers: { 'if-none-match': headers['etag'] as string },
  })
  expect([again.statusCode, again.body]).toEqual([304, ''])
})

test.skipIf(needs('promtool'))('promtool finds nothing to mend in /metrics', async () => {
  const answer = await get('/metrics')
  expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(answer.body).toContain(
    'candor_findings{rule="jvm.heap-exceeds-limit",severity="critical"} 1',
  )
  expect(await promtool(['check', 'metrics'], { input: answer.body })).toMatchObject({
    code: 0,
    stderr: '',
  })
})
