/**
 * Turns one OTLP request into rows of a batch. Points of our agents go to the typed tables, one row an
 * entity, table, keys and time; those of narrow tables, and what others send, go to series and point
 * under Prometheus names.
 *
 * A point without a value says that its series ended. In point that is a NaN, and a sender's own NaN is
 * another (see `NOT_A_NUMBER`); typed tables, where NaN is absent, have neither that nor infinities. An entity whose series all end has its end in its row of entity, and
 * none in the typed tables: it has no rows there from then on.
 *
 * What makes a resource ours is `candor.entity.kind` with all identity attributes of that kind: names
 * of the catalogue come from other senders too, with another meaning of `host.id` or none.
 */
import { limits } from '../../catalog/limit.ts'
import type { Distribution } from '../../wire/distribution.ts'
import type { OtlpKind, OtlpVisitor, Rejection } from '../../wire/otlp-visitor.ts'
import type { Numbers } from '../../wire/skeleton.ts'
import { type Allowed, UNBOUNDED } from '../access/allowed.ts'
import type { ColumnBatch, TableColumns } from '../store/columns.ts'
import { entityShape, factShape, POINT_VALUE, pointShape, seriesShape } from '../store/schema.ts'
import {
  type Destination,
  type DistributionDestination,
  Destinations,
  type MetricDestinations,
  type NarrowDestination,
  type TypedDestination,
} from './destinations.ts'
import { NarrowRows } from './narrow-rows.ts'
import type { Plan } from './plan.ts'
import { type Fresh, SeenCache } from './seen.ts'
import { Skeletons } from './skeletons.ts'
import { makeSource, type Source } from './source.ts'

/** Why points were not stored: a limit by its name, or what they are. */
export type DropReason =
  | Rejection
  | 'infinite'
  | 'notANumber'
  | 'clockAheadMs'
  | 'clockBehindMs'
  | 'labelBytes'
  | 'requestRowBytes'
  | 'tenantSeries'
  | 'tenantEntities'

/** last_seen of an entity is behind its newest sample by less than this. */
const ENTITY_REFRESH_MS = 60_000
const SERIES_REFRESH_MS = 900_000

/** What receiving remembers of one tenant between requests. */
export class Tenant {
  readonly name: string
  readonly entities = new SeenCache(limits.seriesCached.value, ENTITY_REFRESH_MS)
  readonly series = new SeenCache(limits.seriesCached.value, SERIES_REFRESH_MS)
  readonly facts = new SeenCache(limits.seriesCached.value, Number.POSITIVE_INFINITY)
  /** All that was announced to the store. */
  readonly announced: readonly SeenCache[] = [this.entities, this.series, this.facts]
  readonly destinations: Destinations
  readonly skeletons = new Skeletons()
  /** What the sender of the request that is being decoded may add. */
  allowed: Allowed = UNBOUNDED
  /** Decoding gives the same map for the same bytes. */
  readonly #sources = new WeakMap<ReadonlyMap<string, string>, Source>()

  constructor(name: string) {
    this.name = name
    this.destinations = new Destinations(name)
  }

  /** Takes a share, 0-1, of the memory that there is for how requests were laid out. */
  share(part: number): void {
    this.skeletons.limit = limits.skeletonBytes.value * part
    this.destinations.limit = limits.internedSeries.value * part
  }

  refusesSeries(id: bigint): boolean {
    return this.series.isNear(this.allowed.series, 1) && !this.series.has(id)
  }

  refusesEntity(id: bigint): boolean {
    return this.entities.isNear(this.allowed.entities, 1) && !this.entities.has(id)
  }

  source(attributes: ReadonlyMap<string, string>): Source {
    let source = this.#sources.get(attributes)
    if (source === undefined) {
      source = makeSource(this.name, attributes)
      this.#sources.set(attributes, source)
    }
    return source
  }
}

