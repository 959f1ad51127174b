/**
 * What the collector says of itself on /metrics: the rows of catalog/own.ts in the client library's
 * registry, beside its figures of the Node.js process. A row that the catalogue does not have, a
 * label too few or too many, `set` on a counter: each is a type error.
 *
 * NaN means absent here as everywhere: a gauge set to NaN is a series that is not written.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from '@prometheus-io/client'
import { own, type OwnMetric } from '../../catalog/own.ts'
import { VERSION } from '../../settings/version.ts'

type Own = typeof own
type NameOf<Kind extends OwnMetric['kind']> = {
  [N in keyof Own]: Own[N] extends { kind: Kind } ? N : never
}[keyof Own]

type CounterName = NameOf<'counter'>
type GaugeName = NameOf<'gauge'>
type HistogramName = NameOf<'histogram'>
type OwnLabels<N extends keyof Own> = [Own[N]['labels'][number]] extends [never]
  ? Readonly<Record<string, never>>
  : Readonly<Record<Own[N]['labels'][number], string>>

/** One series of a counter or a gauge, as it is now. */
export interface OwnValue {
  readonly name: string
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
}

/** Is told what a histogram of the catalogue observes. */
export type Observer = (
  name: string,
  labels: Readonly<Record<string, string>>,
  value: number,
) => void

/** Default metrics of the library that break the naming rules `promtool check metrics` holds. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
  'nodejs_eventloop_utilization_histogram',
  'nodejs_eventloop_utilization_summary',
]

// The types of the methods hold the names, and the constructor registers every row: the maps have
// an entry for each name that type-checks.
export class OwnMetrics {
  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE
  readonly #registry = new Registry()
  readonly #counters = new Map<string, Counter<string>>()
  readonly #gauges = new Map<string, Gauge<string>>()
  readonly #histograms = new Map<string, Histogram<string>>()
  readonly #observers = new Set<Observer>()

  /** `tenant`: only of what is said of one tenant. */
  constructor(of: 'process' | 'tenant' = 'process') {
    for (const [name, row] of Object.entries<OwnMetric>(own)) {
      if (of === 'tenant' && row.ofTenant !== true) continue
      const configuration = {
        name: row.prom,
        help: row.help,
        labelNames: [...row.labels],
        registers: [this.#registry],
      }
      if (row.kind === 'counter') {
        this.#counters.set(name, new Counter(configuration))
      } else if (row.kind === 'histogram') {
        const buckets = [...row.buckets]
        this.#histograms.set(name, new Histogram({ ...configuration, buckets }))
      } else {
        const gauge = new Gauge(configuration)
        this.#gauges.set(name, gauge)
        // The library starts a gauge without labels at 0; nothing has been measured yet.
        if (row.labels.length === 0) gauge.remove({})
      }
    }
    if (of === 'tenant') return
    collectDefaultMetrics({ register: this.#registry })
    for (const name of MISNAMED) this.#registry.removeSingleMetric(name)
    this.set('collectorBuild', { version: VERSION, nodeversion: process.version }, 1)
  }

  inc<N extends CounterName>(name: N, labels: OwnLabels<N>, by = 1): void {
    this.#counters.get(name)!.inc(labels, by)
  }

  set<N extends GaugeName>(name: N, labels: OwnLabels<N>, value: number): void {
    const gauge = this.#gauges.get(name)!
    if (Number.isNaN(value)) gauge.remove(labels)
    else gauge.set(labels, value)
  }

  observe<N extends HistogramName>(name: N, labels: OwnLabels<N>, value: number): void {
    this.#histograms.get(name)!.observe(labels, value)
    for (const observer of this.#observers) observer(name, labels, value)
  }

  /** Returns what ends it. */
  onObserve(observer: Observer): () => void {
    this.#observers.add(observer)
    return () => this.#observers.delete(observer)
  }

  /** Counters and gauges of the catalogue. */
  async values(): Promise<OwnValue[]> {
    const all: OwnValue[] = []
    for (const [name, metric] of [...this.#counters, ...this.#gauges]) {
      const { values } = await metric.get()
      for (const { labels, value } of values) all.push({ name, labels: known(labels), value })
    }
    return all
  }

  /** Takes one series away, or without labels all series of the metric. */
  remove<N extends GaugeName>(name: N, labels?: OwnLabels<N>): void {
    const gauge = this.#gauges.get(name)!
    if (labels !== undefined) return gauge.remove(labels)
    gauge.reset()
    if (own[name].labels.length === 0) gauge.remove({})
  }

  /** Prometheus text format 0.0.4. */
  render(): Promise<string> {
    return this.#registry.metrics()
  }
}

/** The library knows labels without a value; our rows have none. */
const known = (labels: Readonly<Record<string, string | number | undefined>>) =>
  Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, value ?? '']))
