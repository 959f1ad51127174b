/**
 * Prometheus' HTTP API over a real store: what its own promtool and Grafana's data source send, and what
 * they read out of the answers.
 */
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { limits } from '../../../../catalog/limit.ts'
import { Findings } from '../../../../collector/find/findings.ts'
import { QueryHouse, StoreQueries } from '../../../../collector/query/store-queries.ts'
import { ColumnBatch } from '../../../../collector/store/columns.ts'
import { OwnMetrics } from '../../../../collector/web/self-metrics.ts'
import { buildServer } from '../../../../collector/web/server.ts'
import { silentLog } from '../../../../settings/log.ts'
import { needs, promtool } from '../../../peers/peers.ts'
import { FleetRows, machine } from '../../find/fleet-rows.ts'
import { type OpenedStore, openedStore } from '../../find/opened-store.ts'
import { addSeries } from '../../query/points.ts'
import { oneView } from '../one-view.ts'

const MINUTE = 60_000
/** Whole minutes, so that steps and samples fall together where a test wants them to. */
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE
const HOSTILE = `it's "\\ \n {x:String}\n\nDROP TABLE point`

let opened: OpenedStore
let app: FastifyInstance
let house: QueryHouse
let url: string

beforeAll(async () => {
  opened = await openedStore()
  const { store } = opened
  const rows = new FleetRows('')
  for (let at = NOW - 20 * MINUTE; at <= NOW; at += 15_000) {
    rows.add('machine', machine('web-1'), at, { load1: 0.5, memory_mem_free_bytes: 2 ** 30 })
  }
  await store.insertRows(rows.batch)
  const batch = new ColumnBatch()
  const times = Array.from({ length: 81 }, (_, i) => NOW - 20 * MINUTE + i * 15_000)
  for (const code of ['200', '500', HOSTILE]) {
    const points = times.map((time, i) => [time, i * (code === '200' ? 15 : 1)] as const)
    addSeries(batch, 'http_requests_total', { job: 'shop', code }, points)
  }
  addSeries(batch, 'of_another_total', { job: 'secret' }, [[NOW, 1]], 'other')
  await store.insertRows(batch)
  const own = new OwnMetrics()
  const log = silentLog()
  house = new QueryHouse(
    store,
    {
      timeoutMs: 20_000,
      maxSamples: 1_000_000,
      maxSeries: 10_000,
      memoryBytes: 1 << 28,
      maxConcurrency: 2,
      lookbackMs: 300_000,
    },
    { waiting: limits.queriesWaiting.value, labels: limits.queryLabels.value },
  )
  await house.test(own, log)
  app = await buildServer({
    ...oneView({
      store,
      own,
      findings: new Findings({ store, own, log }),
      slos: { list: () => [], evaluation: () => ({ state: 'current', lastMs: NOW }) },
    }),
    asking: {
      of: (tenant) => new StoreQueries(house, tenant, () => NOW),
      program: { startedMs: NOW, evaluationMs: 15_000, flags: { 'query.timeout': '20s' } },
    },
    log,
    now: () => NOW,
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
})

afterAll(async () => {
  await app.close()
  await opened[Symbol.asyncDispose]()
})

interface Answer {
  readonly status: string
  readonly data: unknown
  readonly errorType?: string
  readonly error?: string
  readonly warnings?: readonly string[]
  readonly infos?: readonly string[]
}

const get = async (path: string, parameters: Record<string, string> | [string, string][] = {}) => {
  const response = await fetch(
    `${url}/api/v1/${path}?${new URLSearchParams(parameters).toString()}`,
  )
  return { code: response.status, ...((await response.json()) as Answer) }
}
const post = async (path: string, form: Record<string, string> | [string, string][]) => {
  const response = await fetch(`${url}/api/v1/${path}`, {
    method: 'POST',
    body: new URLSearchParams(form),
  })
  return { code: response.status, ...((await response.json()) as Answer) }
}

const seconds = (ms: number) => String(ms / 1_000)
const RANGE = { start: seconds(NOW - 10 * MINUTE), end: seconds(NOW), step: '60' }

describe('Grafana', () => {
  test('tests a data source by a sum in a form', async () => {
    expect(await post('query', { query: '1+1', time: '1789000000.5' })).toEqual({
      code: 200,
      status: 'success',
      data: { resultType: 'scalar', result: [1_789_000_000.5, '2'] },
    })
  })

  test('asks what it talks to', async () => {
    expect(await get('status/buildinfo')).toMatchObject({ data: { version: '3.0.0' } })
  })

  test('draws a panel of what an application sent', async () => {
    const { data } = await post('query_range', {
      query: 'sum by (code) (rate(http_requests_total{job="shop",code=~"200|500"}[5m]))',
      ...RANGE,
    })
    expect(data).toMatchObject({
      resultType: 'matrix',
      result: [
        { metric: { code: '200' }, values: { length: 11 } },
        { metric: { code: '500' }, values: { length: 11 } },
      ],
    })
    const { result } = data as { result: { values: [number, string][] }[] }
    expect(result[0]!.values[0]![0]).toBe(NOW / 1_000 - 600)
    expect(Number(result[0]!.values[5]![1])).toBeCloseTo(1, 9)
    expect(Number(result[1]!.values[5]![1])).toBeCloseTo(1 / 15, 9)
  })

  test('draws a panel of what an agent sent, under the names of exporters', async () => {
    expect(
      await post('query_range', { query: 'node_load1{instance="web-1"}', ...RANGE }),
    ).toMatchObject({
      data: { result: [{ metric: { __name__: 'node_load1', instance: 'web-1' } }] },
    })
  })

  test('fills its lists of metrics, labels and values', async () => {
    const { data: names } = await get('label/__name__/values', {
      start: RANGE.start,
      end: RANGE.end,
    })
    expect(names).toEqual(expect.arrayContaining(['http_requests_total', 'node_load1', 'up']))
    expect(names).not.toContain('of_another_total')
    expect(await post('labels', [['match[]', 'http_requests_total']])).toMatchObject({
      data: ['__name__', 'code', 'job'],
    })
    expect(
      await get('label/code/values', [
        ['match[]', '{__name__="http_requests_total",code=~"[25]00"}'],
      ]),
    ).toMatchObject({ data: ['200', '500'] })
    expect(await get('label/job/values')).toMatchObject({
      data: expect.not.arrayContaining(['secret']) as string[],
    })
    expect(await get('label/U__co_64_e/values')).toMatchObject({ data: ['200', '500', HOSTILE] })
  })

  test('reads types and help', async () => {
    expect(await get('metadata', { metric: 'node_load1' })).toMatchObject({
      data: { node_load1: [{ type: 'gauge', help: expect.stringContaining('Load') as string }] },
    })
    expect(await get('metadata', { limit: '2' })).toMatchObject({ status: 'success' })
  })

  test('takes an answer that is compressed', async () => {
    const path = `/api/v1/query_range?${new URLSearchParams({ query: 'http_requests_total', ...RANGE, step: '1' }).toString()}`
    const { headers, body } = await new Promise<{ headers: object; body: Buffer }>((resolve) => {
      request(url + path, { headers: { 'accept-encoding': 'gzip' } }, (response) => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(parts) }))
      }).end()
    })
    expect(headers).toMatchObject({ 'content-encoding': 'gzip' })
    expect(JSON.parse(gunzipSync(body).toString())).toMatchObject({
      data: { result: { length: 3 } },
    })
  })

  test('finds nothing where there is nothing, and is not told that this is an error', async () => {
    expect(await get('query_exemplars', { query: 'up' })).toMatchObject({ data: [] })
    expect(await get('rules')).toMatchObject({ data: { groups: [] } })
    expect(await get('alerts')).toMatchObject({ data: { alerts: [] } })
    expect(await get('query', { query: 'no_such_metric' })).toMatchObject({
      data: { resultType: 'vector', result: [] },
    })
  })
})

