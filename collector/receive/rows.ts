/**
 * Turns one OTLP request into rows of a batch. Points of our agents go to the typed tables, one row an
 * entity, table, keys and time; all others to series and point under Prometheus names.
 *
 * What makes a resource ours is `candor.entity.kind` with all identity attributes of that kind: names
 * of the catalogue come from other senders too, with another meaning of `host.id` or none.
 */
import { type EntityKind, entities, KIND_ATTRIBUTE } from '../../catalog/entity.ts'
import { limits } from '../../catalog/limit.ts'
import { prometheusLabels, prometheusName } from '../../wire/names.ts'
import type { OtlpKind, OtlpVisitor, Rejection } from '../../wire/otlp-decode.ts'
import type { ColumnBatch, TableColumns } from '../store/columns.ts'
import { entityShape, pointShape, seriesShape } from '../store/schema.ts'
import { type Family, familiesOfMetric, type Place, placeOf } from './column-of-point.ts'
import { entityId, textId } from './identity.ts'
import { SeenCache } from './seen.ts'

/** Why points were not stored: a limit by its name, or what they are. */
export type DropReason =
  | Rejection
  | 'infinite'
  | 'clockAheadMs'
  | 'clockBehindMs'
  | 'labelBytes'
  | 'requestRowBytes'

/** last_seen of an entity is behind its newest sample by less than this. */
const ENTITY_REFRESH_MS = 60_000
const SERIES_REFRESH_MS = 900_000

/** What a resource means to the store. */
interface Source {
  readonly entity: { readonly kind: EntityKind; readonly id: bigint } | undefined
  /** Attributes as JSON, and the id of that. */
  readonly attributes: string
  readonly print: bigint
  /** Labels that its narrow series get; undefined when one is too long to be one. */
  readonly labels: Readonly<Record<string, string>> | undefined
}

/** What receiving remembers of one tenant between requests. */
export class Tenant {
  readonly name: string
  readonly entities = new SeenCache(limits.seriesCached.value, ENTITY_REFRESH_MS)
  readonly series = new SeenCache(limits.seriesCached.value, SERIES_REFRESH_MS)
  /** Decoding gives the same map for the same bytes. */
  readonly #sources = new WeakMap<ReadonlyMap<string, string>, Source>()

