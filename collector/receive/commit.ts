/**
 * Group commit. Requests that come before an insert may start share it, up to a size. A collector that
 * has little to do inserts at once; one that is busy once a second (pace.ts), for each insert makes
 * parts of each of its tables, which have to be merged later, and costs the more the smaller it is. A
 * request is told that it is stored only when every row of its group is, in every table.
 *
 * When an insert fails, all requests of its group fail and their senders try again; and so do those
 * that wait: they may have left out an entity, a series or a fact because the failed group announced it.
 */
import { limits } from '../../catalog/limit.ts'
import { ColumnBatch } from '../store/columns.ts'
import { StoreError } from '../store/store-error.ts'
import type { Store } from '../store/store.ts'
import { type Link, type Span, type Tracing, UNTRACED } from '../telemetry/tracing.ts'
import type { OwnMetrics } from '../web/self-metrics.ts'
import { Pace } from './pace.ts'
import type { Tenant } from './tenant.ts'

/** Requests that are stored together. */
class Group {
  readonly batch: ColumnBatch
  readonly tenants = new Set<Tenant>()
  /** Spans of its requests, of those that have one. */
  readonly links: Link[] = []
  requests = 0
  /** When the first of them came, as performance.now() has it. */
  sinceMs = 0
  readonly #stored = Promise.withResolvers<void>()
  /** Takes back what the requests announced; there once the group takes no more of them. */
  #forget: (() => void) | undefined

  constructor(batch: ColumnBatch) {
    this.batch = batch
  }

  get stored(): Promise<void> {
    return this.#stored.promise
  }

  /** From now on what a tenant announces belongs to the next group. */
  seal(): void {
    if (this.#forget !== undefined) return
    const undos = [...this.tenants].flatMap(({ announced }) =>
      announced.map((seen) => {
        const ids = seen.take()
        return () => seen.forget(ids)
      }),
    )
    this.#forget = () => {
      for (const undo of undos) undo()
    }
  }

  resolve(): void {
    this.#stored.resolve()
  }

  reject(error: unknown): void {
    this.seal()
    this.#forget!()
    // Nobody waits for a group without rows.
    if (this.batch.rows > 0) this.#stored.reject(error)
  }
}

const isFull = ({ batch }: Group) => batch.bytes >= limits.groupBytes.value

const SPARE_BATCHES = 2

export class Commit {
  readonly #store: Pick<Store, 'insertRows'>
  readonly #own: OwnMetrics
  readonly #pace: Pace
  readonly #tracing: Tracing
  /** Whether a later look is due. */
  #isTimed = false
  #running: Group | undefined
  /** In their order; requests join the last one. */
  #waiting: Group[] = []
  #failure: string | undefined
  /** Batches that were stored, to be filled again: one is filled while another one is being stored. */
  readonly #spare: ColumnBatch[] = []

  constructor(
    store: Pick<Store, 'insertRows'>,
    own: OwnMetrics,
    pace = new Pace(),
    tracing = UNTRACED,
  ) {
    this.#store = store
    this.#own = own
    this.#tracing = tracing
    this.#pace = pace
  }

  /** Why the last insert failed; undefined when it worked, or when there was none. */
  get failure(): string | undefined {
    return this.#failure
  }

  /** Of all rows that are not stored yet. */
  get bytes(): number {
    const groups = this.#running === undefined ? this.#waiting : [this.#running, ...this.#waiting]
    return groups.reduce((sum, { batch }) => sum + batch.bytes, 0)
  }

  /**
   * Lets `write` add its rows to the next group. When it throws, none of them stay. The promise
   * settles with the group: a StoreError when it could not be stored. `link` is the span of the request.
   */
  add(tenant: Tenant, write: (batch: ColumnBatch) => void, link?: Link): Promise<void> {
    const group = this.#filling()
    const { batch, tenants } = group
    const mark = batch.mark()
    const announced = tenant.announced.map((seen) => seen.mark())
    try {
      write(batch)
    } catch (error) {
      batch.rollback(mark)
      for (const [i, seen] of tenant.announced.entries()) seen.rollback(announced[i]!)
      throw error
    }
    if (batch.rows === 0) return Promise.resolve()
    tenants.add(tenant)
    if (group.requests === 0) group.sinceMs = performance.now()
    group.requests += 1
    if (link !== undefined) group.links.push(link)
    this.#start()
    return group.stored
  }

  #filling(): Group {
    const last = this.#waiting.at(-1)
    if (last !== undefined && !isFull(last)) return last
    last?.seal()
    const group = new Group(this.#spare.pop() ?? new ColumnBatch())
    this.#waiting.push(group)
    return group
  }

  /** Starts the next insert, or waits until it may start. */
  #start(): void {
    const [group] = this.#waiting
    if (this.#running !== undefined || group === undefined || group.batch.rows === 0) return
    const nowMs = performance.now()
    const waitMs = isFull(group) ? 0 : this.#pace.waitMs(nowMs, group.sinceMs)
    if (waitMs > 0) {
      if (this.#isTimed) return
      this.#isTimed = true
      setTimeout(() => {
        this.#isTimed = false
        this.#start()
      }, waitMs)
      return
    }
    this.#pace.take(nowMs, group.batch.rows)
    this.#waiting.shift()
    void this.#run(group)
  }

  async #run(group: Group): Promise<void> {
    this.#running = group
    group.seal()
    try {
      // What none of the requests is traced for is not either.
      const tracing = group.links.length > 0 ? this.#tracing : UNTRACED
      const title = () => 'INSERT'
      await tracing.run('commit', title, (span) => this.#insert(group, span), group.links)
      this.#failure = undefined
      group.resolve()
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error)
      for (const each of [group, ...this.#waiting]) each.reject(error)
      this.#waiting = []
    }
    group.batch.clear()
    if (this.#spare.length < SPARE_BATCHES) this.#spare.push(group.batch)
    this.#running = undefined
    this.#start()
  }

  async #insert({ batch, requests }: Group, span: Span<'commit'>): Promise<void> {
    if (span.link !== undefined) {
      span.set({
        'db.system.name': 'clickhouse',
        'db.operation.name': 'INSERT',
        'db.operation.batch.size': batch.rows,
        'candor.requests': requests,
        'candor.bytes': batch.bytes,
      })
    }
    const startMs = performance.now()
    const seconds = () => (performance.now() - startMs) / 1_000
    const tables = batch.filled().map(({ shape, length }) => ({ table: shape.table, length }))
    try {
      await this.#store.insertRows(batch)
    } catch (error) {
      const table = error instanceof StoreError ? error.table : undefined
      if (table !== undefined) this.#own.inc('storeInserts', { table, result: 'failed' })
      this.#own.observe('storeCommits', { result: 'failed' }, seconds())
      throw error
    }
    for (const { table, length } of tables) {
      this.#own.inc('storeInserts', { table, result: 'stored' })
      this.#own.inc('storeRows', { table }, length)
    }
    this.#own.set('storeCommitSeconds', {}, seconds())
    this.#own.observe('storeCommits', { result: 'stored' }, seconds())
  }
}