describe.skipIf(needs('promtool'))('promtool', () => {
  const ask = async (...args: string[]) => {
    const answer = await promtool(['query', ...args])
    expect(answer).toMatchObject({ code: 0, stderr: '' })
    return answer.stdout
  }

  test('instant', async () => {
    const said = await ask('instant', `--time=${NOW / 1_000}`, url, 'sum(http_requests_total)')
    expect(said).toBe(`{} => 1360 @[${NOW / 1_000}]\n`)
  })

  test('range', async () => {
    const range = [`--start=${RANGE.start}`, `--end=${RANGE.end}`, '--step=5m']
    const said = await ask('range', ...range, url, 'http_requests_total{code="500"}')
    const points = [40, 60, 80].map((value, i) => `${value} @[${NOW / 1_000 - 600 + i * 300}]\n`)
    expect(said).toBe(`http_requests_total{code="500", job="shop"} =>\n${points.join('')}`)
  })

  test('series', async () => {
    const said = await ask('series', '--match={__name__="http_requests_total",code="200"}', url)
    expect(said).toBe('{__name__="http_requests_total", code="200", job="shop"}\n')
  })

  test('labels', async () => {
    expect(await ask('labels', url, 'instance')).toBe('web-1\n')
  })
})

describe('errors are told as Prometheus does', () => {
  const refused = (
    path: string,
    parameters: Record<string, string>,
    error: unknown,
    code = 400,
  ) => {
    test(`${path} ${JSON.stringify(parameters)}`, async () => {
      const answer = await get(path, parameters)
      expect(answer).toEqual({
        code,
        status: 'error',
        errorType: expect.any(String) as string,
        error,
      })
    })
  }
  refused('query', {}, 'invalid parameter "query": it is missing')
  refused(
    'query',
    { query: 'rate(up)' },
    'invalid parameter "query": 1:6: parse error: expected type range vector in call to function "rate", got instant vector',
  )
  refused(
    'format_query',
    { query: 'rate(up)' },
    'invalid parameter "query": 1:6: parse error: expected type range vector in call to function "rate", got instant vector',
  )
  refused(
    'query',
    { query: 'up', time: 'soon' },
    'invalid parameter "time": cannot parse "soon" to a valid timestamp',
  )
  refused(
    'query_range',
    { query: 'up', start: '0', end: '100000', step: '1' },
    'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
  )
  refused(
    'query_range',
    { query: 'up', start: '2', end: '1', step: '1' },
    'invalid parameter "end": end timestamp must not be before start time',
  )
  for (const [name, what] of [
    ['timeout', 'cannot parse "soon" to a valid duration'],
    ['lookback_delta', 'cannot parse "soon" to a valid duration'],
    ['limit', 'limit must be a non-negative number'],
  ] as const) {
    refused('query', { query: 'up', [name]: 'soon' }, `invalid parameter "${name}": ${what}`)
  }
  refused(
    'series',
    { 'match[]': 'up', start: 'soon' },
    'invalid parameter "start": cannot parse "soon" to a valid timestamp',
  )
  refused('query', { query: 'up', timeout: '-5' }, 'query timed out in query execution', 503)
  refused('series', {}, 'no match[] parameter provided')
  refused(
    'query',
    { query: 'http_requests_total * on (job) http_requests_total' },
    expect.stringContaining('found duplicate series for the match group'),
    422,
  )
})

