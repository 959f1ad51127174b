/** How findings ask the store: of one tenant, in the queue of evaluations, and of many things piece by piece. */
import type { Store } from '../store/store.ts'
import { UNHURRIED, until } from './sql.ts'

/** Fills in the tenant and the time; `windowMs` is how far it looks back. */
export type Ask = <T>(
  sql: string,
  windowMs: number,
  params?: Readonly<Record<string, unknown>>,
) => Promise<T[]>

/** So many things are told of in one answer, which is read at once: nothing else happens meanwhile. */
const SLICE = 2_000

/** Longer than the time after which a living entity is announced again. */
const ANNOUNCED_MS = 600_000

export const asking =
  (store: Pick<Store, 'query'>, tenant: string, nowMs: number): Ask =>
  (sql, windowMs, params = {}) =>
    store.query(
      `${sql}\n${UNHURRIED}`,
      {
        tenant,
        from: nowMs - windowMs,
        // Whoever has a sample in the window was announced in it, or a little before.
        seen: nowMs - windowMs - ANNOUNCED_MS,
        until: until(nowMs),
        ...params,
      },
      { session: 'evaluate' },
    )

/**
 * The same of so many entities at a time, which the statement takes as `{ids}`. In the order of the key
 * they lie beside each other, so that all pieces together read no more than one would.
 */
export async function inSlices<T>(
  entities: readonly string[],
  ask: (ids: readonly bigint[]) => Promise<T[]>,
): Promise<T[]> {
  const ids = BigUint64Array.from(entities, BigInt).sort()
  const all: T[] = []
  for (let i = 0; i < ids.length; i += SLICE) {
    for (const row of await ask([...ids.subarray(i, i + SLICE)])) all.push(row)
  }
  return all
}
