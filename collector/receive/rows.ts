/**
 * Turns one OTLP request into rows of a batch. Points of our agents go to the typed tables, one row an
 * entity, table, keys and time; those of narrow tables, and what others send, go to series and point
 * under Prometheus names.
 *
 * A point without a value says that its series ended. In point that is a NaN, and a sender's own NaN is
 * another (see `NOT_A_NUMBER`); typed tables, where NaN is absent, have neither that nor infinities. An
 * entity whose series all end has its end in its row of entity, and none in the typed tables: it has no
 * rows there from then on.
 *
 * What makes a resource ours is `candor.entity.kind` with all identity attributes of that kind: names
 * of the catalogue come from other senders too, with another meaning of `host.id` or none.
 */
import type { Distribution } from '../../wire/distribution.ts'
import type { OtlpKind, OtlpVisitor, Rejection } from '../../wire/otlp-visitor.ts'
import type { Numbers } from '../../wire/skeleton.ts'
import type { ColumnBatch, TableColumns } from '../store/columns.ts'
import { entityShape, factShape } from '../store/schema.ts'
import type {
  Destination,
  DistributionDestination,
  MetricDestinations,
  NarrowDestination,
  TypedDestination,
} from './destinations.ts'
import { NarrowRows, timeRefusal } from './narrow-rows.ts'
import type { Plan } from './plan.ts'
import type { Fresh } from './seen.ts'
import type { Source } from './source.ts'
import type { Tenant } from './tenant.ts'

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

/** Whose points are taken, and what is announced of it. */
export interface Announced extends Pick<Source, 'entity' | 'print'> {
  /** When it need not be announced. */
  fresh?: Fresh | undefined
  /** Asked for when it is announced, which is seldom. */
  describe(): Pick<Source, 'json' | 'facts'>
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

  constructor(batch: ColumnBatch, tenant: Tenant, nowMs: number) {
    this.#batch = batch
    this.#narrowRows = new NarrowRows(batch, tenant)
    this.tenant = tenant
    this.#nowMs = nowMs
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
    if (this.#rows.size > 0) this.#rows = new Map()
  }

  /** Ends the last resource. */
  finish(): void {
    const { name, entities } = this.tenant
    const announced = this.#announced
    const hasEnded = this.#endedMs > this.#lastMs
    if (announced?.entity === undefined || (this.#lastMs === -Infinity && !hasEnded)) return
    const { entity, print, fresh } = announced
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
    const { json, facts } = announced.describe()
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
      timeRefusal(atMs, this.#nowMs) ?? this.#store(attributes, atMs, value, noRecordedValue)
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
      timeRefusal(atMs, this.#nowMs) ??
      (this.#isRefused ? 'tenantEntities' : undefined) ??
      (this.#narrowRows.isFull() ? 'requestRowBytes' : refusalOf(destination))
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
    if (
      timeRefusal(firstMs, this.#nowMs) !== undefined ||
      timeRefusal(lastMs, this.#nowMs) !== undefined
    ) {
      return false
    }
    for (let i = 0; i < points; i++) if (!Number.isFinite(values[i]!)) return false
    if (this.#narrowRows.isFull(plan.rowBytes) || this.#mayBeTooMany(announced, plan)) return false
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
      if (this.#narrowRows.isFull()) return 'requestRowBytes'
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
    const rows = this.#narrowRows
    if (rows.isFull()) return 'requestRowBytes'
    const { refused } = rows
    if (hasEnded) rows.endPoints(series, series.kind, atMs)
    else rows.point(series, series.kind, atMs, value)
    return rows.refused > refused ? 'tenantSeries' : undefined
  }
}

/** A point and a distribution of the same name are never of the same metric. */
const refusalOf = (destination: Destination): DropReason | undefined =>
  destination.to === 'nameless' || destination.to === 'labelBytes' ? destination.to : undefined