/** What is announced of a source. */
export interface Announced extends Pick<Source, 'entity' | 'print' | 'json' | 'facts'> {
  /** When it need not be announced. */
  fresh?: Fresh | undefined
}

/** Visits one request. */
export class RowBuilder implements OtlpVisitor {
  readonly #batch: ColumnBatch
  readonly #narrowRows: NarrowRows
  readonly tenant: Tenant
  readonly #nowMs: number
  /** Points that were taken. */
  points = 0
  readonly dropped = new Map<DropReason, number>()
  /** Absent where the resource is only known by what it announces. */
  #source: Source | undefined
  #announced: Announced | undefined
  /** An entity too many: no point of it is taken. */
  #isRefused = false
  /** Where the points went since `record`; undefined when one was not taken. */
  #recorded: Destination[] | undefined
  /** Times of the resource's values, and of what says that there are none any more. */
  #firstMs = Infinity
  #lastMs = -Infinity
  #endedMs = -Infinity
  /** Typed rows of the resource: by table, then by time, then by keys. */
  #rows = new Map<TableColumns, Map<number, Map<string, number>>>()
  #scope = ''
  #metric: MetricDestinations | undefined
  /** What the batch held before this request. */
  readonly #bytesBefore: number

  constructor(batch: ColumnBatch, tenant: Tenant, nowMs: number) {
    this.#batch = batch
    this.#narrowRows = new NarrowRows(batch, tenant)
    this.tenant = tenant
    this.#nowMs = nowMs
    this.#bytesBefore = batch.bytes
  }

  resource(attributes: ReadonlyMap<string, string>): void {
    const source = this.tenant.source(attributes)
    this.#enter(source)
    this.#source = source
    this.#isRefused = source.entity !== undefined && this.tenant.refusesEntity(source.entity.id)
  }

