/**
 * Samples of a selector for SLOs: of series that are there, without what is no number. Which series a
 * selector has, and where their samples are, is the same as for queries.
 */
import { limits } from '../../catalog/limit.ts'
import type { MetricKind } from '../../catalog/metric.ts'
import { tables } from '../../catalog/tables.ts'
import type { Store, StoreSession } from '../store/store.ts'
import { ask } from './leaf/ask.ts'
import { Bound, type Range, TENANT } from './leaf/conditions.ts'
import { LabelsCache } from './leaf/labels-cache.ts'
import { narrowFirstMs, narrowOf, narrowSamples } from './leaf/narrow.ts'
import { typedPlaces } from './leaf/places.ts'
import {
  type Context,
  entitiesOf,
  type StoredSeries,
  typedFirstMs,
  typedSamples,
} from './leaf/typed.ts'
import { upSamples } from './leaf/up.ts'
import type { Selector } from './promql.ts'
import { QueryError, TooMuch } from './query-error.ts'

export interface Series {
  readonly labels: Readonly<Record<string, string>>
  /** Unix ms, ascending, each once. */
  readonly times: Float64Array
  readonly values: Float64Array
  readonly kind: MetricKind
  /** Time of the first sample that the series ever had. */
  readonly firstMs: number
}

export interface SelectOptions {
  readonly tenant?: string
  /** Also the newest sample of each series in this time before the range. */
  readonly priorMs?: number
  readonly session?: StoreSession
}

/** Series of all SLOs that are asked for again and again. */
const cache = new LabelsCache(limits.queryLabels.value)

const contextOf = (
  store: Pick<Store, 'queryColumns'>,
  { tenant = '', session = 'query' }: SelectOptions,
): Context & { readonly nowMs: number } => ({
  store,
  tenant,
  session,
  cache,
  nowMs: Date.now(),
  limits: {
    maxSamples: limits.queryRows.value,
    maxSeries: limits.sloSeries.value,
    timeoutMs: limits.queryMs.value,
    memoryBytes: limits.queryMemoryBytes.value,
  },
})

/** Series with at least one sample in [fromMs, toMs); throws TooMuch above a limit. */
export async function selectSeries(
  store: Pick<Store, 'queryColumns'>,
  selector: Selector,
  fromMs: number,
  toMs: number,
  options: SelectOptions = {},
): Promise<Series[]> {
  const context = contextOf(store, options)
  // Open on its left, and times are whole.
  const range: Range = { fromMs: fromMs - (options.priorMs ?? 0) - 1, toMs: toMs - 1 }
  try {
    const stored = await storedSeries(context, selector, range)
    const found = stored.flatMap((series) => within(series, fromMs) ?? [])
    let rows = 0
    for (const { times } of found) rows += times.length
    if (rows > limits.queryRows.value) throw new TooMuch('samples', limits.queryRows.value)
    if (found.length > limits.sloSeries.value) throw new TooMuch('series', limits.sloSeries.value)
    return found
  } catch (error) {
    throw error instanceof QueryError && error.cause instanceof TooMuch ? error.cause : error
  }
}

async function storedSeries(
  context: Context & { readonly nowMs: number },
  selector: Selector,
  range: Range,
): Promise<StoredSeries[]> {
  const stored = await narrowSamples(context, await narrowOf(context, selector, range))
  for (const place of typedPlaces(selector)) {
    stored.push(...(await typedSamples(context, await entitiesOf(context, place, range))))
  }
  stored.push(...(await upSamples(context, selector, range)))
  return stored
}

/** From the newest sample before a time on; undefined where there is none from then on. */
function within({ labels, kind, firstMs, times, values }: StoredSeries, fromMs: number) {
  const kept: number[] = []
  let isWithin = false
  for (let i = 0; i < times.length; i++) {
    if (Number.isNaN(values[i]!)) continue
    if (times[i]! < fromMs) kept.length = 0
    else isWithin = true
    kept.push(i)
  }
  if (!isWithin) return undefined
  return {
    labels: labels.toObject(),
    kind,
    firstMs,
    times: Float64Array.from(kept, (i) => times[i]!),
    values: Float64Array.from(kept, (i) => values[i]!),
  }
}

/** Time of the first sample in [fromMs, toMs); undefined when there is none. */
export async function firstSampleMs(
  store: Pick<Store, 'queryColumns'>,
  selector: Selector,
  fromMs: number,
  toMs: number,
  options: SelectOptions = {},
): Promise<number | undefined> {
  const context = contextOf(store, options)
  const range: Range = { fromMs: fromMs - 1, toMs: toMs - 1 }
  const firsts = [await narrowFirstMs(context, await narrowOf(context, selector, range))]
  for (const place of typedPlaces(selector)) {
    firsts.push(await typedFirstMs(context, await entitiesOf(context, place, range)))
  }
  for (const { times } of await upSamples(context, selector, range)) firsts.push(times[0])
  const known = firsts.filter((ms) => ms !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}

/** Whether there is a metric of that name at all, with whatever labels. */
export async function isKnownMetric(
  store: Pick<Store, 'queryColumns'>,
  { name }: Pick<Selector, 'name'>,
  options: SelectOptions = {},
): Promise<boolean> {
  if (tables.some(({ metrics }) => metrics.some(({ prom }) => prom === name))) return true
  const context = contextOf(store, options)
  const bound = new Bound(context.tenant)
  const answer = await ask(
    context,
    `SELECT 1 AS one FROM series WHERE ${TENANT} AND name = ${bound.text(name)} LIMIT 1`,
    bound,
  )
  return answer.rows > 0
}
