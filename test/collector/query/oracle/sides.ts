/**
 * The same samples on two sides: in our store, by the way on which agents and Prometheus send them, and in a
 * real Prometheus 2.42. Both are asked over HTTP.
 */
import { limits } from '../../../../catalog/limit.ts'
import type { SampleSeries } from '../../../../collector/query/grid/grid.ts'
import { compareLabels } from '../../../../collector/query/grid/labels.ts'
import { LabelsCache } from '../../../../collector/query/leaf/labels-cache.ts'
import { StoreSource } from '../../../../collector/query/leaf/store-source.ts'
import { Commit } from '../../../../collector/receive/commit.ts'
import { OwnSeries } from '../../../../collector/receive/own-series.ts'
import type { Store } from '../../../../collector/store/store.ts'
import { OwnMetrics } from '../../../../collector/web/self-metrics.ts'
import { startPrometheus } from '../../../peers/peers.ts'
import { SETTINGS, startOurs } from './ours.ts'
import { write } from './remote-write.ts'

export interface Answer {
  readonly status: 'success' | 'error'
  readonly errorType?: string
  readonly error?: string
  readonly data?: Result
}
type Point = readonly [seconds: number, value: string]
type Metric = Readonly<Record<string, string>>
export type Result =
  | { readonly resultType: 'scalar' | 'string'; readonly result: Point }
  | {
      readonly resultType: 'vector'
      readonly result: readonly { readonly metric: Metric; readonly value: Point }[]
    }
  | {
      readonly resultType: 'matrix'
      readonly result: readonly { readonly metric: Metric; readonly values: readonly Point[] }[]
    }

export interface Sides extends AsyncDisposable {
  readonly ours: Side
  /** Ours, where the store computes what it can. */
  readonly pushing: Side
  readonly theirs: Side
  /** All that our store has, ends among the samples. */
  readonly samples: readonly SampleSeries[]
}

export class Side {
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  async ask(
    path: 'query' | 'query_range',
    parameters: Readonly<Record<string, string>>,
  ): Promise<Answer> {
    const body = new URLSearchParams(parameters)
    const response = await fetch(`${this.#url}/api/v1/${path}`, { method: 'POST', body })
    return (await response.json()) as Answer
  }
}

const EVERYTHING = [{ label: '__name__', operator: '=~', value: '.+' }] as const
const HOUR_MS = 3_600_000

/** `nowMs` is after the last sample, and no more than two hours after the first. */
export async function startSides(
  passes: readonly Buffer[],
  application: readonly SampleSeries[],
  nowMs: number,
): Promise<Sides> {
  await using stack = new AsyncDisposableStack()
  const collector = stack.use(await startOurs(passes, application, nowMs))
  await tellItself(collector.store, nowMs)
  const samples = await samplesOf(
    new StoreSource({
      store: collector.store,
      tenant: '',
      limits: SETTINGS,
      cache: new LabelsCache(limits.queryLabels.value),
      trusted: new Set(),
      now: () => nowMs,
    }),
    nowMs,
  )

  const ours = new Side(collector.url)
  const pushing = new Side(collector.pushing)

  // Subqueries without a step take its interval of evaluation.
  const prometheus = await startPrometheus({ scrape: [], receives: true, intervalSeconds: 60 })
  stack.defer(() => prometheus.stop())
  await write(`${prometheus.url}/api/v1/write`, samples)
  const theirs = new Side(prometheus.url)

  const kept = stack.move()
  return { ours, pushing, theirs, samples, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

const MINUTE_MS = 60_000
const ROUNDS = 10
/** Of whole seconds, where no window begins or ends. */
const ROUND_PHASE_MS = 577

/** What the collector says of itself, once a minute, as if it had run beside the agent. */
async function tellItself(store: Store, nowMs: number): Promise<void> {
  const own = new OwnMetrics()
  own.set('storeFullIn', {}, 30 * 86_400)
  const commit = new Commit(store, own)
  const series = new OwnSeries({
    own,
    instance: 'vm:9791',
    add: (tenant, write) => commit.add(tenant, write),
  })
  for (let round = ROUNDS; round > 0; round--) {
    await series.write(nowMs - round * MINUTE_MS + ROUND_PHASE_MS)
  }
}

/** In the order of their labels, which is that in which Prometheus then finds them. */
async function samplesOf(source: StoreSource, nowMs: number): Promise<SampleSeries[]> {
  const answer = await source.answer({
    matchers: EVERYTHING,
    ask: { kind: 'samples' },
    windowMs: 2 * HOUR_MS,
    grid: { startMs: nowMs, endMs: nowMs, stepMs: 1 },
  })
  if (answer.kind !== 'samples') throw new TypeError('samples were asked for')
  return answer.series.toSorted((a, b) => compareLabels(a.labels, b.labels))
}
