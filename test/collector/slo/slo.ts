/** SLOs and traffic for tests. */
import { ColumnBatch } from '../../../collector/store/columns.ts'
import type { Store } from '../../../collector/store/store.ts'
import type { Indicator, LoadedSlo } from '../../../collector/slo/loaded-slo.ts'
import { parseSelector } from '../../../collector/query/promql.ts'
import { addSeries } from '../query/points.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

const query = (text: string) => ({ text, selector: parseSelector(text) })

export const ratioOf = (metric: string, part: 'good' | 'bad' = 'bad'): Indicator => ({
  kind: 'ratio',
  part,
  partQuery: query(`${metric}{code=~"${part === 'bad' ? '5' : '2'}.."}`),
  totalQuery: query(metric),
  counter: true,
})

export const thresholdOf = (
  metric: string,
  operator: 'lte' | 'gte' | 'lt' | 'gt',
  value: number,
): Indicator => ({ kind: 'threshold', query: query(metric), operator, value })

export const makeSlo = (slo: string, more: Partial<LoadedSlo> = {}): LoadedSlo => ({
  tenant: '',
  service: 'shop',
  slo,
  labels: {},
  annotations: {},
  target: 0.99,
  window: '1d',
  windowMs: DAY,
  sliceMs: MINUTE,
  budgeting: { method: 'Occurrences' },
  indicator: ratioOf(`${slo.replaceAll('-', '_')}_total`),
  place: 'test.yaml:1:1',
  ...more,
})

/** A web server whose counters are scraped every 15 seconds. */
export class Traffic {
  readonly #store: Store
  readonly #metric: string
  readonly #counts: Record<string, number> = {}
  #timeMs: number

  constructor(store: Store, metric: string, startMs: number) {
    this.#store = store
    this.#metric = metric
    this.#timeMs = startMs
  }

  /** Requests a minute by status code, up to and with a scrape at `untilMs`. */
  async run(untilMs: number, perMinute: Readonly<Record<string, number>>): Promise<void> {
    const points: Record<string, [number, number][]> = {}
    for (; this.#timeMs <= untilMs; this.#timeMs += MINUTE / 4) {
      for (const [code, rate] of Object.entries(perMinute)) {
        this.#counts[code] = (this.#counts[code] ?? -rate / 4) + rate / 4
      }
      for (const [code, count] of Object.entries(this.#counts)) {
        ;(points[code] ??= []).push([this.#timeMs, count])
      }
    }
    const batch = new ColumnBatch()
    for (const [code, of] of Object.entries(points)) {
      addSeries(batch, this.#metric, { job: 'shop', instance: 'a:1', code }, of)
    }
    await this.#store.insertRows(batch)
  }
}
