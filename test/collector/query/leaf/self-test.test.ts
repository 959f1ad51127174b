import { afterAll, beforeAll, expect, test } from 'vitest'
import { pushedAsks } from '../../../../collector/query/leaf/pushed.ts'
import { trustedAsks } from '../../../../collector/query/leaf/self-test.ts'
import type { Store } from '../../../../collector/store/store.ts'
import { OwnMetrics } from '../../../../collector/web/self-metrics.ts'
import { silentLog } from '../../../../settings/log.ts'
import { type OpenedStore, openedStore } from '../../find/opened-store.ts'

let opened: OpenedStore
beforeAll(async () => {
  opened = await openedStore()
})
afterAll(() => opened[Symbol.asyncDispose]())

/** A store that takes one function for another. */
const mistaken = (from: string, to: string): Pick<Store, 'queryColumns'> => ({
  queryColumns: (sql, ...rest) => opened.store.queryColumns(sql.replace(from, to), ...rest),
})
const lines = async (own: OwnMetrics) =>
  (await own.render()).split('\n').filter((line) => /^\w+_query_pushdown\{/.test(line))

test('all functions of this store are right', async () => {
  const own = new OwnMetrics()
  expect([...(await trustedAsks(opened.store, own, silentLog()))]).toEqual(pushedAsks)
  expect(await lines(own)).toHaveLength(pushedAsks.length)
})

test('one that answers otherwise, or is not there, is not used', async () => {
  const f = async (to: string) => {
    const own = new OwnMetrics()
    const store = mistaken('timeSeriesRateToGrid', to)
    const trusted = await trustedAsks(store, own, silentLog())
    expect([...trusted]).toEqual(pushedAsks.filter((ask) => ask !== 'rate'))
    expect(await lines(own)).toContain('candor_collector_query_pushdown{function="rate"} 0')
  }
  await f('timeSeriesIncreaseToGrid')
  await f('timeSeriesNothingToGrid')
})
