import { afterAll, beforeAll, expect, test } from 'vitest'
import { machineCpu } from '../../../catalog/tables/machine-cpu.ts'
import { QueryHouse, StoreQueries } from '../../../collector/query/store-queries.ts'
import { ColumnBatch } from '../../../collector/store/columns.ts'
import { OwnMetrics } from '../../../collector/web/self-metrics.ts'
import { silentLog } from '../../../settings/log.ts'
import { type OpenedStore, openedStore } from '../find/opened-store.ts'
import { someLimits } from './leaf/some-limits.ts'
import { addEntity, addSeries, addTyped } from './points.ts'

const T0 = 1_790_000_000_000
let opened: OpenedStore
let house: QueryHouse
let queries: StoreQueries

beforeAll(async () => {
  opened = await openedStore()
  const batch = new ColumnBatch()
  addEntity(batch, 'machine', 1n, T0, { 'host.name': 'm1' })
  for (let i = 0; i < 60; i++) {
    for (const cpu of ['0', '1']) {
      const seconds = { user_seconds: i * (Number(cpu) + 1), idle_seconds: 3 * i }
      addTyped(batch, machineCpu, 1n, T0 + i * 10_000, { cpu, ...seconds })
    }
  }
  for (const code of ['200', '500']) {
    addSeries(
      batch,
      'http_requests_total',
      { code, instance: 'm1', job: 'web' },
      Array.from({ length: 60 }, (_, i) => [T0 + i * 10_000, (i * Number(code)) / 100]),
    )
  }
  await opened.store.insertRows(batch)
  const settings = { ...someLimits, maxConcurrency: 2, lookbackMs: 300_000 }
  house = new QueryHouse(opened.store, settings, { waiting: 10, labels: 1_000 })
  await house.test(new OwnMetrics(), silentLog())
  queries = new StoreQueries(house, '', () => T0 + 600_000)
})
afterAll(() => opened[Symbol.asyncDispose]())

async function at(text: string, options = {}) {
  const { value } = await queries.instant(text, T0 + 590_000, options)
  if (value.type !== 'vector') throw new Error(value.type)
  return value.samples.map(({ labels, point }) => [labels.toObject(), point[1]])
}

test('operators go over both kinds of tables', async () => {
  expect(await at('sort_desc(sum by (mode) (rate(node_cpu_seconds_total[5m])))')).toEqual([
    [{ mode: 'idle' }, expect.closeTo(0.6, 9)],
    [{ mode: 'user' }, expect.closeTo(0.3, 9)],
  ])
  const ratio = `sum by (instance) (rate(http_requests_total{code="500"}[5m]))
    / sum by (instance) (rate(node_cpu_seconds_total{mode="user"}[5m]))`
  expect(await at(ratio)).toEqual([[{ instance: 'm1' }, expect.closeTo(5 / 3, 9)]])
})

test('a range says at each step what a single time says', async () => {
  const grid = { startMs: T0 + 100_000, endMs: T0 + 580_000, stepMs: 60_000 }
  for (const text of [
    'rate(node_cpu_seconds_total[2m])',
    'http_requests_total',
    'increase(http_requests_total[3m]) > 30',
  ]) {
    const { value } = await queries.range(text, grid)
    if (value.type !== 'matrix') throw new Error(value.type)
    for (let ms = grid.startMs; ms <= grid.endMs; ms += grid.stepMs) {
      const single = await queries.instant(text, ms)
      if (single.value.type !== 'vector') throw new Error(single.value.type)
      const steps = value.series.flatMap(({ labels, times, values }) => {
        const i = times.indexOf(ms)
        return i < 0 ? [] : `${labels.key} ${values[i]!.toPrecision(9)}`
      })
      const singly = single.value.samples.map(
        ({ labels, point }) => `${labels.key} ${point[1].toPrecision(9)}`,
      )
      expect(new Set(singly)).toEqual(new Set(steps))
    }
  }
})

test('answers and lists are cut where a limit says so, and say it', async () => {
  const { value, warnings } = await queries.instant('node_cpu_seconds_total', T0 + 590_000, {
    limit: 3,
  })
  expect(value.type === 'vector' && value.samples.length).toBe(3)
  expect(warnings).toEqual(['results truncated due to limit'])
  const between = { fromMs: T0, toMs: T0 + 600_000 }
  const some = await queries.series(['node_cpu_seconds_total'], between, { limit: 3 })
  expect([some.items.length, some.isCut]).toEqual([3, true])
  const all = await queries.series(['node_cpu_seconds_total'], between)
  expect([all.items.length, all.isCut]).toEqual([4, false])
  const names = await queries.labelNames([], between)
  expect(names.items).toEqual(['__name__', 'code', 'cpu', 'instance', 'job', 'mode'])
  const codes = await queries.labelValues('code', ['http_requests_total{code!="200"}'], between)
  expect(codes.items).toEqual(['500'])
  expect((await queries.metadata('node_cpu_seconds_total')).items).toHaveLength(1)
  expect((await queries.cardinality()).series).toBe(6)
})

test('what is no selector is refused before anything is asked', async () => {
  const between = { fromMs: T0, toMs: T0 + 600_000 }
  await expect(queries.series(['rate(up[5m])'], between)).rejects.toThrow('a selector')
  await expect(queries.series(['{}'], between)).rejects.toThrow('matcher')
})

test('a query that is given up ends, and the next is answered', async () => {
  const signal = AbortSignal.abort()
  await expect(at('http_requests_total', { signal })).rejects.toMatchObject({ kind: 'canceled' })
  expect(await at('http_requests_total')).toHaveLength(2)
})
