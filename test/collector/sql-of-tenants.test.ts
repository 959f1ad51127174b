/**
 * Every query that the collector makes to show or judge something is of one tenant: all are made here,
 * recorded and read. What keeps the store in shape is of all tenants alike and no part of this.
 */
import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Access } from '../../collector/access/access.ts'
import { Alerts } from '../../collector/alert/alerts.ts'
import { literal } from '../../collector/store/column-sql.ts'
import type { Store } from '../../collector/store/store.ts'
import { View } from '../../collector/view/view.ts'
import { OwnMetrics } from '../../collector/web/self-metrics.ts'
import { QueryHouse, StoreQueries } from '../../collector/query/store-queries.ts'
import { buildServer } from '../../collector/web/server.ts'
import { silentLog } from '../../settings/log.ts'
import { inFolder, read, sources } from '../tree.ts'
import { container, FleetRows, jvm, machine } from './find/fleet-rows.ts'
import { type OpenedStore, openedStore } from './find/opened-store.ts'
import { addSeries } from './query/points.ts'
import { makeSlo, ratioOf, thresholdOf } from './slo/slo.ts'
import { readings } from './sql-of-tenants.ts'

const NOW = Date.UTC(2026, 10, 1, 12)
const TENANT = 'shop'
const asked: { readonly sql: string; readonly tenant: unknown }[] = []
let opened: OpenedStore
let view: View

/** Tables that have tenants. */
const tables = readdirSync('collector/store/sql')
  .map((file) => file.replace('.sql', ''))
  .filter((name) => /^ {4}tenant /m.test(read(`collector/store/sql/${name}.sql`)))

beforeAll(async () => {
  opened = await openedStore()
  const { store } = opened
  const recording: Store = {
    ...store,
    describe: store.describe,
    insertRows: (batch) => store.insertRows(batch),
    query: (sql, params = {}, options) => {
      asked.push({ sql, tenant: params['tenant'] })
      return store.query(sql, params, options)
    },
    queryColumns: (sql, params = {}, options) => {
      asked.push({ sql, tenant: params['tenant'] })
      return store.queryColumns(sql, params, options)
    },
  }
  const rows = new FleetRows(TENANT)
  for (let timeMs = NOW - 60_000; timeMs <= NOW; timeMs += 10_000) {
    rows
      .add('machine', machine('web-1'), timeMs, { cpu_cores: 8 })
      .add('container', container('web-1', '/docker/shop'), timeMs, { cpu_usage_seconds: 1 })
      .add('runtime', jvm('web-1', 77, '/docker/shop'), timeMs, { heap_max_bytes: 1e9 })
    addSeries(rows.batch, 'http_total', { code: '200' }, [[timeMs - 300_000, 1]], TENANT)
  }
  await store.insertRows(rows.batch)
  const own = new OwnMetrics()
  const log = silentLog()
  const slos = [
    makeSlo('narrow', { tenant: TENANT, indicator: ratioOf('http_total') }),
    makeSlo('typed', { tenant: TENANT, indicator: ratioOf('node_cpu_seconds_total') }),
    makeSlo('load', { tenant: TENANT, indicator: thresholdOf('node_load1', 'lte', 1) }),
    makeSlo('filesystem', {
      tenant: TENANT,
      indicator: thresholdOf('node_filesystem_avail_bytes{instance="web-1"}', 'gte', 1),
    }),
  ]
  view = new View({
    tenant: TENANT,
    store: recording,
    own,
    slos,
    log,
    lastMs: () => NOW,
  })
  const alerts = new Alerts({ alertmanagers: [], externalUrl: '', own, log })
  const telling = { alerts, recalled: Promise.resolve() }
  await view.evaluate(NOW, new AbortController().signal, telling)
  const limits = { timeoutMs: 20_000, maxSamples: 1e6, maxSeries: 1e4, memoryBytes: 1 << 28 }
  const house = new QueryHouse(
    recording,
    { ...limits, maxConcurrency: 2, lookbackMs: 300_000 },
    { waiting: 10, labels: 1_000 },
  )
  const app = await buildServer({
    views: { of: () => view, all: () => [view] },
    own,
    access: new Access({}, own),
    asking: {
      of: () => new StoreQueries(house, TENANT, () => NOW),
      program: { startedMs: NOW, evaluationMs: 15_000, flags: {} },
    },
    log,
    now: () => NOW,
  })
  const between = `start=${(NOW - 600_000) / 1_000}&end=${NOW / 1_000}`
  const queries = ['up', 'http_total', 'node_cpu_seconds_total', '{instance="web-1"}'].flatMap(
    (query) => [
      `query?query=${encodeURIComponent(query)}&time=${NOW / 1_000}`,
      `query_range?query=${encodeURIComponent(`sum(rate(${query}[5m]))`)}&${between}&step=15`,
      `series?match[]=${encodeURIComponent(query)}&${between}`,
      `labels?match[]=${encodeURIComponent(query)}&${between}`,
      `label/instance/values?match[]=${encodeURIComponent(query)}&${between}`,
      `explain_query?query=${encodeURIComponent(query)}&time=${NOW / 1_000}`,
    ],
  )
  const listed = ['labels', 'label/__name__/values', 'label/code/values', 'metadata', 'status/tsdb']
  const shown = ['entities', 'findings', 'runtimes', 'slos', 'facts', 'facts?entity=1', 'targets']
  for (const path of [...shown, ...queries, ...listed]) {
    const { statusCode, body } = await app.inject({ url: `/api/v1/${path}` })
    if (statusCode !== 200) throw new Error(`${path}: ${body}`)
  }
  await app.close()
})
afterAll(() => opened[Symbol.asyncDispose]())

