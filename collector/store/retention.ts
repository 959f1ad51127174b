/**
 * How long rows are kept, and how what is older goes: whole partitions are dropped, which costs nothing
 * and frees the disk at once. Nothing is ever deleted row by row.
 *
 * Samples are kept as they came for the shortest time, rollups by minute longer, rollups by hour, SLO
 * slices and facts the longest. Samples do not go before they are rolled up, but where the disk is
 * bounded: then the oldest samples go first, whatever their age, and after them the oldest minutes.
 *
 * Entities and series are forgotten when they were not seen for the longest of these times. Their
 * tables have no partitions by time, so that a merge of the engine leaves such rows out (TTL).
 */
import type { OwnMetrics } from '../web/self-metrics.ts'
import type { Store } from './store.ts'

const DAY_MS = 86_400_000
const SESSION = { session: 'background' } as const

/** Times in ms. */
export interface Retention {
  readonly raw: number
  readonly minutes: number
  readonly hours: number
  /** Of all partitions together; any size where it is not told. */
  readonly bytes?: number
}

export const longestMs = ({ raw, minutes, hours }: Retention): number =>
  Math.max(raw, minutes, hours)

type Kept = Exclude<keyof Retention, 'bytes'>

export interface Partition {
  readonly table: string
  /** As the engine names it: `2026-06-01` for a day, `202606` for a month. */
  readonly partition: string
  /** What it is dropped by. */
  readonly id: string
  readonly rows: number
  readonly bytes: number
}

export interface Drop {
  readonly partition: Partition
  readonly reason: 'age' | 'bytes'
}

/** [from, to) in Unix ms of what a partition holds; undefined for one that is not of time. */
export function spanOf({
  table,
  partition,
}: Pick<Partition, 'table' | 'partition'>): readonly [number, number] | undefined {
  const month = /^(\d{4})(\d\d)$/.exec(partition)
  if (month !== null) {
    const [year, index] = [Number(month[1]), Number(month[2]) - 1]
    return [Date.UTC(year, index), Date.UTC(year, index + 1)]
  }
  if (!/^\d{4}-\d\d-\d\d$/.test(partition)) return undefined
  const fromMs = Date.parse(partition)
  return [fromMs, fromMs + (table.endsWith('_1m') ? 7 : 1) * DAY_MS]
}

/** As what a partition is kept, and for how long. Tables by month hold what is kept the longest. */
export function timesKept(
  { table, partition }: Partition,
  retention: Retention,
): { readonly kept: Kept; readonly forMs: number } {
  if (table.endsWith('_1m')) return { kept: 'minutes', forMs: retention.minutes }
  if (table.endsWith('_1h')) return { kept: 'hours', forMs: retention.hours }
  return /^\d{6}$/.test(partition)
    ? { kept: 'hours', forMs: longestMs(retention) }
    : { kept: 'raw', forMs: retention.raw }
}

/**
 * What is to go. `madeMs` tells up to when a table is rolled up, and is undefined for a table that is
 * not. A partition that may still be written to stays in any case.
 */
export function partitionsToDrop(
  partitions: readonly Partition[],
  retention: Retention,
  nowMs: number,
  madeMs: (table: string) => number | undefined,
): Drop[] {
  const drops: Drop[] = []
  const rest: { readonly partition: Partition; readonly kept: Kept; readonly fromMs: number }[] = []
  let bytes = 0
  for (const partition of partitions) {
    bytes += partition.bytes
    const span = spanOf(partition)
    if (span === undefined || span[1] > nowMs) continue
    const { kept, forMs } = timesKept(partition, retention)
    const isOld = span[1] <= nowMs - forMs
    if (isOld && (kept !== 'raw' || span[1] <= (madeMs(partition.table) ?? Infinity))) {
      drops.push({ partition, reason: 'age' })
      bytes -= partition.bytes
    } else if (kept !== 'hours') {
      rest.push({ partition, kept, fromMs: span[0] })
    }
  }
  const limit = retention.bytes ?? Infinity
  const order = { raw: 0, minutes: 1, hours: 2 } as const
  rest.sort((a, b) => order[a.kept] - order[b.kept] || a.fromMs - b.fromMs)
  for (const { partition } of rest) {
    if (bytes <= limit) break
    drops.push({ partition, reason: 'bytes' })
    bytes -= partition.bytes
  }
  return drops
}

