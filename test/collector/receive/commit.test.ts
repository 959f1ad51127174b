import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { limits } from '../../../catalog/limit.ts'
import { Commit } from '../../../collector/receive/commit.ts'
import { Pace } from '../../../collector/receive/pace.ts'
import { Tenant } from '../../../collector/receive/tenant.ts'
import { type ColumnBatch } from '../../../collector/store/columns.ts'
import { text } from '../../../collector/store/shape.ts'
import { StoreError } from '../../../collector/store/store-error.ts'
import { OwnMetrics } from '../../../collector/web/self-metrics.ts'

const shape = { table: 't', columns: [text('name')] }
const announced = { table: 'announced', columns: [text('name')] }
const tenant = new Tenant('')

/** Inserts that end when the test says so; what they held when they began is kept. */
class HeldInserts {
  readonly begun: string[][] = []
  readonly batches: ColumnBatch[] = []
  readonly #ends: PromiseWithResolvers<void>[] = []

  insertRows(batch: ColumnBatch): Promise<void> {
    this.begun.push([...(batch.table(shape).values(0) as string[])])
    this.batches.push(batch)
    const end = Promise.withResolvers<void>()
    this.#ends.push(end)
    return end.promise
  }

  end(insert: number, error?: Error): void {
    if (error === undefined) this.#ends[insert]!.resolve()
    else this.#ends[insert]!.reject(error)
  }
}

function setUp(pace = new Pace()) {
  const inserts = new HeldInserts()
  const own = new OwnMetrics()
  const commit = new Commit(inserts, own, pace)
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

test('where no insert may start yet, requests wait for each other', async () => {
  const { inserts, settled, add } = setUp(new Pace(50, 1))
  add('a')
  inserts.end(0)
  await setImmediate()
  add('b')
  add('c')
  expect(inserts.begun).toEqual([['a']])
  await expect.poll(() => inserts.begun).toEqual([['a'], ['b', 'c']])
  expect(settled).toEqual(['a'])
  inserts.end(1)
  await setImmediate()
  expect(settled).toEqual(['a', 'b', 'c'])
})

test('what is large enough waits for no others', async () => {
  const { inserts, add } = setUp(new Pace(1e6, 1))
  const large = 'x'.repeat(limits.groupBytes.value)
  add('a')
  inserts.end(0)
  await setImmediate()
  add('b')
  expect(inserts.begun).toHaveLength(1)
  add(large)
  expect(inserts.begun.map((names) => names.length)).toEqual([1, 2])
})

test('why the last insert failed is known until one works', async () => {
  const { inserts, commit, add } = setUp()
  expect(commit.failure).toBeUndefined()
  add('a')
  inserts.end(0, new StoreError('ERR_STORE_INSERT', 'disk full'))
  await setImmediate()
  expect(commit.failure).toBe('disk full')
  add('b')
  expect(commit.failure).toBe('disk full')
  inserts.end(1)
  await setImmediate()
  expect(commit.failure).toBeUndefined()
})

/** Adds a row, and announces a series if that is due. */
const announcing = (name: string, id: bigint) => (batch: ColumnBatch) => {
  batch.table(shape).append([name])
  if (tenant.series.isDue(id, 0n, 0, 0)) batch.table(announced).append([name])
}

test('a failed insert fails those that relied on what it announced, and no later one', async () => {
  const { inserts, own, settled, commit, add } = setUp()
  const rely = (name: string) =>
    void commit.add(tenant, announcing(name, 1n)).then(
      () => settled.push(name),
      () => settled.push(`${name} failed`),
    )
  rely('first')
  rely('second')
  inserts.end(0, new StoreError('ERR_STORE_INSERT', 'disk is full', { table: 't' }))
  await setImmediate()
  expect(settled).toEqual(['first failed', 'second failed'])
  expect(inserts.begun).toEqual([['first']])
  rely('third')
  expect(inserts.batches[1]!.table(announced).values(0)).toEqual(['third'])
  inserts.end(1)
  await setImmediate()
  add('fourth')
  inserts.end(2)
  await setImmediate()
  expect(settled).toEqual(['first failed', 'second failed', 'third', 'fourth'])
  expect(tenant.series.isDue(1n, 0n, 0, 0)).toBe(false)
  const text = await own.render()
  expect(text).toContain('candor_store_inserts_total{table="t",result="failed"} 1')
  expect(text).toContain('candor_store_inserts_total{table="t",result="stored"} 2')
  expect(text).toContain('candor_store_rows_total{table="t"} 2')
})

test('a group that is large enough takes no more requests, and fails with the one before it', async () => {
  const { inserts, settled, commit, add } = setUp()
  const large = 'x'.repeat(limits.groupBytes.value)
  add('a')
  void commit.add(tenant, announcing(large, 2n)).catch(() => settled.push('large failed'))
  expect(commit.bytes).toBeGreaterThan(large.length)
  void commit.add(tenant, announcing('c', 3n)).catch(() => settled.push('c failed'))
  inserts.end(0)
  await setImmediate()
  expect(inserts.begun).toEqual([['a'], [large]])
  inserts.end(1, new StoreError('ERR_STORE_INSERT', 'disk is full'))
  await setImmediate()
  expect(settled).toEqual(['a', 'large failed', 'c failed'])
  expect(commit.bytes).toBe(0)
  expect(tenant.series.isDue(2n, 0n, 0, 0)).toBe(true)
  expect(tenant.series.isDue(3n, 0n, 0, 0)).toBe(true)
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