test('a name that is not of letters may be asked for, and hostile values are only values', async () => {
  const query = `{__name__="http_requests_total",code=${JSON.stringify(HOSTILE)}}`
  expect(await get('query', { query, time: seconds(NOW) })).toMatchObject({
    data: { result: [{ metric: { code: HOSTILE }, value: [NOW / 1_000, '80'] }] },
  })
  expect(await opened.store.query('SELECT count() > 0 AS there FROM point')).toEqual([{ there: 1 }])
})

test('what is more than asked for is cut with a warning', async () => {
  expect(await get('query', { query: 'http_requests_total', limit: '2' })).toMatchObject({
    data: { result: { length: 2 } },
    warnings: ['results truncated due to limit'],
  })
  expect(await get('label/code/values', { limit: '1' })).toMatchObject({
    data: ['200'],
    warnings: ['results truncated due to limit'],
  })
})

test('a look-back that is none is the usual one', async () => {
  for (const lookback_delta of ['0', '-5']) {
    const asked = { query: 'count(up)', time: seconds(NOW), lookback_delta }
    expect(await get('query', asked)).toMatchObject({ data: { result: { length: 1 } } })
  }
})

test('a query may not look at another tenant, whatever it says', async () => {
  for (const query of ['of_another_total', '{job="secret"}', '{__name__=~".*another.*"}']) {
    expect(await get('query', { query, time: seconds(NOW) })).toMatchObject({
      data: { result: [] },
    })
  }
})