  constructor(name: string) {
    this.name = name
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

function makeSource(tenant: string, attributes: ReadonlyMap<string, string>): Source {
  const kind = attributes.get(KIND_ATTRIBUTE)
  const id = isKind(kind) ? entityId(tenant, kind, attributes) : undefined
  const told = [...attributes].filter(([name]) => name !== KIND_ATTRIBUTE)
  const json = JSON.stringify(Object.fromEntries(told.toSorted(byName)))
  return {
    entity: isKind(kind) && id !== undefined ? { kind, id } : undefined,
    attributes: json,
    print: textId(json),
    labels: resourceLabels(attributes),
  }
}

const isKind = (kind: string | undefined): kind is EntityKind =>
  kind !== undefined && Object.hasOwn(entities, kind)

const byName = ([a]: readonly [string, string], [b]: readonly [string, string]) => (a < b ? -1 : 1)

function resourceLabels(attributes: ReadonlyMap<string, string>): Source['labels'] {
  const service = attributes.get('service.name')
  const namespace = attributes.get('service.namespace')
  const job = service && namespace ? `${namespace}/${service}` : service
  const instance = attributes.get('service.instance.id') ?? attributes.get('host.name')
  const labels = {
    ...(job !== undefined && { job }),
    ...(instance !== undefined && { instance }),
  }
  const isTooLong = (text: string) => Buffer.byteLength(text) > limits.labelBytes.value
  return Object.values(labels).some(isTooLong) ? undefined : labels
}

/** Visits one request. */
export class RowBuilder implements OtlpVisitor {
  readonly #batch: ColumnBatch
  readonly #tenant: Tenant
  readonly #nowMs: number
  /** Points that were taken. */
  points = 0
  readonly dropped = new Map<DropReason, number>()
  #source: Source | undefined
  /** Times of the resource's typed rows. */
  #firstMs = Infinity
  #lastMs = -Infinity
  /** Typed rows of the resource: by table, then by time and keys. */
  #rows = new Map<TableColumns, Map<string, number>>()
  #metric: { readonly name: string; readonly unit: string; readonly kind: OtlpKind } | undefined
  #families: readonly Family[] = []
  /** What the batch held before this request. */
  readonly #bytesBefore: number

  constructor(batch: ColumnBatch, tenant: Tenant, nowMs: number) {
    this.#batch = batch
    this.#tenant = tenant
    this.#nowMs = nowMs
    this.#bytesBefore = batch.bytes
  }

  resource(attributes: ReadonlyMap<string, string>): void {
    this.finish()
    this.#source = this.#tenant.source(attributes)
    this.#firstMs = Infinity
    this.#lastMs = -Infinity
    this.#rows = new Map()
  }

  /** Ends the last resource. */
  finish(): void {
    const { name, entities } = this.#tenant
    const { entity, print, attributes } = this.#source ?? {}
    if (entity === undefined || this.#rows.size === 0) return
    if (!entities.isDue(entity.id, print!, this.#firstMs, this.#lastMs)) return
    this.#batch
      .table(entityShape)
      .append([name, entity.kind, entity.id, attributes!, this.#firstMs, this.#lastMs])
  }

  metric(name: string, unit: string, kind: OtlpKind): void {
    const entity = this.#source?.entity
    this.#metric = { name, unit, kind }
    this.#families = entity === undefined ? [] : familiesOfMetric(entity.kind, name, unit)
  }

  point(
    attributes: ReadonlyMap<string, string>,
    timeMs: number,
    _startMs: number | undefined,
    value: number,
    noRecordedValue: boolean,
  ): void {
    const atMs = Math.round(timeMs)
    // The sender says that there is no value: absent, as if the point were not there.
    if (noRecordedValue) return
    const place = placeOf(this.#families, attributes)
    const refusal =
      this.#refusal(atMs, value) ??
      (place === undefined
        ? this.#narrow(attributes, atMs, value)
        : this.#typed(place, atMs, value))
    if (refusal === undefined) this.points += 1
    else this.rejected(1, refusal)
  }

  rejected(points: number, reason: DropReason): void {
    this.dropped.set(reason, (this.dropped.get(reason) ?? 0) + points)
  }

  #refusal(atMs: number, value: number): DropReason | undefined {
    if (atMs > this.#nowMs + limits.clockAheadMs.value) return 'clockAheadMs'
    if (atMs < this.#nowMs - limits.clockBehindMs.value) return 'clockBehindMs'
    return Number.isFinite(value) ? undefined : 'infinite'
  }

  /** A short body can grow to much: labels of its resource repeat, one point is a row of all columns. */
  #isFull(): boolean {
    return this.#batch.bytes - this.#bytesBefore > limits.requestRowBytes.value
  }

  #typed({ shape, column, keys }: Place, atMs: number, value: number): DropReason | undefined {
    const table = this.#batch.table(shape)
    let rows = this.#rows.get(table)
    if (rows === undefined) this.#rows.set(table, (rows = new Map<string, number>()))
    const key = `${atMs}\0${keys.join('\0')}`
    let row = rows.get(key)
    if (row === undefined) {
      if (this.#isFull()) return 'requestRowBytes'
      row = table.append([this.#tenant.name, this.#source!.entity!.id, atMs, ...keys])
      rows.set(key, row)
      this.#firstMs = Math.min(this.#firstMs, atMs)
      this.#lastMs = Math.max(this.#lastMs, atMs)
    }
    table.setNumber(column, row, value)
    return undefined
  }

  #narrow(
    attributes: ReadonlyMap<string, string>,
    atMs: number,
    value: number,
  ): DropReason | undefined {
    const { name: otelName, unit, kind } = this.#metric!
    if (kind === 'unsupported') return kind
    if (this.#isFull()) return 'requestRowBytes'
    const name = prometheusName(otelName, unit, kind)
    if (name === undefined) return 'nameless'
    const resource = this.#source?.labels
    if (resource === undefined) return 'labelBytes'
    const labels = Object.entries({ ...prometheusLabels(attributes), ...resource })
      // To Prometheus an empty label is none.
      .filter(([, text]) => text !== '')
      .toSorted(byName)
    const { name: tenant, series } = this.#tenant
    const id = textId(JSON.stringify([tenant, name, labels]))
    if (series.isDue(id, 0n, atMs, atMs)) {
      const map = JSON.stringify(Object.fromEntries(labels))
      const promKind = kind === 'counter' ? 'counter' : 'gauge'
      this.#batch.table(seriesShape).append([tenant, id, name, promKind, map, atMs, atMs])
    }
    this.#batch.table(pointShape).append([tenant, id, atMs, value])
    return undefined
  }
}
