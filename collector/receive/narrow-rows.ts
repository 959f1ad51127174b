/** Rows of series, point and histogram: of series that have no table of their own. */
import { limits } from '../../catalog/limit.ts'
import type { MetricKind } from '../../catalog/metric.ts'
import type { ExponentialHistogram } from '../../wire/distribution.ts'
import type { ColumnBatch } from '../store/columns.ts'
import { histogramShape, POINT_VALUE, pointShape, seriesShape } from '../store/schema.ts'
import { textId } from './identity.ts'
import type { SeenCache } from './seen.ts'

/** `histogram`: its values are in histogram, not in point. */
export type SeriesKind = MetricKind | 'histogram'

export type LabelPairs = readonly (readonly [name: string, value: string])[]

export interface NarrowSeries {
  readonly id: bigint
  readonly name: string
  /** As JSON; asked for when the series is announced. */
  readonly labels: () => string
}

/** The same whatever protocol it comes by. `labels` stand by name, and none is empty. */
export const seriesId = (tenant: string, name: string, labels: LabelPairs): bigint =>
  textId(JSON.stringify([tenant, name, labels]))

export const labelsJson = (labels: LabelPairs): string => JSON.stringify(Object.fromEntries(labels))

export const narrowSeries = (tenant: string, name: string, labels: LabelPairs): NarrowSeries => ({
  id: seriesId(tenant, name, labels),
  name,
  labels: () => labelsJson(labels),
})

/** What a series is said to be; when that changes it is announced anew. */
const PRINTS: Readonly<Record<SeriesKind, bigint>> = {
  untyped: 0n,
  gauge: 1n,
  counter: 2n,
  histogram: 3n,
}

export type TimeRefusal = 'clockAheadMs' | 'clockBehindMs'

export function timeRefusal(atMs: number, nowMs: number): TimeRefusal | undefined {
  if (atMs > nowMs + limits.clockAheadMs.value) return 'clockAheadMs'
  return atMs < nowMs - limits.clockBehindMs.value ? 'clockBehindMs' : undefined
}

interface NarrowTenant {
  readonly name: string
  readonly series: SeenCache
  readonly refusesSeries: (id: bigint) => boolean
}

export class NarrowRows {
  /** Rows that were not made, since their series would be one too many. */
  refused = 0
  readonly #batch: ColumnBatch
  readonly #tenant: NarrowTenant
  /** What the batch held before this request. */
  readonly #bytesBefore: number

  constructor(batch: ColumnBatch, tenant: NarrowTenant) {
    this.#batch = batch
    this.#tenant = tenant
    this.#bytesBefore = batch.bytes
  }

  /**
   * Whether the request has as many rows, of any table, as one may have, or would with `more` bytes. A
   * short body can grow to much: labels of its resource repeat, one point is a row of all columns.
   */
  isFull(more = 0): boolean {
    return this.#batch.bytes - this.#bytesBefore + more > limits.requestRowBytes.value
  }

  /** NaN is a value like any other. */
  point(series: NarrowSeries, kind: MetricKind, atMs: number, value: number): void {
    if (!this.#announce(series, kind, atMs)) return
    const points = this.#batch.table(pointShape)
    const row = points.append([this.#tenant.name, series.id, atMs, value])
    if (Number.isNaN(value)) points.setNotANumber(POINT_VALUE, row)
  }

  endPoints(series: NarrowSeries, kind: MetricKind, atMs: number): void {
    if (!this.#announce(series, kind, atMs)) return
    this.#batch.table(pointShape).append([this.#tenant.name, series.id, atMs, Number.NaN])
  }

  histogram(series: NarrowSeries, atMs: number, histogram: ExponentialHistogram): void {
    if (!this.#announce(series, 'histogram', atMs)) return
    const { count, sum, scale, zeroThreshold, zeroCount, positive, negative } = histogram
    this.#batch
      .table(histogramShape)
      .append([
        this.#tenant.name,
        series.id,
        atMs,
        count,
        sum ?? Number.NaN,
        scale,
        zeroThreshold,
        zeroCount,
        JSON.stringify(positive.indexes),
        JSON.stringify(positive.counts),
        JSON.stringify(negative.indexes),
        JSON.stringify(negative.counts),
      ])
  }

  endHistogram(series: NarrowSeries, atMs: number): void {
    if (!this.#announce(series, 'histogram', atMs)) return
    const { name } = this.#tenant
    this.#batch
      .table(histogramShape)
      .append([name, series.id, atMs, Number.NaN, Number.NaN, 0, 0, 0])
  }

  /** False when the series may not come, and nothing of it is stored. */
  #announce({ id, name, labels }: NarrowSeries, kind: SeriesKind, atMs: number): boolean {
    const tenant = this.#tenant
    if (tenant.refusesSeries(id)) {
      this.refused += 1
      return false
    }
    if (!tenant.series.isDue(id, PRINTS[kind], atMs, atMs)) return true
    this.#batch.table(seriesShape).append([tenant.name, id, name, kind, labels(), atMs, atMs])
    return true
  }
}
