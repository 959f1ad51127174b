/**
 * What of a table is not in its windows although it should be: pieces that have other numbers of rows
 * than their minutes were made of, and hours that were made of other numbers than their minutes. Where
 * they differ, rows that are there twice until they are merged are told apart, entity by entity.
 */
import { limits } from '../../../catalog/limit.ts'
import type { Store } from '../store.ts'
import { type Ids, joined, PIECE_MS } from './plan.ts'
import { type Rolled, type Tier, TIERS } from './rolled.ts'
import { BACKGROUND_SETTINGS, keyOf } from './statement.ts'

/** What is made again at once. */
const SPANS: Readonly<Record<Tier, number>> = { '1m': PIECE_MS, '1h': TIERS['1h'].windowMs }

function compared(
  { table }: Rolled,
  tier: Tier,
  { by, rows: count }: { readonly by: string; readonly rows: string },
  fromMs: number,
  toMs: number,
): string {
  const where = `WHERE ts >= fromUnixTimestamp64Milli(toInt64(${fromMs}), 'UTC')
      AND ts < fromUnixTimestamp64Milli(toInt64(${toMs}), 'UTC')`
  const [rows, source] = tier === '1m' ? [count, table] : ['sum(samples)', `${table}_1m FINAL`]
  return `FROM (
    SELECT ${by} AS of, toInt64(${rows}) AS difference FROM ${source} ${where} GROUP BY of
    UNION ALL
    SELECT ${by} AS of, -toInt64(sum(samples)) AS difference FROM ${table}_${tier} FINAL ${where} GROUP BY of
  ) GROUP BY of HAVING sum(difference) != 0`
}

/** Starts of pieces, or of hours, in [fromMs, toMs), in Unix `ms`. */
function changedSpansStatement(rolled: Rolled, tier: Tier, fromMs: number, toMs: number): string {
  const spanMs = SPANS[tier]
  return `SELECT toFloat64(of * ${spanMs}) AS ms
${compared(rolled, tier, { by: `intDiv(toUnixTimestamp64Milli(ts), ${spanMs})`, rows: 'count()' }, fromMs, toMs)}
ORDER BY ms
SETTINGS ${BACKGROUND_SETTINGS}`
}

/** Each `id` of one of these, and one more than are looked at one by one. */
function changedIdsStatement(rolled: Rolled, tier: Tier, fromMs: number): string {
  const rows = `uniqExact(cityHash64(${[...keyOf(rolled), 'ts'].join(', ')}))`
  return `SELECT toString(of) AS id
${compared(rolled, tier, { by: rolled.id, rows }, fromMs, fromMs + SPANS[tier])}
LIMIT ${limits.rollupIds.value + 1}
SETTINGS ${BACKGROUND_SETTINGS}`
}

const SESSION = { session: 'background' } as const

/** What was made before `madeMs`, but not of all rows that could still change it then. */
export async function readUnmade(
  store: Pick<Store, 'query'>,
  rolled: Rolled,
  tier: Tier,
  madeMs: number,
): Promise<Map<number, Ids>> {
  const spanMs = SPANS[tier]
  const fromMs = Math.floor((madeMs - limits.rollupLateMs.value) / spanMs) * spanMs
  const changed = changedSpansStatement(rolled, tier, fromMs, madeMs)
  const unmade = new Map<number, Ids>()
  for (const { ms } of await store.query<{ ms: number }>(changed, {}, SESSION)) {
    const statement = changedIdsStatement(rolled, tier, ms)
    const found = await store.query<{ id: string }>(statement, {}, SESSION)
    if (found.length === 0) continue
    const isMany = found.length > limits.rollupIds.value
    const ids: Ids = isMany ? 'all' : new Set(found.map(({ id }) => BigInt(id)))
    unmade.set(ms, joined(unmade.get(ms), ids))
    // The first step of an hour begins in the one before it.
    const nextMs = ms + spanMs
    if (tier === '1h' && nextMs < madeMs) unmade.set(nextMs, joined(unmade.get(nextMs), ids))
  }
  return unmade
}
