import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Store } from '../../../collector/store/store.ts'
import { StoreError } from '../../../collector/store/store-error.ts'
import { watchedStore } from '../../../collector/store/watched.ts'
import type { Tracing } from '../../../collector/telemetry/tracing.ts'
import { OwnMetrics } from '../../../collector/web/self-metrics.ts'
import { type OpenedStore, openedStore } from '../find/opened-store.ts'

let opened: OpenedStore
beforeAll(async () => {
  opened = await openedStore()
})
afterAll(() => opened[Symbol.asyncDispose]())

const LINK = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 }

/** Keeps titles and attributes. */
function noting() {
  const noted: { title: string; attributes: Record<string, unknown> }[] = []
  const tracing: Tracing = {
    isOwn: () => false,
    run: (_name, title, work) => {
      const attributes: Record<string, unknown> = {}
      noted.push({ title: title(), attributes })
      return work({
        link: LINK,
        set: (more) => void Object.assign(attributes, more),
        fail: () => {},
      })
    },
  }
  return { noted, tracing }
}

const lines = async (own: OwnMetrics, start: string) =>
  (await own.render()).split('\n').filter((line) => line.startsWith(start))

test('statements are told by their first word and the first table that is ours', async () => {
  const { noted, tracing } = noting()
  const store = watchedStore(opened.store, new OwnMetrics(), tracing)
  const f = async (sql: string, title: string) => {
    await store.query(sql, {}, { session: 'evaluate' })
    expect(noted.at(-1)!.title).toBe(title)
  }
  await f('SELECT 1 AS one', 'SELECT')
  await f('\n  SELECT name FROM (SELECT name FROM series FINAL)', 'SELECT series')
  await f('WITH x AS (SELECT 1) SELECT count() FROM machine_1m', 'SELECT machine_1m')
  await f("SELECT 'FROM secrets', count() FROM system.parts", 'SELECT')
  expect(noted[1]!.attributes).toEqual({
    'db.system.name': 'clickhouse',
    'db.operation.name': 'SELECT',
    'db.collection.name': 'series',
    'db.response.returned_rows': 0,
    'candor.store.queue': 'evaluate',
  })
  await store.command("INSERT INTO rollup_progress SELECT 'x', '1m', now64(3)")
  expect(noted.at(-1)!.title).toBe('INSERT rollup_progress')
  expect(noted.at(-1)!.attributes).toMatchObject({ 'candor.store.queue': 'ingest' })
})

test('each statement is timed by queue and result, and seen while it is open', async () => {
  const own = new OwnMetrics()
  const answer = Promise.withResolvers<never[]>()
  const slow: Store = {
    describe: 'slow',
    insertRows: async () => {},
    query: () => answer.promise,
    queryColumns: (...args) => opened.store.queryColumns(...args),
    command: () => Promise.reject(new StoreError('ERR_OVERLOADED', 'too many')),
    detachedParts: async () => undefined,
    close: async () => {},
  }
  const store = watchedStore(slow, own)
  const asked = store.query('SELECT 1')
  expect(await lines(own, 'candor_store_open_queries')).toContain(
    'candor_store_open_queries{queue="query"} 1',
  )
  const failing = watchedStore(opened.store, own).query('SELECT nonsense')
  await expect(failing).rejects.toThrow(StoreError)
  await expect(store.command('DROP', { session: 'background' })).rejects.toThrow('too many')
  answer.resolve([])
  await asked
  const counts = await lines(own, 'candor_store_query_duration_seconds_count')
  expect(counts.toSorted()).toEqual([
    'candor_store_query_duration_seconds_count{queue="background",result="refused"} 1',
    'candor_store_query_duration_seconds_count{queue="query",result="answered"} 1',
    'candor_store_query_duration_seconds_count{queue="query",result="failed"} 1',
  ])
})
