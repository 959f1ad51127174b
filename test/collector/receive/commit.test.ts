import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Commit } from '../../../collector/receive/commit.ts'
import { Tenant } from '../../../collector/receive/rows.ts'
import { type ColumnBatch } from '../../../collector/store/columns.ts'
import { text } from '../../../collector/store/shape.ts'
import { StoreError } from '../../../collector/store/store-error.ts'
import { OwnMetrics } from '../../../collector/web/self-metrics.ts'

const shape = { table: 't', columns: [text('name')] }
const tenant = new Tenant('')

/** Inserts that end when the test says so; what they held when they began is kept. */
class HeldInserts {
  readonly begun: string[][] = []
  readonly #ends: PromiseWithResolvers<void>[] = []

  insertRows(batch: ColumnBatch): Promise<void> {
    this.begun.push([...(batch.table(shape).values(0) as string[])])
    const end = Promise.withResolvers<void>()
    this.#ends.push(end)
    return end.promise
  }

  end(insert: number, error?: Error): void {
    if (error === undefined) this.#ends[insert]!.resolve()
    else this.#ends[insert]!.reject(error)
  }
}

function setUp() {
  const inserts = new HeldInserts()
  const own = new OwnMetrics()
  const commit = new Commit(inserts, own)
  const settled: string[] = []
  const add = (name: string) => {
    const stored = commit.add(tenant, (batch) => void batch.table(shape).append([name]))
    void stored.then(
      () => settled.push(name),
      () => settled.push(`${name} failed`),
    )
  }
  return { inserts, own, commit, settled, add }
}

test('the first starts an insert, those that come meanwhile share the next', async () => {
  const { inserts, settled, add } = setUp()
  add('a')
  expect(inserts.begun).toEqual([['a']])
  add('b')
  add('c')
  await setImmediate()
  expect(inserts.begun).toEqual([['a']])
  expect(settled).toEqual([])
  inserts.end(0)
  await setImmediate()
  expect(settled).toEqual(['a'])
  expect(inserts.begun).toEqual([['a'], ['b', 'c']])
  inserts.end(1)
  await setImmediate()
  expect(settled).toEqual(['a', 'b', 'c'])
  add('d')
  expect(inserts.begun.at(-1)).toEqual(['d'])
  inserts.end(2)
})

test('a failed insert fails its requests and no other, and what it announced is due again', async () => {
  const { inserts, own, settled, add, commit } = setUp()
  void commit
    .add(tenant, (batch) => {
      batch.table(shape).append(['a'])
      tenant.series.isDue(1n, 0n, 0, 0)
    })
    .catch(() => settled.push('a failed'))
  add('b')
  inserts.end(0, new StoreError('ERR_STORE_INSERT', 'disk is full', { table: 't' }))
  await setImmediate()
  expect(settled).toEqual(['a failed'])
  inserts.end(1)
  await setImmediate()
  expect(settled).toEqual(['a failed', 'b'])
  expect(tenant.series.isDue(1n, 0n, 0, 0)).toBe(true)
  const text = await own.render()
  expect(text).toContain('candor_store_inserts_total{table="t",result="failed"} 1')
  expect(text).toContain('candor_store_inserts_total{table="t",result="stored"} 1')
  expect(text).toContain('candor_store_rows_total{table="t"} 1')
})

test('a request that breaks off leaves nothing', async () => {
  const { inserts, settled, add, commit } = setUp()
  add('a')
  add('b')
  expect(() =>
    commit.add(tenant, (batch) => {
      batch.table(shape).append(['half'])
      tenant.entities.isDue(5n, 0n, 0, 0)
      throw new Error('malformed')
    }),
  ).toThrow('malformed')
  add('c')
  inserts.end(0)
  await setImmediate()
  expect(inserts.begun).toEqual([['a'], ['b', 'c']])
  inserts.end(1)
  await setImmediate()
  expect(settled).toEqual(['a', 'b', 'c'])
  expect(tenant.entities.isDue(5n, 0n, 0, 0)).toBe(true)
})

test('a request without rows waits for nobody', async () => {
  const { inserts, commit, settled } = setUp()
  await commit.add(tenant, () => {})
  expect(inserts.begun).toEqual([])
  expect(settled).toEqual([])
})
