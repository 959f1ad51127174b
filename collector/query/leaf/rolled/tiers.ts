/**
 * Which part of a question is answered by samples, and which by rollups. Samples are kept for days, rollups by
 * minute for months, those by hour for a year (store/rollup, store/retention.ts): a step whose whole window
 * lies where samples are is made of samples, an older one of the finest rollups that are there. What is
 * there is told by the partitions of each table, by its retention and by how far it is rolled up; a tenant
 * that has nothing older than its samples has no border at all.
 * Units: Unix ms.
 */
import type { Store } from '../../../store/store.ts'
import { type Retention, spanOf } from '../../../store/retention.ts'
import { type Tier, TIERS } from '../../../store/rollup/rolled.ts'
import { type Grid, stepsOf } from '../../grid/grid.ts'
import { ask, type Asking } from '../ask.ts'
import { Bound, TENANT } from '../conditions.ts'
import { Recent } from '../recent.ts'

/** Where what is kept of a table begins: samples and minutes are there from these times on. */
export interface Reach {
  /** −Infinity where nothing older is kept in any form, Infinity where there are no samples. */
  readonly samplesMs: number
  readonly minutesMs: number
  /** Rollups are made up to these. */
  readonly madeMs: Readonly<Record<Tier, number>>
}

export const ALL_SAMPLES: Reach = {
  samplesMs: -Infinity,
  minutesMs: -Infinity,
  madeMs: { '1m': -Infinity, '1h': -Infinity },
}

export type Origin = 'samples' | Tier

/** Steps one after the other that are made of the same. */
export interface Piece {
  readonly origin: Origin
  readonly grid: Grid
  /** Steps before it. */
  readonly before: number
  readonly steps: number
}

/** A whole grid in order; without empty pieces. */
export function piecesOf(grid: Grid, windowMs: number, reach: Reach): Piece[] {
  const { startMs, stepMs } = grid
  const all = stepsOf(grid)
  /** Steps before the first whose window begins at a time or later. */
  const before = (ms: number) =>
    Math.min(all, Math.max(0, Math.ceil((ms + windowMs - startMs) / stepMs)))
  const samples = before(reach.samplesMs)
  const minutes = Math.min(samples, before(reach.minutesMs))
  const pieces: Piece[] = []
  for (const [origin, from, to] of [
    ['1h', 0, minutes],
    ['1m', minutes, samples],
    ['samples', samples, all],
  ] as const) {
    if (from === to) continue
    const its = { startMs: startMs + from * stepMs, endMs: startMs + (to - 1) * stepMs, stepMs }
    pieces.push({ origin, grid: its, before: from, steps: to - from })
  }
  return pieces
}

/** As far as all of these tables reach. */
export const reachOfAll = (all: readonly Reach[]): Reach => {
  const old = all.filter(({ samplesMs }) => samplesMs > -Infinity)
  if (old.length === 0) return ALL_SAMPLES
  const made = (tier: Tier) => Math.min(...old.map(({ madeMs }) => madeMs[tier]))
  return {
    samplesMs: Math.max(...old.map(({ samplesMs }) => samplesMs)),
    minutesMs: Math.max(...old.map(({ minutesMs }) => minutesMs)),
    madeMs: { '1m': made('1m'), '1h': made('1h') },
  }
}

/** What the store has of a table, whoever's it is. */
interface Kept {
  /** Start of the oldest partition. */
  readonly oldestMs: Readonly<Record<Origin, number>>
  readonly madeMs: Readonly<Record<Tier, number>>
}

const DAY_MS = 86_400_000
/** Partitions of minutes are weeks; this was a Monday. */
const MONDAY_MS = 4 * DAY_MS
const floor = (ms: number, step: number, from = 0) => Math.floor((ms - from) / step) * step + from

/** Until what is kept is looked at again: partitions go once a day. */
const KEPT_MS = 30_000
const MOST_KEPT = 1_000

/** Where the borders lie, for all tenants of a store. */
export class Tiers {
  readonly #recent = new Recent(KEPT_MS, MOST_KEPT)
  readonly #store: Pick<Store, 'queryColumns'>
  readonly #retention: Pick<Retention, 'raw' | 'minutes'>

  constructor(store: Pick<Store, 'queryColumns'>, retention: Pick<Retention, 'raw' | 'minutes'>) {
    this.#store = store
    this.#retention = retention
  }

