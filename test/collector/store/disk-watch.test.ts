import { hostname } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Findings } from '../../../collector/find/findings.ts'
import { DiskWatch } from '../../../collector/store/disk-watch.ts'
import type { Store } from '../../../collector/store/store.ts'
import { OwnMetrics } from '../../../collector/web/self-metrics.ts'
import { findingId } from '../../../judge/lifecycle.ts'
import { silentLog } from '../../../settings/log.ts'
import { FleetRows, machine } from '../find/fleet-rows.ts'
import { type OpenedStore, openedStore } from '../find/opened-store.ts'

const DAY_MS = 86_400_000
const NOW = Date.UTC(2026, 10, 10, 12)
const retention = { raw: 15 * DAY_MS, minutes: 90 * DAY_MS, hours: 400 * DAY_MS }

let opened: OpenedStore
beforeAll(async () => {
  opened = await openedStore()
})
afterAll(() => opened[Symbol.asyncDispose]())

type Asked = Pick<Store, 'query' | 'describe'>

const onDiskOf = (store: Store, freeBytes: number): Asked => ({
  describe: store.describe,
  query: async (sql, params, options) =>
    sql.includes('system.disks')
      ? ([{ freeBytes, sizeBytes: 2 ** 40 }] as never)
      : await store.query(sql, params, options),
})

const watchOf = (store: Asked, own: OwnMetrics) =>
  new DiskWatch({ store, kind: { path: 'unused' }, retention, own })

async function figures(own: OwnMetrics): Promise<Record<string, number>> {
  const lines = (await own.render()).split('\n')
  return Object.fromEntries(
    lines
      .filter((line) => /^candor_store_(size|disk|growth|final)/.test(line))
      .map((line) => line.split(' '))
      .map(([name, value]) => [name!, value === '+Inf' ? Infinity : Number(value)]),
  )
}

async function insertDays(store: Store, days: number): Promise<void> {
  const rows = new FleetRows('')
  for (let day = 1; day <= days; day++) {
    for (let pass = 0; pass < 200; pass++) {
      rows.add('machine', machine('web-1'), NOW - day * DAY_MS + pass * 10_000, {
        cpu_cores: 8,
        memory_mem_total_bytes: 1e9 * Math.random(),
      })
    }
  }
  await store.insertRows(rows.batch)
}

test('an empty store: size and disk are known, when it is full is not', async () => {
  const own = new OwnMetrics()
  const watch = watchOf(opened.store, own)
  expect(watch.judged()).toEqual([])
  expect(await figures(own)).toEqual({})
  await watch.look(NOW)
  const told = await figures(own)
  expect(Object.keys(told)).toEqual([
    'candor_store_size_bytes',
    'candor_store_disk_size_bytes',
    'candor_store_disk_free_bytes',
  ])
  expect(told['candor_store_disk_free_bytes']).toBeGreaterThan(0)
  expect(told['candor_store_disk_size_bytes']).toBeGreaterThan(
    told['candor_store_disk_free_bytes']!,
  )
  expect(watch.judged()).toMatchObject([
    { rule: 'store.disk-full', judgement: { kind: 'not-judged' } },
  ])
})

test('with whole days: never full on a large disk, a finding like any other on a small one', async () => {
  await insertDays(opened.store, 3)
  const own = new OwnMetrics()
  const large = watchOf(onDiskOf(opened.store, 2 ** 40), own)
  await large.look(NOW)
  expect(large.judged()).toMatchObject([{ judgement: { kind: 'fine' } }])
  const told = await figures(own)
  expect(told['candor_store_disk_full_in_seconds']).toBe(Infinity)
  expect(told['candor_store_growth_bytes_per_second']).toBeGreaterThan(0)
  expect(told['candor_store_final_size_bytes']).toBeGreaterThan(told['candor_store_size_bytes']!)

  const perDay = told['candor_store_growth_bytes_per_second']! * 86_400
  const small = watchOf(onDiskOf(opened.store, 5.5 * perDay), own)
  await small.look(NOW)
  expect((await figures(own))['candor_store_disk_full_in_seconds']).toBeCloseTo(5.5 * 86_400, 0)

  const findings = new Findings({
    store: opened.store,
    own,
    log: silentLog(),
    ourselves: small.judged,
  })
  await findings.evaluate(NOW)
  expect(findings.list()).toEqual([])
  await findings.evaluate(NOW + 15_000)
  expect(findings.list()).toMatchObject([
    {
      rule: 'store.disk-full',
      severity: 'warning',
      machine: hostname(),
      name: `store (${opened.store.describe})`,
      summary: expect.stringMatching(/^At this rate the disk is full in 5 days/),
      consequences: [],
    },
  ])
  expect(await own.render()).toContain(
    'candor_findings{rule="store.disk-full",severity="warning"} 1',
  )
})

test('a finding is over when there is room again, though no machine reports', async () => {
  const own = new OwnMetrics()
  let free = 1
  const store: Asked = {
    describe: opened.store.describe,
    query: (sql, params, options) => onDiskOf(opened.store, free).query(sql, params, options),
  }
  const watch = watchOf(store, own)
  const findings = new Findings({
    store: opened.store,
    own,
    log: silentLog(),
    ourselves: watch.judged,
  })
  let now = NOW
  const evaluate = async (times: number) => {
    for (let i = 0; i < times; i++) {
      await watch.look((now += 15_000))
      await findings.evaluate(now)
    }
    return findings.list().map(({ rule }) => rule)
  }
  expect(await evaluate(2)).toEqual(['store.disk-full'])
  free = 2 ** 40
  expect(await evaluate(2)).toEqual(['store.disk-full'])
  expect(await evaluate(1)).toEqual([])
})

test('what could not be read is not known, and no finding is told of it', async () => {
  const own = new OwnMetrics()
  let fails = false
  const store: Asked = {
    describe: 'embedded, /data',
    query: (sql, params, options) =>
      fails ? Promise.reject(new Error('gone')) : opened.store.query(sql, params, options),
  }
  const watch = watchOf(store, own)
  await watch.look(NOW)
  fails = true
  await expect(watch.look(NOW)).rejects.toThrow('gone')
  expect(await figures(own)).toEqual({})
  expect(watch.judged()).toMatchObject([{ judgement: { kind: 'not-judged' } }])
})

test('tenants without a store of their own are told nothing of it', async () => {
  const own = new OwnMetrics('tenant')
  const findings = new Findings({ store: opened.store, own, log: silentLog(), tenant: 'shop' })
  await findings.evaluate(NOW)
  expect(await own.render()).not.toContain('store.disk-full')
})

test('collectors that share a server speak of one store, those of a machine of theirs', () => {
  const idOf = (kind: ConstructorParameters<typeof DiskWatch>[0]['kind'], describe: string) => {
    const own = new OwnMetrics()
    const store: Asked = { describe, query: () => Promise.reject(new Error('never asked')) }
    const watch = new DiskWatch({ store, kind, retention, own })
    return watch.look(NOW).catch(() => findingId('store.disk-full', watch.judged()[0]!.subject))
  }
  return expect(
    Promise.all([
      idOf({ url: 'http://db:8123' }, 'server, db:8123'),
      idOf({ path: '/data' }, 'embedded, /data'),
    ]),
  ).resolves.toEqual([
    'store.disk-full//server%2C%20db:8123',
    `store.disk-full/${hostname()}/embedded%2C%20%2Fdata`,
  ])
})
