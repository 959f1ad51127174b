/**
 * What the collector says of itself, as series of its own store, so that dashboards and alerts about it
 * are answered as where a Prometheus scrapes its /metrics: the same names, and the labels that such a
 * scrape has, with the machine's name in the address. They are the default tenant's, as /metrics is;
 * histograms stay there.
 *
 * One small batch a round goes with what others send, whatever it holds: that it was stored is counted,
 * and told in the next round, so that a collector that has nothing to do adds no more than this.
 */
import { AGENT_JOB } from '../../catalog/entity.ts'
import { own as rows, type OwnMetric } from '../../catalog/own.ts'
import type { ColumnBatch } from '../store/columns.ts'
import type { OwnMetrics, OwnValue } from '../web/self-metrics.ts'
import { type LabelPairs, type NarrowSeries, NarrowRows, narrowSeries } from './narrow-rows.ts'
import { byName } from './source.ts'
import { Tenant } from './tenant.ts'

interface Known {
  readonly series: NarrowSeries
  readonly kind: 'counter' | 'gauge'
}

export interface OwnSeriesOptions {
  readonly own: Pick<OwnMetrics, 'values'>
  /** Of the console, `host:port`. */
  readonly instance: string
  /** As Commit has it. */
  readonly add: (tenant: Tenant, write: (batch: ColumnBatch) => void) => Promise<void>
}

const catalogue: Readonly<Record<string, OwnMetric>> = rows

export class OwnSeries {
  readonly #options: OwnSeriesOptions
  /** Nobody who sends shares it, with its bounds. */
  readonly #tenant = new Tenant('')
  /** Series that had a value in the newest round that was stored. */
  #known: ReadonlyMap<bigint, Known> = new Map()

  constructor(options: OwnSeriesOptions) {
    this.#options = options
  }

  /** Settles when it is stored. Throws StoreError when it is not. */
  async write(nowMs: number): Promise<void> {
    const { own, add } = this.#options
    const told = (await own.values()).map((value) => ({ value, known: this.#knownOf(value) }))
    const known = new Map(told.map((each) => [each.known.series.id, each.known]))
    await add(this.#tenant, (batch) => {
      const narrow = new NarrowRows(batch, this.#tenant)
      for (const { value, known: of } of told) narrow.point(of.series, of.kind, nowMs, value.value)
      for (const [id, { series, kind }] of this.#known) {
        if (!known.has(id)) narrow.endPoints(series, kind, nowMs)
      }
    })
    this.#known = known
  }

  #knownOf({ name, labels }: OwnValue): Known {
    const { prom, kind } = catalogue[name]!
    const pairs: LabelPairs = Object.entries<string | number>({
      ...labels,
      instance: this.#options.instance,
      job: AGENT_JOB,
    })
      .map(([label, text]) => [label, String(text)] as const)
      .filter(([, text]) => text !== '')
      .toSorted(byName)
    return {
      series: narrowSeries(this.#tenant.name, prom, pairs),
      kind: kind === 'counter' ? 'counter' : 'gauge',
    }
  }
}
