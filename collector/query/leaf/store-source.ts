/**
 * Leaves of queries out of the store of one tenant: what PromQL selects becomes statements of SQL here, and
 * nowhere else. A statement reads all series of one table; samples come by columns, or, where that is less
 * work, the values over the grid, which the store computes.
 */
import type { Store, StoreSession } from '../../store/store.ts'
import type { Grid, GridSeries, SampleSeries } from '../grid/grid.ts'
import type { Leaf, LeafAnswer, LeafSource } from '../leaf.ts'
import { type QueryLimits, tooManySamples } from './ask.ts'
import type { Range } from './conditions.ts'
import type { LabelsCache } from './labels-cache.ts'
import { narrowGroups, typedGroups } from './grouped.ts'
import { type Narrow, narrowOf, narrowSamples, narrowValues } from './narrow.ts'
import { haveTwins, inTurns } from './one-series.ts'
import { typedPlaces } from './places.ts'
import { type Pushed, type PushedAsk, pushedOf } from './pushed.ts'
import { exactAnswer, isTooMany, rolledAnswer } from './rolled/leaf.ts'
import type { Tiers } from './rolled/tiers.ts'
import { type Context, type Entities, entitiesOf, typedSamples, typedValues } from './typed.ts'
import type { Recent } from './recent.ts'
import { upSamples } from './up.ts'

export interface StoreSourceOptions {
  readonly store: Pick<Store, 'queryColumns'>
  readonly tenant: string
  readonly limits: QueryLimits
  /** Of all tenants. */
  readonly cache: LabelsCache
  /** What the store may compute itself; see self-test.ts. */
  readonly trusted: ReadonlySet<PushedAsk>
  readonly session?: StoreSession
  readonly recent?: Recent | undefined
  /** Where rollups answer; absent where samples alone do. */
  readonly tiers?: Tiers | undefined
  /** For tests. */
  readonly now?: () => number
  /** For tests: whether what can be pushed is. */
  readonly pushes?: boolean | undefined
}

export class StoreSource implements LeafSource {
  readonly #options: StoreSourceOptions

  constructor(options: StoreSourceOptions) {
    this.#options = options
  }

  async answer(leaf: Leaf, signal?: AbortSignal): Promise<LeafAnswer> {
    const { tiers } = this.#options
    if (tiers === undefined) return this.#ofSamples(leaf, signal)
    const context = this.#context(signal)
    const samples = async (its: Leaf): Promise<LeafAnswer> => {
      try {
        return await this.#ofSamples(its, signal)
      } catch (error) {
        const exact = isTooMany(error) ? await exactAnswer(context, its, tiers) : undefined
        if (exact === undefined) throw error
        return exact
      }
    }
    return (await rolledAnswer(context, leaf, tiers, samples)) ?? samples(leaf)
  }

  async #ofSamples(leaf: Leaf, signal?: AbortSignal): Promise<LeafAnswer> {
    const context = this.#context(signal)
    const range = rangeOf(leaf.grid, leaf.windowMs)
    const entities = []
    for (const place of typedPlaces(leaf)) entities.push(await entitiesOf(context, place, range))
    const narrow = await narrowOf(context, leaf, range)
    const up = await upSamples(context, leaf, range)
    const most =
      narrow.ids.length +
      entities.reduce((sum, { place, matched }) => sum + place.metrics.length * matched.size, 0)
    const pushed = up.length === 0 ? this.#pushed(leaf, range, most) : undefined
    if (pushed !== undefined) {
      const groups = await groupsOf(context, entities, narrow, pushed, leaf.aggregation)
      if (groups !== undefined) return { kind: 'values', series: groups, isAggregated: true }
      const values = await valuesOf(context, entities, narrow, pushed)
      if (values !== undefined) return { kind: 'values', series: values, isAggregated: false }
    }
    const series: SampleSeries[] = up
    for (const each of entities) push(series, await typedSamples(context, each))
    push(series, await narrowSamples(context, narrow))
    let samples = 0
    for (const { times } of series) samples += times.length
    if (samples > context.limits.maxSamples) throw tooManySamples(context.limits.maxSamples)
    return { kind: 'samples', series: inTurns(series) }
  }

  #context(signal: AbortSignal | undefined): Context & { readonly nowMs: number } {
    const { store, tenant, limits, cache, recent } = this.#options
    const { session = 'query', now = Date.now } = this.#options
    return { store, tenant, limits, cache, recent, session, signal, nowMs: now() }
  }

  /** `series` is how many there may be. */
  #pushed(leaf: Leaf, range: Range, series: number): Pushed | undefined {
    const pushed = pushedOf(leaf)
    if (pushed === undefined || !this.#options.trusted.has(pushed.ask)) return undefined
    return (this.#options.pushes ?? areMany(range, series)) ? pushed : undefined
  }
}

/** What windows of a grid look at. */
const rangeOf = ({ startMs, endMs, stepMs }: Grid, windowMs: number): Range => ({
  fromMs: startMs - windowMs,
  toMs: startMs + Math.max(0, Math.floor((endMs - startMs) / stepMs)) * stepMs,
})

/** What an agent ships by default is about as often as this. */
const USUAL_MS = 15_000
/** So many samples are less work to read than to have values over a grid made of them. */
const FEW_SAMPLES = 600_000

const areMany = ({ fromMs, toMs }: Range, series: number): boolean =>
  (series * (toMs - fromMs)) / USUAL_MS > FEW_SAMPLES

/** Undefined where there is no aggregation, or where the store cannot carry it out. */
async function groupsOf(
  context: Context,
  entities: readonly Entities[],
  narrow: Narrow,
  pushed: Pushed,
  aggregation: Leaf['aggregation'],
): Promise<GridSeries[] | undefined> {
  const found = entities.filter(({ matched }) => matched.size > 0)
  if (aggregation === undefined) return undefined
  if (found.length === 1 && narrow.ids.length === 0) {
    return await typedGroups(context, found[0]!, pushed, aggregation)
  }
  return found.length === 0 ? await narrowGroups(context, narrow, pushed, aggregation) : undefined
}

async function valuesOf(
  context: Context,
  entities: readonly Entities[],
  narrow: Narrow,
  pushed: Pushed,
): Promise<GridSeries[] | undefined> {
  const series: GridSeries[] = []
  // What several entities make together is made of samples.
  if (entities.some(haveTwins)) return undefined
  for (const each of entities) {
    const values = await typedValues(context, each, pushed)
    if (values === undefined) return undefined
    push(series, values)
  }
  const ofNarrow = await narrowValues(context, narrow, pushed)
  if (ofNarrow === undefined) return undefined
  push(series, ofNarrow)
  return series
}

/** Any number of them, which arguments of a call may not be. */
function push<T>(all: T[], more: readonly T[]): void {
  for (const each of more) all.push(each)
}