  /** Of what windows that begin at `fromMs` or later ask of these tables, each of samples. */
  async reach(
    context: Asking & { readonly tenant: string; readonly nowMs: number },
    names: readonly string[],
    fromMs: number,
  ): Promise<Reach> {
    const asking = this.#asking(context)
    const kept = await this.#kept(asking)
    const found: Reach[] = []
    for (const name of names) {
      const reach = this.#bordersOf(kept.get(name), context.nowMs)
      if (fromMs >= reach.samplesMs) continue
      const key = JSON.stringify(['older', context.tenant, name, reach.samplesMs, reach.minutesMs])
      const has = await this.#recent.get(key, () => olderOf(asking, name, reach))
      if (!has['1m'] && !has['1h']) continue
      found.push(has['1h'] ? reach : { ...reach, minutesMs: -Infinity })
    }
    return reachOfAll(found)
  }

  /** Up to when rollups are made of all of these tables; −Infinity where of some there are none. */
  async made(
    context: Asking & { readonly tenant: string },
    names: readonly string[],
    tier: Tier,
  ): Promise<number> {
    const kept = await this.#kept(this.#asking(context))
    return Math.min(...names.map((name) => kept.get(name)?.madeMs[tier] ?? -Infinity))
  }

  /** Others may wait for it who have not gone away. */
  #asking<T extends Asking>(context: T): T {
    return { ...context, store: this.#store, signal: undefined }
  }

  #kept(asking: Asking & { readonly tenant: string }): Promise<ReadonlyMap<string, Kept>> {
    return this.#recent.get('kept', () => keptOf(asking))
  }

  /** A partition that is due to go stays until it is rolled up, and is read until then. */
  #bordersOf(kept: Kept | undefined, nowMs: number): Reach {
    if (kept === undefined) return ALL_SAMPLES
    const { oldestMs, madeMs } = kept
    const { raw, minutes } = this.#retention
    return {
      samplesMs: Math.max(oldestMs.samples, Math.min(floor(nowMs - raw, DAY_MS), madeMs['1m'])),
      minutesMs: Math.max(
        oldestMs['1m'],
        Math.min(floor(nowMs - minutes, 7 * DAY_MS, MONDAY_MS), madeMs['1h']),
      ),
      madeMs,
    }
  }
}

const SUFFIX = /_(1[mh])$/

async function keptOf(asking: Asking & { readonly tenant: string }): Promise<Map<string, Kept>> {
  const bound = new Bound(asking.tenant)
  const partitions = await ask(
    asking,
    `SELECT toString(table) AS its_table, toString(partition) AS its_partition FROM system.parts
     WHERE database = currentDatabase() AND active GROUP BY table, partition`,
    bound,
  )
  const oldest = new Map<string, Record<Origin, number>>()
  const names = partitions.texts('its_partition')
  for (const [row, table] of partitions.texts('its_table').entries()) {
    const [fromMs] = spanOf({ table, partition: names[row]! }) ?? []
    if (fromMs === undefined) continue
    const origin = (SUFFIX.exec(table)?.[1] ?? 'samples') as Origin
    const of = table.replace(SUFFIX, '')
    let its = oldest.get(of)
    if (its === undefined)
      oldest.set(of, (its = { samples: Infinity, '1m': Infinity, '1h': Infinity }))
    its[origin] = Math.min(its[origin], fromMs)
  }
  const progress = await ask(
    asking,
    `SELECT toString(table) AS its_table, toString(tier) AS its_tier, max(made) AS made_ms
     FROM rollup_progress GROUP BY table, tier`,
    bound,
  )
  const tiers = progress.texts('its_tier')
  const times = progress.numbers('made_ms')
  const made = new Map<string, Record<Tier, number>>()
  for (const [row, table] of progress.texts('its_table').entries()) {
    let its = made.get(table)
    if (its === undefined) made.set(table, (its = { ...ALL_SAMPLES.madeMs }))
    its[tiers[row] as Tier] = times[row]!
  }
  return new Map(
    [...oldest].map(([table, oldestMs]) => [
      table,
      { oldestMs, madeMs: made.get(table) ?? ALL_SAMPLES.madeMs },
    ]),
  )
}

/** Whether a tenant has rollups older than its samples, and hours older than its minutes. */
async function olderOf(
  asking: Asking & { readonly tenant: string },
  table: string,
  { samplesMs, minutesMs }: Reach,
): Promise<Readonly<Record<Tier, boolean>>> {
  const bound = new Bound(asking.tenant)
  const before = (tier: Tier, ms: number) =>
    ms === -Infinity
      ? []
      : `(SELECT '${tier}' AS tier FROM ${table}_${tier} WHERE ${TENANT}${
          ms === Infinity ? '' : ` AND ts < ${bound.time(floor(ms, TIERS[tier].windowMs))}`
        } LIMIT 1)`
  const any = [before('1m', samplesMs), before('1h', Math.min(minutesMs, samplesMs))].flat()
  const answer = await ask(asking, any.join('\nUNION ALL '), bound)
  const tiers = answer.texts('tier')
  return { '1m': tiers.includes('1m'), '1h': tiers.includes('1h') }
}
