/**
 * The same samples on two sides: in our store, by the way on which agents and Prometheus send them, and in a
 * real Prometheus 2.42. Both are asked over HTTP.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { limits } from '../../../../catalog/limit.ts'
import { Findings } from '../../../../collector/find/findings.ts'
import type { SampleSeries } from '../../../../collector/query/grid/grid.ts'
import { compareLabels } from '../../../../collector/query/grid/labels.ts'
import { LabelsCache } from '../../../../collector/query/leaf/labels-cache.ts'
import { StoreSource } from '../../../../collector/query/leaf/store-source.ts'
import { QueryHouse, StoreQueries } from '../../../../collector/query/store-queries.ts'
import { buildServer } from '../../../../collector/web/server.ts'
import { silentLog } from '../../../../settings/log.ts'
import { startPrometheus } from '../../../peers/peers.ts'
import { oneView } from '../../web/one-view.ts'
import { startReceiver } from '../../receive/receiver.ts'
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

const SETTINGS = {
  timeoutMs: 60_000,
  maxSamples: 10_000_000,
  maxSeries: 100_000,
  memoryBytes: 1 << 30,
  lookbackMs: 300_000,
} as const
const EVERYTHING = [{ label: '__name__', operator: '=~', value: '.+' }] as const
const HOUR_MS = 3_600_000

/** `nowMs` is after the last sample, and no more than two hours after the first. */
export async function startSides(
  passes: readonly Buffer[],
  application: readonly SampleSeries[],
  nowMs: number,
): Promise<Sides> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'candor-oracle-'))
  stack.defer(() => rm(folder, { recursive: true }))
  const receiver = await startReceiver(join(folder, 'data'))
  stack.defer(() => receiver.stop())
  // All at once, since each waits for its rows to be on the disk.
  const posted = await Promise.all(passes.map((body) => receiver.post(body)))
  const refused = posted.find(({ status }) => status !== 200)
  if (refused !== undefined) throw new Error(`a pass was refused: ${refused.status}`)
  await write(`${receiver.url}/api/v1/write`, application)

  const { store, own } = receiver
  const now = () => nowMs
  const samples = await samplesOf(
    new StoreSource({
      store,
      tenant: '',
      limits: SETTINGS,
      cache: new LabelsCache(limits.queryLabels.value),
      trusted: new Set(),
      now,
    }),
    nowMs,
  )

  const log = silentLog()
  const house = new QueryHouse(
    store,
    { ...SETTINGS, maxConcurrency: 4 },
    { waiting: limits.queriesWaiting.value, labels: limits.queryLabels.value },
  )
  await house.test(own, log)
  const app = await buildServer({
    ...oneView({
      store,
      own,
      findings: new Findings({ store, own, log }),
      slos: { list: () => [], evaluation: () => ({ state: 'current', lastMs: nowMs }) },
    }),
    asking: {
      of: (tenant) => new StoreQueries(house, tenant, now),
      program: { startedMs: nowMs, flags: {} },
    },
    log,
    now,
  })
  stack.defer(() => app.close())
  await app.listen({ host: '127.0.0.1', port: 0 })
  const ours = new Side(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`)

  // Subqueries without a step take its interval of evaluation.
  const prometheus = await startPrometheus({ scrape: [], receives: true, intervalSeconds: 60 })
  stack.defer(() => prometheus.stop())
  await write(`${prometheus.url}/api/v1/write`, samples)
  const theirs = new Side(prometheus.url)

  const kept = stack.move()
  return { ours, theirs, samples, [Symbol.asyncDispose]: () => kept.disposeAsync() }
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
