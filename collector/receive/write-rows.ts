/**
 * Turns one request of remote write into rows of a batch: each series under the name and labels that it
 * has, `job` and `instance` as they are.
 *
 * Prometheus says that a series has ended by a NaN of its own; every other value is stored as it is,
 * infinities and NaN too: quantiles of a summary that saw nothing are NaN.
 */
import { limits } from '../../catalog/limit.ts'
import type { MetricKind } from '../../catalog/metric.ts'
import type { Distribution } from '../../wire/distribution.ts'
import type { WriteItem, WriteRejection, WriteVisitor } from '../../wire/remote-write.ts'
import type { MetricType } from '../../wire/remote-write-fields.ts'
import type { WriteSeries } from '../../wire/remote-write-labels.ts'
import type { ColumnBatch } from '../store/columns.ts'
import { DistributionSeries } from './distribution-rows.ts'
import { NarrowRows, narrowSeries, type NarrowSeries, timeRefusal } from './narrow-rows.ts'
import type { DropReason } from './rows.ts'
import type { Tenant } from './tenant.ts'

/** Why something of a request was not stored. */
export type WriteDrop = WriteRejection | DropReason

/** Where one series goes. */
interface Destination {
  readonly of: WriteSeries
  readonly narrow: NarrowSeries
  /** Made when a histogram comes. */
  distribution: DistributionSeries | undefined
  /** As the types said it that were told by then. */
  kind: MetricKind
  told: number
}

/** What remote write remembers of one tenant. */
interface Memory {
  /** Types by the name of their family: in 1.0 they come in requests of their own. */
  readonly types: Map<string, MetricType>
  /** How often one of them was new or another. */
  told: number
  /** Decoding gives the same object for the same labels. */
  destinations: WeakMap<WriteSeries, Destination>
  /** What the histograms among them take, in series. */
  histograms: number
}

const memories = new WeakMap<Tenant, Memory>()

function memoryOf(tenant: Tenant): Memory {
  let memory = memories.get(tenant)
  if (memory === undefined) {
    memory = { types: new Map(), told: 0, destinations: new WeakMap(), histograms: 0 }
    memories.set(tenant, memory)
  }
  return memory
}

export class WriteRows implements WriteVisitor {
  readonly #tenant: Tenant
  readonly #rows: NarrowRows
  readonly #nowMs: number
  readonly #memory: Memory
  readonly written: Record<WriteItem, number> = { samples: 0, histograms: 0, exemplars: 0 }
  readonly dropped = new Map<WriteDrop, number>()
  #destination: Destination | undefined
  #kind: MetricKind = 'untyped'

  constructor(batch: ColumnBatch, tenant: Tenant, nowMs: number) {
    this.#tenant = tenant
    this.#rows = new NarrowRows(batch, tenant)
    this.#nowMs = nowMs
    this.#memory = memoryOf(tenant)
  }

  metadata(family: string, type: MetricType): void {
    const { types } = this.#memory
    if (types.get(family) === type) return
    if (types.size >= limits.writtenFamilies.value) types.clear()
    types.set(family, type)
    this.#memory.told += 1
  }

  series(series: WriteSeries, type: MetricType): void {
    const { destinations, types, told } = this.#memory
    const { name, labels } = series
    let destination = destinations.get(series)
    if (destination === undefined) {
      const narrow = narrowSeries(this.#tenant.name, name, labels)
      destination = { of: series, narrow, distribution: undefined, kind: 'untyped', told: -1 }
      destinations.set(series, destination)
    }
    if (destination.told !== told) {
      destination.kind = kindOf(name, typeOf(name, types))
      destination.told = told
    }
    this.#destination = destination
    this.#kind = type === 'unknown' ? destination.kind : kindOf(name, type)
  }

  sample(timeMs: number, value: number, hasEnded: boolean): void {
    const refusal = this.#refusal(timeMs)
    if (refusal !== undefined) return this.rejected('samples', 1, refusal)
    const { narrow } = this.#destination!
    const { refused } = this.#rows
    if (hasEnded) this.#rows.endPoints(narrow, this.#kind, timeMs)
    else this.#rows.point(narrow, this.#kind, timeMs, value)
    if (this.#rows.refused > refused) this.rejected('samples', 1, 'tenantSeries')
    else this.written.samples += 1
  }

  histogram(timeMs: number, distribution: Distribution | undefined): void {
    const refusal = this.#refusal(timeMs)
    if (refusal !== undefined) return this.rejected('histograms', 1, refusal)
    const series = this.#distribution(this.#destination!)
    const { refused } = this.#rows
    if (distribution === undefined) series.end(this.#rows, timeMs)
    else series.add(this.#rows, timeMs, distribution)
    if (this.#rows.refused > refused) this.rejected('histograms', 1, 'tenantSeries')
    else this.written.histograms += 1
  }

  #distribution(destination: Destination): DistributionSeries {
    const { name, labels } = destination.of
    destination.distribution ??= new DistributionSeries(this.#tenant.name, name, labels, this.#grow)
    return destination.distribution
  }

  /** What is no longer used is not known, so at the limit all of it goes. */
  readonly #grow = (by: number): void => {
    const memory = this.#memory
    memory.histograms += by
    if (memory.histograms <= this.#tenant.destinations.limit) return
    memory.destinations = new WeakMap()
    memory.histograms = 0
  }

  rejected(_item: WriteItem, count: number, reason: WriteDrop): void {
    this.dropped.set(reason, (this.dropped.get(reason) ?? 0) + count)
  }

  #refusal(atMs: number): WriteDrop | undefined {
    return timeRefusal(atMs, this.#nowMs) ?? (this.#rows.isFull() ? 'requestRowBytes' : undefined)
  }
}

const PART = /_(?:bucket|sum|count)$/

/** Of the family that a series belongs to, if anybody told. */
function typeOf(name: string, types: ReadonlyMap<string, MetricType>): MetricType {
  return (
    types.get(name) ??
    (name.endsWith('_total') ? types.get(name.slice(0, -'_total'.length)) : undefined) ??
    (PART.test(name) ? types.get(name.replace(PART, '')) : undefined) ??
    'unknown'
  )
}

function kindOf(name: string, type: MetricType): MetricKind {
  switch (type) {
    case 'counter':
    case 'histogram':
      return 'counter'
    case 'summary':
      return PART.test(name) ? 'counter' : 'gauge'
    case 'gauge':
    case 'gaugehistogram':
    case 'info':
    case 'stateset':
      return 'gauge'
    case 'unknown':
      return 'untyped'
  }
}
