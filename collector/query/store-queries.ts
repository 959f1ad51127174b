/** Queries of one tenant over the store: no more at a time than is allowed, each within its limits. */
import { limits } from '../../catalog/limit.ts'
import type { Log } from '../../settings/log.ts'
import type { Retention } from '../store/retention.ts'
import type { Store } from '../store/store.ts'
import { Turns } from '../store/turns.ts'
import type { OwnMetrics } from '../web/self-metrics.ts'
import type { QueryAnswer } from './answer.ts'
import { explainQuery, instantQuery, type QueryOptions, rangeExpr, rangeQuery } from './engine.ts'
import { explainLeaves } from './explain-sql.ts'
import { explain } from './explain.ts'
import type { Grid } from './grid/grid.ts'
import type { Labels } from './grid/labels.ts'
import { check } from './language/check.ts'
import { parse } from './language/parse.ts'
import type { Expr } from './language/tree.ts'
import { cardinalityOf, metadataOf } from './leaf/about.ts'
import type { QueryLimits } from './leaf/ask.ts'
import type { Range } from './leaf/conditions.ts'
import { LabelsCache } from './leaf/labels-cache.ts'
import type { Selection } from './leaf/places.ts'
import type { PushedAsk } from './leaf/pushed.ts'
import { Recent } from './leaf/recent.ts'
import { trustedAsks } from './leaf/self-test.ts'
import { labelNamesOf, labelValuesOf, type ListContext, seriesOf } from './leaf/series-list.ts'
import { StoreSource } from './leaf/store-source.ts'
import { ALL_SAMPLES, Tiers } from './leaf/rolled/tiers.ts'
import type { Context } from './leaf/typed.ts'
import type {
  AskOptions,
  Between,
  Cardinality,
  Listed,
  MetricMetadata,
  Queries,
} from './queries.ts'
import { QueryError } from './query-error.ts'

/** What an operator allows. */
export interface QuerySettings extends QueryLimits {
  readonly maxConcurrency: number
  readonly lookbackMs: number
}

/** As long a series that is new, or an end, may go unnoticed. */
const RECENT_MS = 2_000
const MOST_RECENT = 200

export interface HouseOptions {
  /** Queries that wait for their turn. */
  readonly waiting: number
  /** Series whose labels are kept at hand. */
  readonly labels: number
  /** How long samples and rollups are kept; rollups are not read where it is not told. */
  readonly retention?: Pick<Retention, 'raw' | 'minutes'>
  /** For tests: whether what the store can compute is left to it, however little it is. */
  readonly pushes?: boolean
}

/** What queries of all tenants have in common. */
export class QueryHouse {
  readonly settings: QuerySettings
  readonly store: Pick<Store, 'queryColumns'>
  readonly cache: LabelsCache
  readonly recent = new Recent(RECENT_MS, MOST_RECENT)
  readonly turns: Turns
  readonly tiers: Tiers | undefined
  readonly pushes: boolean | undefined
  /** Nothing until the store was tested. */
  trusted: ReadonlySet<PushedAsk> = new Set()

  constructor(
    store: Pick<Store, 'queryColumns'>,
    settings: QuerySettings,
    { waiting, labels, retention, pushes }: HouseOptions,
  ) {
    this.pushes = pushes
    this.store = store
    this.settings = settings
    this.cache = new LabelsCache(labels)
    this.turns = new Turns(settings.maxConcurrency, waiting)
    this.tiers = retention && new Tiers(store, retention)
  }

  /** Tells what the store may compute; until then samples are read. */
  async test(own: OwnMetrics, log: Log): Promise<void> {
    this.trusted = await trustedAsks(this.store, own, log)
  }
}

const HOUR_MS = 3_600_000
/** What a list of people is cut at. */
const MOST = 1_000_000

export class StoreQueries implements Queries {
  readonly #house: QueryHouse
  readonly #tenant: string
  readonly #now: () => number

  constructor(house: QueryHouse, tenant: string, now: () => number = Date.now) {
    this.#house = house
    this.#tenant = tenant
    this.#now = now
  }

