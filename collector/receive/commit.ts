/**
 * Group commit. Requests that come while an insert runs share the next one; when none runs, one
 * starts at once. A request is told that it is stored only when every row of its group is, in every
 * table; when the insert fails, all of its requests fail and their senders try again.
 */
import { ColumnBatch } from '../store/columns.ts'
import { StoreError } from '../store/store-error.ts'
import type { Store } from '../store/store.ts'
import type { OwnMetrics } from '../web/self-metrics.ts'
import type { Tenant } from './rows.ts'

/** Requests that are stored together. */
class Group {
  readonly batch: ColumnBatch
  readonly stored = Promise.withResolvers<void>()
  readonly tenants = new Set<Tenant>()

  constructor(batch: ColumnBatch) {
    this.batch = batch
  }
}

export class Commit {
  readonly #store: Pick<Store, 'insertRows'>
  readonly #own: OwnMetrics
  #next = new Group(new ColumnBatch())
  /** The batch that is not being filled, when it is not being inserted either. */
  #spare = new ColumnBatch()
  #isRunning = false

  constructor(store: Pick<Store, 'insertRows'>, own: OwnMetrics) {
    this.#store = store
    this.#own = own
  }

  /**
   * Lets `write` add its rows to the next group. When it throws, none of them stay. The promise
   * settles with the group: a StoreError when it could not be stored.
   */
  add(tenant: Tenant, write: (batch: ColumnBatch) => void): Promise<void> {
    const { batch, stored, tenants } = this.#next
    const mark = batch.mark()
    const entities = tenant.entities.mark()
    const series = tenant.series.mark()
    try {
      write(batch)
    } catch (error) {
      batch.rollback(mark)
      tenant.entities.rollback(entities)
      tenant.series.rollback(series)
      throw error
    }
    if (batch.rows === 0) return Promise.resolve()
    tenants.add(tenant)
    if (!this.#isRunning) void this.#run()
    return stored.promise
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    while (this.#next.batch.rows > 0) {
      const group = this.#next
      this.#next = new Group(this.#spare)
      const announced = [...group.tenants].map((tenant) => ({
        tenant,
        entities: tenant.entities.take(),
        series: tenant.series.take(),
      }))
      try {
        await this.#insert(group.batch)
        group.stored.resolve()
      } catch (error) {
        for (const { tenant, entities, series } of announced) {
          tenant.entities.forget(entities)
          tenant.series.forget(series)
        }
        group.stored.reject(error)
      }
      group.batch.clear()
      this.#spare = group.batch
    }
    this.#isRunning = false
  }

  async #insert(batch: ColumnBatch): Promise<void> {
    const startMs = performance.now()
    const tables = batch.filled().map(({ shape, length }) => ({ table: shape.table, length }))
    try {
      await this.#store.insertRows(batch)
    } catch (error) {
      const table = error instanceof StoreError ? error.table : undefined
      if (table !== undefined) this.#own.inc('storeInserts', { table, result: 'failed' })
      throw error
    }
    for (const { table, length } of tables) {
      this.#own.inc('storeInserts', { table, result: 'stored' })
      this.#own.inc('storeRows', { table }, length)
    }
    this.#own.set('storeCommitSeconds', {}, (performance.now() - startMs) / 1_000)
  }
}
