import { afterAll, beforeAll, expect, test } from 'vitest'
import { Labels, METRIC_NAME } from '../../../collector/query/grid/labels.ts'
import { QueryHouse, StoreQueries } from '../../../collector/query/store-queries.ts'
import { Commit } from '../../../collector/receive/commit.ts'
import { OwnSeries } from '../../../collector/receive/own-series.ts'
import { OwnMetrics } from '../../../collector/web/self-metrics.ts'
import { readExposition } from '../../read-exposition.ts'
import { type OpenedStore, openedStore } from '../find/opened-store.ts'
import { someLimits } from '../query/leaf/some-limits.ts'

const T0 = 1_790_000_000_000
const MINUTE = 60_000
const instance = 'm1:9791'

let opened: OpenedStore
let house: QueryHouse
beforeAll(async () => {
  opened = await openedStore()
  const settings = { ...someLimits, maxConcurrency: 2, lookbackMs: 300_000 }
  house = new QueryHouse(opened.store, settings, { waiting: 10, labels: 1_000 })
})
afterAll(() => opened[Symbol.asyncDispose]())

/** Series of a selector at a time, by labels. */
async function at(text: string, timeMs: number): Promise<Readonly<Record<string, number>>> {
  const queries = new StoreQueries(house, '', () => timeMs)
  const { value } = await queries.instant(text, timeMs, {})
  if (value.type !== 'vector') throw new Error(value.type)
  const entries = value.samples.map(({ labels, point }) => {
    const { job, instance: at, ...others } = labels.toObject()
    expect([job, at]).toEqual(['candor', instance])
    return [JSON.stringify(others), point[1]]
  })
  return Object.fromEntries(entries)
}

function setUp() {
  const own = new OwnMetrics()
  const commit = new Commit(opened.store, own)
  const series = new OwnSeries({
    own,
    instance,
    add: (tenant, write) => commit.add(tenant, write),
  })
  return { own, series }
}

test('the store answers as /metrics does, with the labels of a scrape', async () => {
  const { own, series } = setUp()
  own.set('storeFullIn', {}, Infinity)
  own.set('tenantSeries', { tenant: '' }, 3)
  own.set('tenantSeries', { tenant: 'shop' }, 4)
  own.inc('receivePoints', { protocol: 'otlp' }, 5)
  own.observe('storeCommits', { result: 'stored' }, 0.1)
  const page = [...readExposition(await own.render()).values()].filter(
    ({ name }) => name.startsWith('candor_') && !/_(?:bucket|sum|count)$/.test(name),
  )
  expect(page.length).toBeGreaterThan(5)
  await series.write(T0)
  const stored = await at('{__name__=~"candor_.+"}', T0)
  const shown = page.map(({ name, labels, value }) => {
    const told = Object.entries(labels).filter(([, text]) => text !== '')
    const all = Labels.of({ ...Object.fromEntries(told), [METRIC_NAME]: name })
    return [JSON.stringify(all.toObject()), value]
  })
  expect(stored).toEqual(Object.fromEntries(shown))
})

test('what is no longer told ends at once, and comes back', async () => {
  const { own, series } = setUp()
  const disk = 'candor_store_disk_full_in_seconds'
  own.set('storeFullIn', {}, 7)
  await series.write(T0 + MINUTE)
  own.set('storeFullIn', {}, Number.NaN)
  await series.write(T0 + 2 * MINUTE)
  own.set('storeFullIn', {}, 8)
  await series.write(T0 + 3 * MINUTE)
  expect(Object.values(await at(disk, T0 + 1.5 * MINUTE))).toEqual([7])
  expect(await at(disk, T0 + 2.5 * MINUTE)).toEqual({})
  expect(Object.values(await at(disk, T0 + 3.5 * MINUTE))).toEqual([8])
})

test('a round is one insert of a sample a series, whatever the rounds before have counted', async () => {
  const { own, series } = setUp()
  const rows = async (table: string) => {
    const all = (await own.values()).filter(({ labels }) => labels['table'] === table)
    const of = (name: string) => all.find((each) => each.name === name)!.value
    return [of('storeInserts'), of('storeRows')]
  }
  for (let round = 0; round < 3; round++) await series.write(T0 + (10 + round) * MINUTE)
  const [before, rowsBefore] = await rows('point')
  const announced = await rows('series')
  for (let round = 3; round < 6; round++) await series.write(T0 + (10 + round) * MINUTE)
  const [after, rowsAfter] = await rows('point')
  expect(after! - before!).toBe(3)
  expect(rowsAfter! - rowsBefore!).toBe(3 * (await own.values()).length)
  expect(await rows('series')).toEqual(announced)
})

test('a round that is not stored is told again by the next', async () => {
  const { own } = setUp()
  const failing = {
    insertRows: () => Promise.reject(new Error('no room')),
  }
  const commits = [new Commit(failing, own), new Commit(opened.store, own)]
  const series = new OwnSeries({
    own,
    instance: 'm2:9791',
    add: (tenant, write) => commits[0]!.add(tenant, write),
  })
  await expect(series.write(T0 + 30 * MINUTE)).rejects.toThrow('no room')
  commits.shift()
  await series.write(T0 + 31 * MINUTE)
  const queries = new StoreQueries(house, '', () => T0 + 31 * MINUTE)
  const text = 'candor_collector_build_info{instance="m2:9791"}'
  const { value } = await queries.instant(text, T0 + 31 * MINUTE, {})
  expect(value).toMatchObject({ samples: { length: 1 } })
})