  instant(text: string, timeMs: number, options: AskOptions = {}): Promise<QueryAnswer> {
    return this.#run(options, async (source, its) =>
      cut(await instantQuery(text, timeMs, source, its), options.limit),
    )
  }

  range(text: string, grid: Grid, options: AskOptions = {}): Promise<QueryAnswer> {
    return this.#run(options, async (source, its) =>
      cut(await rangeQuery(text, grid, source, its), options.limit),
    )
  }

  async explain(text: string, at: number | Grid, options: AskOptions = {}): Promise<string> {
    const grid = typeof at === 'number' ? { startMs: at, endMs: at, stepMs: 1 } : at
    const expr = typeof at === 'number' ? checked(text) : rangeExpr(text, grid)
    return await this.#run(options, async (_, its) => {
      const plan = explainQuery(expr, grid, its)
      const { trusted, tiers, pushes } = this.#house
      const { recent: _remembered, ...context } = this.#context(options)
      // Nothing is known beforehand, so that nothing is left out.
      const cache = new LabelsCache(limits.querySeries.value)
      const statements = await explainLeaves(
        plan.leaves,
        context.store,
        (store) =>
          new StoreSource({ ...context, store, cache, trusted, tiers, pushes, now: this.#now }),
        options.signal,
      )
      return [...explain(plan), ...statements].join('\n')
    })
  }

  async series(
    selectors: readonly string[],
    between: Between,
    options: AskOptions = {},
  ): Promise<Listed<Labels>> {
    const selections = selectors.map(selectionOf)
    return await this.#list(options, (context, most) =>
      seriesOf(context, selections, rangeOf(between), most),
    )
  }

  async labelNames(
    selectors: readonly string[],
    between: Between,
    options: AskOptions = {},
  ): Promise<Listed<string>> {
    const selections = selectors.map(selectionOf)
    return await this.#list(options, (context) =>
      labelNamesOf(context, selections, rangeOf(between)),
    )
  }

  async labelValues(
    label: string,
    selectors: readonly string[],
    between: Between,
    options: AskOptions = {},
  ): Promise<Listed<string>> {
    const selections = selectors.map(selectionOf)
    return await this.#list(options, (context) =>
      labelValuesOf(context, label, selections, rangeOf(between)),
    )
  }

  metadata(metric: string | undefined, options: AskOptions = {}): Promise<Listed<MetricMetadata>> {
    return this.#list(options, (context, most) => metadataOf(context, metric, most))
  }

  async cardinality(options: AskOptions = {}): Promise<Cardinality> {
    const nowMs = this.#now()
    return this.#run(options, () =>
      cardinalityOf(this.#context(options), { fromMs: nowMs - HOUR_MS, toMs: nowMs }),
    )
  }

  #run<T>(
    options: AskOptions,
    work: (source: StoreSource, its: QueryOptions) => Promise<T>,
  ): Promise<T> {
    const { settings, turns, trusted, tiers, pushes } = this.#house
    const { signal, lookbackMs = settings.lookbackMs } = options
    return turns.run(() => {
      const context = this.#context(options)
      const source = new StoreSource({ ...context, trusted, tiers, pushes, now: this.#now })
      return work(source, {
        lookbackMs,
        maxSamples: settings.maxSamples,
        maxSeries: settings.maxSeries,
        timeoutMs: context.limits.timeoutMs,
        ...(signal !== undefined && { signal }),
      })
    }, this.#tenant)
  }

  async #list<T>(
    options: AskOptions,
    list: (context: ListContext, most: number) => Promise<readonly T[]>,
  ): Promise<Listed<T>> {
    const limit = options.limit ?? 0
    const most = limit === 0 ? MOST : limit
    const context = { ...this.#context(options), nowMs: this.#now() }
    const isOlder = async (table: string, fromMs: number) => {
      const reach = await this.#house.tiers?.reach(context, [table], fromMs)
      return reach !== undefined && reach !== ALL_SAMPLES
    }
    const items = await this.#run(options, () => list({ ...context, isOlder }, most + 1))
    return { items: items.slice(0, most), isCut: items.length > most }
  }

  #context({ signal, timeoutMs }: AskOptions): Context {
    const { store, cache, recent, settings } = this.#house
    const limits = { ...settings, timeoutMs: Math.min(timeoutMs ?? Infinity, settings.timeoutMs) }
    return { store, tenant: this.#tenant, session: 'query', limits, cache, recent, signal }
  }
}

/** Both ends belong to what is asked for. */
const rangeOf = ({ fromMs, toMs }: Between): Range => ({ fromMs: fromMs - 1, toMs })

function checked(text: string): Expr {
  const expr = parse(text)
  check(expr, text)
  return expr
}

function selectionOf(text: string): Selection {
  const expr = parse(text)
  check(expr)
  if (expr.kind !== 'selector') {
    throw new QueryError('bad_data', 'expected a selector of series', { span: expr.span })
  }
  return expr
}

function cut(answer: QueryAnswer, limit = 0): QueryAnswer {
  const { value, warnings } = answer
  if (limit === 0 || value.type === 'scalar' || value.type === 'string') return answer
  const items = value.type === 'vector' ? value.samples : value.series
  if (items.length <= limit) return answer
  return {
    ...answer,
    value:
      value.type === 'vector'
        ? { type: 'vector', samples: value.samples.slice(0, limit) }
        : { type: 'matrix', series: value.series.slice(0, limit) },
    warnings: [...warnings, 'results truncated due to limit'],
  }
}