test('every table with tenants is read for the tenant who asks alone', () => {
  expect(view.findings.evaluation()).toEqual({ state: 'current', lastMs: NOW })
  expect(view.findings.runtimes()).toHaveLength(1)
  const wrong = asked.flatMap(({ sql, tenant }) =>
    readings(sql)
      .filter(({ table }) => tables.includes(table))
      .filter(({ isGuarded }) => !isGuarded || tenant !== TENANT)
      .map(({ table }) => ({ table, tenant, sql })),
  )
  expect(wrong).toEqual([])
})

test('and all that is read anywhere was read here', () => {
  const named = inFolder(sources, 'collector')
    .filter((path) => !path.startsWith('collector/store/'))
    .flatMap((path) => [...read(path).matchAll(/\b(?:FROM|JOIN) ([a-z_]+)\b/g)])
    .map(([, table]) => table!)
    .filter((table) => tables.includes(table))
  const seen = asked.flatMap(({ sql }) => readings(sql).map(({ table }) => table))
  expect([...new Set(named)].filter((table) => !seen.includes(table))).toEqual([])
  expect(new Set(named).size).toBeGreaterThan(5)
})

test('what names no tenant, another one, or one beside others is seen', () => {
  const f = (sql: string, want: boolean) =>
    expect(
      readings(sql)
        .filter(({ table }) => table === 'entity')
        .every(({ isGuarded }) => isGuarded),
      sql,
    ).toBe(want)
  f('SELECT 1 FROM entity WHERE tenant = {tenant:String}', true)
  f('SELECT 1 FROM entity FINAL WHERE kind = 1 AND tenant = {tenant:String} GROUP BY a', true)
  f('SELECT 1 FROM (SELECT 2 FROM entity WHERE tenant = {tenant:String}) WHERE a OR b', true)
  f('SELECT 1 FROM entity', false)
  f(`SELECT 1 FROM entity WHERE tenant = ${literal('')}`, false)
  f('SELECT 1 FROM entity WHERE tenant != {tenant:String}', false)
  f('SELECT 1 FROM entity WHERE tenant = {tenant:String} OR 1', false)
  f('SELECT tenant = {tenant:String} FROM entity WHERE 1', false)
  f("SELECT 1 FROM entity WHERE 'AND tenant = {tenant:String} AND'", false)
  f('SELECT 1 FROM a WHERE tenant = {tenant:String} UNION ALL SELECT 1 FROM entity', false)
  f('SELECT 1 FROM a JOIN (SELECT 1 FROM entity) WHERE tenant = {tenant:String}', false)
  f('WITH e AS (SELECT 1 FROM entity) SELECT 1 FROM e WHERE tenant = {tenant:String}', false)
})
