/**
 * Keeps the rollups up: what is closed and not made yet, and what late rows have changed.
 *
 * How far each table has been rolled up is noted in `rollup_progress` after each step, so that a step
 * is made again at most, which changes nothing. Which pieces late rows have marked is in memory alone:
 * after a start the rows that each piece of the last day has are counted, and compared with those that
 * its minutes were made of.
 */
import assert from 'node:assert/strict'
import { limits } from '../../../catalog/limit.ts'
import type { OwnMetrics } from '../../web/self-metrics.ts'
import type { ColumnBatch } from '../columns.ts'
import type { Column } from '../shape.ts'
import type { Store } from '../store.ts'
import {
  changedBy,
  closedMs,
  done,
  joined,
  mark,
  nextWork,
  PIECE_MS,
  type Progress,
  startOf,
  type Work,
} from './plan.ts'
import { type Rolled, type RolledValue, rolledTables, type Tier, TIERS } from './rolled.ts'
import {
  BACKGROUND_SETTINGS,
  lookStatement,
  type Range,
  rollStatement,
  twiceStatement,
} from './statement.ts'
import { readUnmade } from './unmade.ts'

const SESSION = { session: 'background' } as const

/** Memory of a value in relation to one of a minute: of an hour all lasts of a counter are there at once. */
const WEIGHTS: Readonly<Record<Tier, number>> = { '1m': 1, '1h': 6 }
/** Beyond so many parts memory is not short for the size of a part. */
const PARTS = 4_096

/** As the engine names it. */
const isTooLarge = (error: unknown): boolean =>
  error instanceof Error && error.message.includes('memory limit exceeded')

export interface RollupOptions {
  readonly store: Pick<Store, 'query' | 'command'>
  readonly own: OwnMetrics
  /** For tests. */
  readonly now?: () => number
}

/** What a range has: rows, and the values that these may have. */
interface Seen {
  readonly rows: number
  readonly values: readonly RolledValue[]
}

export class Rollups {
  readonly #store: RollupOptions['store']
  readonly #own: OwnMetrics
  readonly #now: () => number
  #progress: Map<string, Progress> | undefined
  /** Rows older than this may be late, and rows that are stored from now on are. */
  #closedMs: number | undefined
  /** Pieces that late rows have changed, by table, until the next step takes them. */
  readonly #marked = new Map<string, Map<number, Set<bigint> | 'all'>>(
    rolledTables.map(({ table }) => [table, new Map()]),
  )

  /** Columns, with their table, that some row was seen to have. */
  readonly #columns: Readonly<Record<Tier, Set<string>>> = { '1m': new Set(), '1h': new Set() }

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
      const valuesOf = (type: Column['type']) =>
        columns.values(shape.findIndex((column) => column.type === type))
      const times = valuesOf('time')
      const ids = valuesOf('id')
      let tooLate = 0
      for (let row = 0; row < columns.length; row++) {
        const tsMs = times[row] as number
        if (tsMs >= closed) continue
        const piece = changedBy(tsMs, closed, nowMs)
        if (piece === 'late') tooLate += 1
        else if (piece !== undefined) mark(marked, piece, ids[row] as bigint)
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
    let failed: { readonly error: unknown } | undefined
    for (const each of rolledTables) {
      try {
        await this.#catchUp(each, days.get(each.table) ?? [], nowMs, signal)
      } catch (error) {
        // One table's failure costs no other's rollups.
        failed ??= { error }
      }
      this.#tell()
    }
    if (failed !== undefined) throw failed.error
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
    const pieces = new Map(progress.pieces)
    for (const [piece, ids] of marked) {
      // What is not made yet is made with these rows.
      if (piece < progress.minutesMs) pieces.set(piece, joined(pieces.get(piece), ids))
    }
    const merged = { ...progress, pieces }
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
    const progress = new Map<string, Progress>()
    for (const each of rolledTables) {
      const { table } = each
      const of = Object.fromEntries((noted.get(table) ?? []).map(({ tier, ms }) => [tier, ms]))
      const start = startOf(of, days.get(table) ?? [], nowMs)
      if (of['1m'] === undefined) {
        progress.set(table, start)
        continue
      }
      const pieces = await readUnmade(this.#store, each, '1m', start.minutesMs)
      const hours = await readUnmade(this.#store, each, '1h', start.hoursMs)
      progress.set(table, { ...start, pieces, hours })
    }
    return progress
  }

  /** Hours are made one by one. */
  async #make(each: Rolled, { tier, fromMs, toMs, ids }: Work): Promise<void> {
    const startMs = performance.now()
    const stepMs = tier === '1h' ? TIERS['1h'].windowMs : toMs - fromMs
    try {
      const whole: Range = { fromMs, toMs, ...(ids !== undefined && { ids }) }
      const seen = await this.#look(each, tier, whole)
      if (seen.rows === 0) return
      for (let startsMs = fromMs; startsMs < toMs; startsMs += stepMs) {
        const range = { ...whole, fromMs: startsMs, toMs: startsMs + stepMs }
        const isWhole = stepMs === toMs - fromMs
        await this.#roll(each, tier, range, isWhole ? seen : await this.#look(each, tier, range))
      }
    } catch (error) {
      this.#own.inc('rollupFailures', { tier })
      throw error
    } finally {
      this.#own.inc('rollupSeconds', { tier }, (performance.now() - startMs) / 1_000)
    }
  }

  /** To see whether a column is there costs as much as to read it: it is looked for until it was seen. */
  async #look(each: Rolled, tier: Tier, range: Range): Promise<Seen> {
    const known = this.#columns[tier]
    const name = ({ column }: RolledValue) => `${each.table}.${column}`
    const unknown = each.values.filter((value) => !known.has(name(value)))
    const [row] = await this.#store.query<{ rows: number; present: number[] }>(
      lookStatement({ ...each, values: unknown }, tier, range),
      {},
      SESSION,
    )
    for (const [i, value] of unknown.entries()) if (row!.present[i]! > 0) known.add(name(value))
    return { rows: row!.rows, values: each.values.filter((value) => known.has(name(value))) }
  }

  /** Columns that no row has are neither read nor written. */
  async #roll(each: Rolled, tier: Tier, whole: Range, { rows, values }: Seen): Promise<void> {
    const rolled = { ...each, values }
    if (rows === 0) return
    const size = rows * Math.max(1, values.length) * WEIGHTS[tier]
    let parts = whole.ids === undefined ? Math.ceil(size / limits.rollupValues.value) : 1
    for (let part = 0; part < parts; part++) {
      const range = { ...whole, part, parts }
      const [found] = await this.#store.query<{ twice: number }>(
        twiceStatement(each, tier, range),
        {},
        SESSION,
      )
      try {
        await this.#store.command(rollStatement(rolled, tier, range, found?.twice !== 0), SESSION)
      } catch (error) {
        if (whole.ids !== undefined || parts > PARTS || !isTooLarge(error)) throw error
        // The two halves of this part come next.
        parts *= 2
        part = 2 * part - 1
      }
    }
    this.#own.inc('rollupRows', { tier }, rows)
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