export const readPartitions = (store: Pick<Store, 'query'>): Promise<Partition[]> =>
  store.query<Partition>(
    `SELECT table, partition, partition_id AS id,
       toFloat64(sum(rows)) AS rows, toFloat64(sum(bytes_on_disk)) AS bytes
     FROM system.parts WHERE database = currentDatabase() AND active
     GROUP BY table, partition, partition_id ORDER BY table, partition`,
    {},
    SESSION,
  )

export interface RetentionOptions {
  readonly store: Pick<Store, 'query' | 'command'>
  readonly own: OwnMetrics
  readonly retention: Retention
  readonly madeMs: (table: string) => number | undefined
}

/** Drops what is to go now. */
export async function dropOld(options: RetentionOptions, nowMs: number): Promise<void> {
  const { store, own, retention, madeMs } = options
  const partitions = await readPartitions(store)
  for (const { partition, reason } of partitionsToDrop(partitions, retention, nowMs, madeMs)) {
    const { table, id, rows, bytes } = partition
    if (table === 'fact')
      await carryFacts(store, spanOf(partition)![1], longestMs(retention), nowMs)
    await store.command(`ALTER TABLE ${table} DROP PARTITION ID '${id}'`, SESSION)
    own.inc('storeDroppedRows', { table, reason }, rows)
    own.inc('storeDroppedBytes', { table, reason }, bytes)
  }
}

/**
 * What still holds of an entity that is there must not go with the time at which it was said: it is
 * said anew, from the end of what is dropped.
 */
const carryFacts = (store: Pick<Store, 'command'>, endMs: number, keepMs: number, nowMs: number) =>
  store.command(
    `INSERT INTO fact (tenant, workload, name, entity, since, kind, value)
     SELECT tenant, workload, name, entity, ${time(endMs)} AS carried,
       argMax(kind, since), argMax(value, since)
     FROM fact FINAL
     WHERE since < ${time(endMs)} AND (tenant, entity) IN (
       SELECT tenant, entity FROM entity FINAL WHERE last_seen > ${time(nowMs - keepMs)}
     )
     GROUP BY tenant, workload, name, entity
     SETTINGS async_insert = 0, max_threads = 1`,
    SESSION,
  )

const time = (ms: number) => `fromUnixTimestamp64Milli(toInt64(${ms}), 'UTC')`

/** Tables whose rows go when what they tell of was not seen for long. */
const FORGETTING = ['entity', 'series'] as const

/** Forgets what was not seen for the longest time that anything is kept. */
export async function forgetUnseen(options: RetentionOptions, nowMs: number): Promise<void> {
  const { store, own, retention } = options
  const keepMs = longestMs(retention)
  const seconds = Math.ceil(keepMs / 1_000)
  for (const table of FORGETTING) {
    const [told] = await store.query<{ ddl: string }>(
      `SELECT create_table_query AS ddl FROM system.tables
       WHERE database = currentDatabase() AND name = {table:String}`,
      { table },
      SESSION,
    )
    const ttl = `toDateTime(last_seen) + toIntervalSecond(${seconds})`
    if (told?.ddl.includes(` TTL ${ttl}`) !== true) {
      await store.command(
        `ALTER TABLE ${table} MODIFY TTL ${ttl} SETTINGS materialize_ttl_after_modify = 0`,
        SESSION,
      )
    }
    const unseen = await countUnseen(store, table, nowMs - keepMs)
    if (unseen === 0) continue
    await store.command(`OPTIMIZE TABLE ${table} FINAL`, SESSION)
    const left = await countUnseen(store, table, nowMs - keepMs)
    own.inc('storeDroppedRows', { table, reason: 'age' }, Math.max(0, unseen - left))
  }
}

async function countUnseen(store: Pick<Store, 'query'>, table: string, untilMs: number) {
  const [row] = await store.query<{ n: number }>(
    `SELECT toFloat64(count()) AS n FROM ${table} FINAL WHERE last_seen < ${time(untilMs)}
     SETTINGS max_threads = 1`,
    {},
    SESSION,
  )
  return row?.n ?? 0
}
