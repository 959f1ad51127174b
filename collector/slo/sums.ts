/** Sums of stored slices over the windows that SLOs ask for: one query for all SLOs of a slice length. */
import type { Sums } from '../../judge/slo/budget.ts'
import type { Store } from '../store/store.ts'
import { sliceKey } from './slices.ts'

export interface WindowSums {
  /** By length of the window in ms, each ending where the closed slices end. */
  readonly windows: ReadonlyMap<number, Sums>
  readonly newestStartMs: number
}

/** Windows in one query; more are asked in several. */
const WINDOWS_AT_ONCE = 32

/** By sliceKey; an SLO without slices in its longest window has no entry. */
export async function sumSlices(
  store: Store,
  tenant: string,
  endMs: number,
  windowsMs: readonly number[],
): Promise<Map<string, WindowSums>> {
  const sums = new Map<string, { windows: Map<number, Sums>; newestStartMs: number }>()
  for (let i = 0; i < windowsMs.length; i += WINDOWS_AT_ONCE) {
    const asked = windowsMs.slice(i, i + WINDOWS_AT_ONCE)
    for (const row of await ask(store, tenant, endMs, asked)) {
      const key = sliceKey(row.service, row.slo, row.definition)
      const known = sums.get(key) ?? { windows: new Map(), newestStartMs: row.newest }
      for (const [j, windowMs] of asked.entries()) {
        const [good, total, measured] = row.sums[j]!
        known.windows.set(windowMs, { good, total, measured })
      }
      known.newestStartMs = Math.max(known.newestStartMs, row.newest)
      sums.set(key, known)
    }
  }
  return sums
}

interface SumsRow {
  readonly service: string
  readonly slo: string
  readonly definition: string
  readonly newest: number
  readonly sums: readonly (readonly [good: number, total: number, measured: number])[]
}

function ask(
  store: Store,
  tenant: string,
  endMs: number,
  windowsMs: readonly number[],
): Promise<SumsRow[]> {
  const parameters: Record<string, number | string> = {
    tenant,
    end: endMs,
    from: endMs - Math.max(...windowsMs),
  }
  const tuples = windowsMs.map((windowMs, i) => {
    parameters[`window${i}`] = endMs - windowMs
    const within = `at >= {window${i}:Int64}`
    return `[sumIf(good, ${within}), sumIf(total, ${within}), toFloat64(countIf(${within}))]`
  })
  return store.query<SumsRow>(
    `SELECT service, slo, definition, toFloat64(max(at)) AS newest, [${tuples.join(', ')}] AS sums
     FROM
     (
       SELECT service, slo, definition, toUnixTimestamp64Milli(start) AS at, good, total
       FROM slice FINAL
       WHERE tenant = {tenant:String}
         AND start >= fromUnixTimestamp64Milli({from:Int64})
         AND start < fromUnixTimestamp64Milli({end:Int64})
     )
     GROUP BY service, slo, definition`,
    parameters,
    { session: 'evaluate' },
  )
}
