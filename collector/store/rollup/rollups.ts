/**
 * Keeps the rollups up: what is closed and not made yet, and what late rows have changed.
 *
 * How far each table has been rolled up is noted in `rollup_progress` after each step, so that a step
 * is made again at most, which changes nothing. Which pieces late rows have marked is in memory alone;
 * after a restart the last hour is made again for that.
 */
import assert from 'node:assert/strict'
import { limits } from '../../../catalog/limit.ts'
import type { OwnMetrics } from '../../web/self-metrics.ts'
import type { ColumnBatch } from '../columns.ts'
import type { Store } from '../store.ts'
import {
  changedBy,
  closedMs,
  done,
  nextWork,
  PIECE_MS,
  type Progress,
  startOf,
  type Work,
} from './plan.ts'
import { type Rolled, rolledTables, type Tier } from './rolled.ts'
import { BACKGROUND_SETTINGS, countStatement, rollStatement } from './statement.ts'

const SESSION = { session: 'background' } as const

export interface RollupOptions {
  readonly store: Pick<Store, 'query' | 'command'>
  readonly own: OwnMetrics
  /** For tests. */
  readonly now?: () => number
}

export class Rollups {
  readonly #store: RollupOptions['store']
  readonly #own: OwnMetrics
  readonly #now: () => number
  #progress: Map<string, Progress> | undefined
  /** Rows older than this may be late, and rows that are stored from now on are. */
  #closedMs: number | undefined
  /** Starts of pieces that late rows have changed, by table, until the next step takes them. */
  readonly #marked = new Map<string, Set<number>>(
    rolledTables.map(({ table }) => [table, new Set()]),
  )

  constructor({ store, own, now = Date.now }: RollupOptions) {
    this.#store = store
    this.#own = own
    this.#now = now
  }

  /** Start of the first minute of a table that is not made; undefined before the first round. */
  minutesMs(table: string): number | undefined {
    return this.#progress?.get(table)?.minutesMs
  }

  /** To be told of every batch after it was stored. */
  stored(batch: ColumnBatch): void {
    const closed = this.#closedMs
    if (closed === undefined) return
    const nowMs = this.#now()
    for (const columns of batch.filled()) {
      const { table, columns: shape } = columns.shape
      const marked = this.#marked.get(table)
      if (marked === undefined) continue
      const times = columns.values(shape.findIndex(({ name }) => name === 'ts'))
      let tooLate = 0
      let last = Number.NaN
      for (let row = 0; row < columns.length; row++) {
        const tsMs = times[row] as number
        // Rows of one pass come together.
        if (tsMs >= closed || tsMs === last) continue
        const changed = changedBy(tsMs, closed, nowMs)
        if (changed === undefined) tooLate += 1
        else last = tsMs
        for (const piece of changed ?? []) marked.add(piece)
      }
      if (tooLate > 0) this.#own.inc('rollupDropped', { table, reason: 'rollupLateMs' }, tooLate)
    }
  }

  /** Makes all that is closed, or until it is to stop. */
  async round(signal?: AbortSignal): Promise<void> {
    // First of all: a row that is stored before this is seen by what follows, a later one is marked.
    const nowMs = this.#now()
    this.#closedMs = Math.max(this.#closedMs ?? 0, closedMs(nowMs))
    const days = await this.#days()
    this.#progress ??= await this.#start(days, nowMs)
    for (const each of rolledTables) {
      await this.#catchUp(each, days.get(each.table) ?? [], nowMs, signal)
      this.#tell()
    }
  }

  async #catchUp(
    each: Rolled,
    days: readonly number[],
    nowMs: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { table } = each
    if (days.length === 0) {
      this.#progress!.set(table, startOf({}, days, nowMs))
      return
    }
    const before = this.#progress!.get(table)!
    for (;;) {
      const progress = this.#withMarked(table)
      const work = signal?.aborted === true ? undefined : nextWork(progress, days, nowMs)
      if (work === undefined) break
      await this.#make(each, work)
      this.#progress!.set(table, done(progress, work))
      if (work.toMs - work.fromMs > PIECE_MS) await this.#note(table)
    }
    if (this.#progress!.get(table)!.minutesMs !== before.minutesMs) await this.#note(table)
  }

  #withMarked(table: string): Progress {
    const progress = this.#progress!.get(table)!
    const marked = this.#marked.get(table)!
    if (marked.size === 0) return progress
    const merged = { ...progress, pieces: new Set([...progress.pieces, ...marked]) }
    marked.clear()
    this.#progress!.set(table, merged)
    return merged
  }

  /** Starts of the days that have rows, ascending, by table. */
  async #days(): Promise<ReadonlyMap<string, readonly number[]>> {
    const rows = await this.#store.query<{ table: string; day: number }>(
      `SELECT table, toFloat64(toUnixTimestamp(toDateTime(partition, 'UTC'))) AS day
       FROM system.parts
       WHERE database = currentDatabase() AND active AND has({tables:Array(String)}, table)
       GROUP BY table, partition ORDER BY table, day`,
      { tables: rolledTables.map(({ table }) => table) },
      SESSION,
    )
    return new Map(
      [...Map.groupBy(rows, ({ table }) => table)].map(([table, of]) => [
        table,
        of.map(({ day }) => day * 1_000),
      ]),
    )
  }

  async #start(
    days: ReadonlyMap<string, readonly number[]>,
    nowMs: number,
  ): Promise<Map<string, Progress>> {
    const rows = await this.#store.query<{ table: string; tier: Tier; ms: number }>(
      `SELECT table, tier, toFloat64(toUnixTimestamp64Milli(made)) AS ms
       FROM rollup_progress FINAL`,
      {},
      SESSION,
    )
    const noted = Map.groupBy(rows, ({ table }) => table)
    return new Map(
      rolledTables.map(({ table }) => {
        const of = Object.fromEntries((noted.get(table) ?? []).map(({ tier, ms }) => [tier, ms]))
        return [table, startOf(of, days.get(table) ?? [], nowMs)]
      }),
    )
  }

  async #make(each: Rolled, { tier, fromMs, toMs }: Work): Promise<void> {
    const startMs = performance.now()
    try {
      const [counted] = await this.#store.query<{ n: number }>(
        countStatement(each, tier, fromMs, toMs),
        {},
        SESSION,
      )
      const rows = counted?.n ?? 0
      const parts = Math.ceil((rows * each.values.length) / limits.rollupValues.value)
      for (let part = 0; part < parts; part++) {
        await this.#store.command(rollStatement(each, tier, { fromMs, toMs, part, parts }), SESSION)
      }
      this.#own.inc('rollupRows', { tier }, rows)
    } catch (error) {
      this.#own.inc('rollupFailures', { tier })
      throw error
    } finally {
      this.#own.inc('rollupSeconds', { tier }, (performance.now() - startMs) / 1_000)
    }
  }

  async #note(table: string): Promise<void> {
    const { minutesMs, hoursMs } = this.#progress!.get(table)!
    assert.ok(Number.isSafeInteger(minutesMs) && Number.isSafeInteger(hoursMs))
    await this.#store.command(
      `INSERT INTO rollup_progress
       SELECT '${table}', tier, fromUnixTimestamp64Milli(toInt64(ms), 'UTC')
       FROM values('tier String, ms UInt64', ('1m', ${minutesMs}), ('1h', ${hoursMs}))
       SETTINGS ${BACKGROUND_SETTINGS}`,
      SESSION,
    )
  }

  #tell(): void {
    const all = [...this.#progress!.values()]
    const lag = (oldestMs: number) => Math.max(0, this.#now() - oldestMs) / 1_000
    this.#own.set('rollupLag', { tier: '1m' }, lag(Math.min(...all.map((each) => each.minutesMs))))
    this.#own.set('rollupLag', { tier: '1h' }, lag(Math.min(...all.map((each) => each.hoursMs))))
    const marked = all.reduce((sum, { pieces, hours }) => sum + pieces.size + hours.size, 0)
    this.#own.set('rollupMarked', {}, marked)
  }
}