test('agents are targets', async () => {
  expect(await get('targets')).toMatchObject({
    data: { activeTargets: [{ labels: { instance: 'web-1' }, health: 'up' }] },
  })
  expect(await get('query', { query: 'up', time: seconds(NOW) })).toMatchObject({
    data: { result: [{ metric: { instance: 'web-1' }, value: [NOW / 1_000, '1'] }] },
  })
})

test('flags and the size of the store are told', async () => {
  expect(await get('status/flags')).toMatchObject({ data: { 'query.timeout': '20s' } })
  expect(await get('status/tsdb')).toMatchObject({
    data: { seriesCountByMetricName: expect.arrayContaining([]) as object[] },
  })
  const { data } = await get('status/runtimeinfo')
  expect(Object.keys(data as object)).toEqual(['startTime', 'serverTime'])
})

test('a query is laid out, and told as a tree', async () => {
  const query = 'sum(rate(up[5m]))by(job)'
  expect(await post('format_query', { query })).toMatchObject({
    data: 'sum by (job) (rate(up[5m]))',
  })
  expect(await post('parse_query', { query })).toMatchObject({ data: { type: 'aggregation' } })
})

describe('explained', () => {
  const explained = async (parameters: Record<string, string>) => {
    const { data } = (await post('explain_query', parameters)) as { data: { text: string } }
    return data.text
  }

  test('at one time: the plan, and each statement with its parameters', async () => {
    const text = await explained({
      query: 'sum by (code) (rate(http_requests_total{code="200"}[5m]))',
      time: seconds(NOW),
    })
    expect(text).toMatch(/^sum by \(code\) · 1 step\n {2}rate of leaf 1 · 1 step\nleaf 1: /)
    expect(text).toContain(
      'leaf 1, as it is asked of the store:\n  who it is about\n    SELECT series',
    )
    expect(text).toMatch(
      / {2}samples, not run here\n {4}SELECT series, .*\n {4}FROM point WHERE tenant = \{tenant:String\}/,
    )
    expect(text).toContain('    tenant = ""\n')
    expect(text).toContain('= "200"\n')
    expect(text).toContain('max_execution_time = 20')
  })

  test('over a range, of tables and of machines that report', async () => {
    const range = { start: seconds(NOW - 10 * MINUTE), end: seconds(NOW), step: '15' }
    const load = await explained({ query: 'node_load1', ...range })
    expect(load).toMatch(/^newest .* of leaf 1 · 41 steps\n/)
    expect(load).toMatch(
      / {4}FROM entity FINAL WHERE tenant = [\s\S]* {4}FROM machine WHERE tenant = /,
    )
    expect(await explained({ query: 'up', ...range })).toContain(
      'groupArray(ts) AS at FROM machine',
    )
    expect(await explained({ query: '1 + 1', ...range })).not.toContain('SELECT')
  })

  test('samples are not asked for', async () => {
    const asked: string[] = []
    const { store } = opened
    const recording = {
      queryColumns: (...of: Parameters<typeof store.queryColumns>) => {
        asked.push(of[0])
        return store.queryColumns(...of)
      },
    }
    const settings = { ...house.settings, maxConcurrency: 1 }
    const queries = new StoreQueries(
      new QueryHouse(recording, settings, { waiting: 1, labels: 100 }),
      '',
    )
    await queries.explain('rate(http_requests_total[5m]) / on () node_load1 + up', NOW)
    expect(asked.length).toBeGreaterThan(2)
    expect(asked.filter((sql) => /\bFROM (point|machine)\b/.test(sql))).toEqual([])
  })

  test('what is no query is refused as a query is', async () => {
    expect(await get('explain_query', { query: 'rate(up)' })).toMatchObject({
      code: 400,
      error: expect.stringContaining('expected type range vector') as string,
    })
    const range = { start: '0', end: '60', step: '15' }
    expect(await get('explain_query', { query: 'up[5m]', ...range })).toMatchObject({
      code: 400,
      error: expect.stringContaining('must be Scalar or instant Vector') as string,
    })
  })
})

test('who leaves before the answer leaves nothing behind', async () => {
  const gone = new AbortController()
  const asked = fetch(`${url}/api/v1/query?query=http_requests_total`, { signal: gone.signal })
  gone.abort()
  await expect(asked).rejects.toThrow('aborted')
  await wait(20)
  expect(await get('query', { query: '1' })).toMatchObject({ status: 'success' })
})