  #enter(announced: Announced): void {
    this.finish()
    this.#source = undefined
    this.#announced = announced
    this.#isRefused = false
    this.#firstMs = Infinity
    this.#lastMs = -Infinity
    this.#endedMs = -Infinity
    this.#rows = new Map()
  }

  /** Ends the last resource. */
  finish(): void {
    const { name, entities } = this.tenant
    const announced = this.#announced
    const hasEnded = this.#endedMs > this.#lastMs
    if (announced?.entity === undefined || (this.#lastMs === -Infinity && !hasEnded)) return
    const { entity, print, json, facts, fresh } = announced
    const isFresh =
      fresh !== undefined && entities.isFresh(fresh, this.#firstMs, this.#lastMs) && !hasEnded
    if (isFresh) return
    const firstMs = Math.min(this.#firstMs, hasEnded ? this.#endedMs : Infinity)
    const lastMs = Math.max(this.#lastMs, hasEnded ? this.#endedMs : -Infinity)
    const endedMs = hasEnded ? this.#endedMs : Number.NaN
    const said = hasEnded ? print ^ BigInt(endedMs) : print
    const isDue = entities.isDue(entity.id, said, firstMs, lastMs)
    announced.fresh = hasEnded ? undefined : entities.fresh(entity.id)
    if (!isDue) return
    this.#batch
      .table(entityShape)
      .append([name, entity.kind, entity.id, json, firstMs, lastMs, endedMs])
    for (const fact of facts) {
      if (!this.tenant.facts.isDue(fact.id, fact.print, firstMs, lastMs)) continue
      this.#batch
        .table(factShape)
        .append([name, fact.workload, fact.name, entity.id, firstMs, entity.kind, fact.value])
    }
  }

  scope(name: string): void {
    this.#scope = name
  }

  metric(name: string, unit: string, kind: OtlpKind): void {
    const { destinations } = this.tenant
    this.#metric = destinations.metric(this.#source, this.#scope, name, unit, kind)
  }

  point(
    attributes: ReadonlyMap<string, string>,
    timeMs: number,
    _startMs: number | undefined,
    value: number,
    noRecordedValue: boolean,
  ): void {
    const atMs = Math.round(timeMs)
    const refusal =
      this.#clockRefusal(atMs) ?? this.#store(attributes, atMs, value, noRecordedValue)
    if (refusal === undefined) this.points += 1
    else this.rejected(1, refusal)
  }

  distribution(
    attributes: ReadonlyMap<string, string>,
    timeMs: number,
    _startMs: number | undefined,
    distribution: Distribution,
    noRecordedValue: boolean,
  ): void {
    // Nobody lays out what has so many numbers.
    this.#recorded = undefined
    const atMs = Math.round(timeMs)
    const destination = this.tenant.destinations.of(this.#metric!, attributes)
    const refusal =
      this.#clockRefusal(atMs) ??
      (this.#isRefused ? 'tenantEntities' : undefined) ??
      (this.#isFull() ? 'requestRowBytes' : refusalOf(destination))
    if (refusal !== undefined) return this.rejected(1, refusal)
    const { series } = destination as DistributionDestination
    const { refused } = this.#narrowRows
    if (noRecordedValue) series.end(this.#narrowRows, atMs, distribution)
    else series.add(this.#narrowRows, atMs, distribution)
    if (this.#narrowRows.refused > refused) return this.rejected(1, 'tenantSeries')
    this.#seen(atMs, noRecordedValue)
    this.points += 1
  }

  /** From now on remembers where points go. */
  record(): void {
    this.#recorded = []
  }

  /** Where they went, and whose they are; undefined when something was not taken. */
  recorded():
    | { readonly source: Source; readonly destinations: readonly Destination[] }
    | undefined {
    const destinations = this.#recorded
    this.#recorded = undefined
    return destinations && this.#source && { source: this.#source, destinations }
  }

  /**
   * Stores a whole ResourceMetrics whose places are known. False, with nothing done, when there is
   * anything to be refused in it: whoever goes through its points one by one knows what.
   */
  planned(announced: Announced, plan: Plan, { times, values, isOneTime }: Numbers): boolean {
    const points = plan.typed.length + plan.narrow.length
    let firstMs = times[0]!
    let lastMs = firstMs
    if (!isOneTime) {
      if (plan.typed.length > 0) return false
      for (let i = 1; i < points; i++) {
        if (times[i]! < firstMs) firstMs = times[i]!
        else if (times[i]! > lastMs) lastMs = times[i]!
      }
    }
    firstMs = Math.round(firstMs)
    lastMs = Math.round(lastMs)
    if (this.#clockRefusal(firstMs) !== undefined || this.#clockRefusal(lastMs) !== undefined) {
      return false
    }
    for (let i = 0; i < points; i++) if (!Number.isFinite(values[i]!)) return false
    if (this.#isFull(plan.rowBytes) || this.#mayBeTooMany(announced, plan)) return false
    this.#enter(announced)
    this.#plannedRows(announced, plan, firstMs, values)
    for (let i = 0; i < plan.narrow.length; i++) {
      const point = plan.narrow[i]!
      const atMs = Math.round(times[point]!)
      const refusal = this.#narrow(plan.series[i]!, atMs, values[point]!)
      if (refusal !== undefined) this.rejected(1, refusal)
      else this.points += 1
    }
    this.#firstMs = firstMs
    this.#lastMs = lastMs
    this.points += plan.typed.length
    return true
  }

  #mayBeTooMany({ entity }: Announced, { series }: Plan): boolean {
    const { entities, series: seen, allowed } = this.tenant
    // The entity before this one may not be announced yet.
    const isFull = entities.isNear(allowed.entities, 2)
    if (isFull && entity !== undefined && !entities.has(entity.id)) return true
    return seen.isNear(allowed.series, series.length) && series.some(({ id }) => !seen.has(id))
  }

  #plannedRows(
    { entity }: Announced,
    { rows, typed, rowOf, columnOf }: Plan,
    atMs: number,
    values: Float64Array,
  ): void {
    const tables: TableColumns[] = []
    const positions: number[] = []
    for (const { shape, keys } of rows) {
      const table = this.#batch.table(shape)
      tables.push(table)
      positions.push(table.append([this.tenant.name, entity!.id, atMs, ...keys]))
    }
    for (let i = 0; i < typed.length; i++) {
      const row = rowOf[i]!
      tables[row]!.setNumber(columnOf[i]!, positions[row]!, values[typed[i]!]!)
    }
  }

  rejected(points: number, reason: DropReason): void {
    this.#recorded = undefined
    this.dropped.set(reason, (this.dropped.get(reason) ?? 0) + points)
  }

  #clockRefusal(atMs: number): DropReason | undefined {
    if (atMs > this.#nowMs + limits.clockAheadMs.value) return 'clockAheadMs'
    return atMs < this.#nowMs - limits.clockBehindMs.value ? 'clockBehindMs' : undefined
  }

  #store(
    attributes: ReadonlyMap<string, string>,
    atMs: number,
    value: number,
    hasEnded: boolean,
  ): DropReason | undefined {
    if (this.#isRefused) return 'tenantEntities'
    const destination = this.tenant.destinations.of(this.#metric!, attributes)
    this.#recorded?.push(destination)
    let refusal: DropReason | undefined
    if (destination.to === 'narrow') refusal = this.#narrow(destination, atMs, value, hasEnded)
    else if (destination.to !== 'typed') refusal = refusalOf(destination)
    else if (!hasEnded) refusal = this.#typed(destination, atMs, value)
    if (refusal === undefined) this.#seen(atMs, hasEnded)
    return refusal
  }

  #seen(atMs: number, hasEnded: boolean): void {
    if (hasEnded) {
      this.#endedMs = Math.max(this.#endedMs, atMs)
    } else {
      this.#firstMs = Math.min(this.#firstMs, atMs)
      this.#lastMs = Math.max(this.#lastMs, atMs)
    }
  }

  /** A short body can grow to much: labels of its resource repeat, one point is a row of all columns. */
  #isFull(more = 0): boolean {
    return this.#batch.bytes - this.#bytesBefore + more > limits.requestRowBytes.value
  }

  #typed(
    { shape, column, keys, row: name }: TypedDestination,
    atMs: number,
    value: number,
  ): DropReason | undefined {
    if (Number.isNaN(value)) return 'notANumber'
    if (!Number.isFinite(value)) return 'infinite'
    const table = this.#batch.table(shape)
    let times = this.#rows.get(table)
    if (times === undefined) this.#rows.set(table, (times = new Map<number, Map<string, number>>()))
    let rows = times.get(atMs)
    if (rows === undefined) times.set(atMs, (rows = new Map<string, number>()))
    let row = rows.get(name)
    if (row === undefined) {
      if (this.#isFull()) return 'requestRowBytes'
      row = table.append([this.tenant.name, this.#announced!.entity!.id, atMs, ...keys])
      rows.set(name, row)
    }
    table.setNumber(column, row, value)
    return undefined
  }

  #narrow(
    series: NarrowDestination,
    atMs: number,
    value: number,
    hasEnded = false,
  ): DropReason | undefined {
    if (this.#isFull()) return 'requestRowBytes'
    const { name: tenant, series: seen } = this.tenant
    if (this.tenant.refusesSeries(series.id)) return 'tenantSeries'
    if (seen.isDue(series.id, 0n, atMs, atMs)) {
      this.#batch
        .table(seriesShape)
        .append([tenant, series.id, series.name, series.kind, series.labels(), atMs, atMs])
    }
    const points = this.#batch.table(pointShape)
    const row = points.append([tenant, series.id, atMs, value])
    if (Number.isNaN(value) && !hasEnded) points.setNotANumber(POINT_VALUE, row)
    return undefined
  }
}

/** A point and a distribution of the same name are never of the same metric. */
const refusalOf = (destination: Destination): DropReason | undefined =>
  destination.to === 'nameless' || destination.to === 'labelBytes' ? destination.to : undefined
