/**
 * Writes a pass as ExportMetricsServiceRequest bodies (otlp-fields.ts has the grammar): one
 * ResourceMetrics an entity, one scope in it, each metric once with all its points. Counters, typed or
 * not, are cumulative monotonic sums; absent columns are not sent.
 */
import { type EntityKind, KIND_ATTRIBUTE } from '../catalog/entity.ts'
import { limits } from '../catalog/limit.ts'
import type { Metric, Table } from '../catalog/metric.ts'
import { tables } from '../catalog/tables.ts'
import {
  ANY_VALUE,
  CUMULATIVE,
  DATA,
  KEY_VALUE,
  METRIC,
  POINT,
  REQUEST,
  RESOURCE,
  RESOURCE_METRICS,
  SCOPE,
  SCOPE_METRICS,
  SUM,
} from './otlp-fields.ts'
import { Writer } from './protobuf.ts'
import type { Entity, Pass, Row } from './sample.ts'

export interface EncodeOptions {
  /** A body is longer only when a single metric is. */
  readonly maxBytes?: number
  /** Version of the instrumentation scope. */
  readonly version?: string
}

/** One OTel metric of one entity kind, and where its points come from. */
interface MetricPlan {
  /** Name and unit, encoded. */
  readonly head: Buffer
  readonly isSum: boolean
  readonly columns: readonly ColumnPlan[]
}
interface ColumnPlan {
  readonly table: Table
  readonly index: number
  /** Constant attributes, encoded. */
  readonly attributes: Buffer
  readonly isFractional: boolean
}

/** Units whose figures are fractions by nature: sent as doubles even when they happen to be whole. */
const FRACTIONAL = new Set(['s', '1', '{cpu}'])

/** Room for the lengths of the messages around a metric, which are known last. */
const AROUND = 16

const plans: Readonly<Record<EntityKind, readonly MetricPlan[]>> = {
  machine: planOf('machine'),
  container: planOf('container'),
  runtime: planOf('runtime'),
}

/** What does not change from pass to pass, encoded. */
const resources = new WeakMap<Entity, Buffer>()
const keys = new WeakMap<Row, Buffer>()

export function encodePass(
  pass: Pass,
  { maxBytes = limits.pushRequestBytes.value, version = '' }: EncodeOptions = {},
): Buffer[] {
  const encoder = new PassEncoder(Math.round(pass.timeMs), maxBytes, encodeScope(version))
  for (const [entity, rows] of Map.groupBy(pass.rows, (row) => row.entity)) {
    encoder.entity(entity, rows)
  }
  return encoder.finish()
}

class PassEncoder {
  readonly #timeMs: number
  readonly #maxBytes: number
  readonly #scope: Buffer
  readonly #bodies: Buffer[] = []
  readonly #body = new Writer(16 << 10)
  /** Starts of the ResourceMetrics and ScopeMetrics that are being written. */
  #open: { readonly resource: number; readonly scope: number } | undefined

  constructor(timeMs: number, maxBytes: number, scope: Buffer) {
    this.#timeMs = timeMs
    this.#maxBytes = maxBytes
    this.#scope = scope
  }

  entity(entity: Entity, rows: readonly Row[]): void {
    const rowsByTable = Map.groupBy(rows, (row) => row.table)
    for (const metric of plans[entity.kind]) this.#metric(entity, metric, rowsByTable)
    this.#close()
  }

  finish(): Buffer[] {
    if (this.#body.length > 0) this.#bodies.push(this.#body.take())
    return this.#bodies
  }

  #metric(entity: Entity, plan: MetricPlan, rowsByTable: ReadonlyMap<Table, readonly Row[]>): void {
    const isWorthIt = plan.columns.some(({ table, index }) =>
      rowsByTable.get(table)?.some((row) => !Number.isNaN(row.values[index])),
    )
    if (!isWorthIt) return
    const body = this.#body
    const bodyStart = body.length
    if (this.#open === undefined) this.#start(entity)
    const metricStart = body.length
    this.#writeMetric(entity, plan, rowsByTable)
    if (body.length + AROUND <= this.#maxBytes || bodyStart === 0) return
    const metric = body.cut(metricStart)
    if (metricStart === bodyStart) this.#close()
    else body.cut(bodyStart)
    this.#bodies.push(body.take())
    this.#start(entity)
    body.raw(metric)
  }

  #start(entity: Entity): void {
    const body = this.#body
    const resource = body.begin(REQUEST.resourceMetrics)
    body.raw(resourceOf(entity))
    const scope = body.begin(RESOURCE_METRICS.scopeMetrics)
    body.raw(this.#scope)
    this.#open = { resource, scope }
  }

  #close(): void {
    if (this.#open === undefined) return
    this.#body.end(this.#open.scope)
    this.#body.end(this.#open.resource)
    this.#open = undefined
  }

  #writeMetric(
    { startMs }: Entity,
    { head, isSum, columns }: MetricPlan,
    rowsByTable: ReadonlyMap<Table, readonly Row[]>,
  ): void {
    const body = this.#body
    const metric = body.begin(SCOPE_METRICS.metrics)
    body.raw(head)
    const data = body.begin(isSum ? METRIC.sum : METRIC.gauge)
    for (const column of columns) {
      for (const row of rowsByTable.get(column.table) ?? []) {
        const value = row.values[column.index]!
        if (Number.isNaN(value)) continue
        const point = body.begin(DATA.points)
        if (isSum && startMs !== undefined) {
          body.unixNanoField(POINT.startTime, Math.round(startMs))
        }
        body.unixNanoField(POINT.time, this.#timeMs)
        if (column.isFractional || !Number.isSafeInteger(value)) {
          body.doubleField(POINT.asDouble, value)
        } else {
          body.sfixed64Field(POINT.asInt, value)
        }
        body.raw(column.attributes)
        body.raw(keysOf(row))
        body.end(point)
      }
    }
    if (isSum) {
      body.varintField(SUM.temporality, CUMULATIVE)
      body.varintField(SUM.monotonic, 1)
    }
    body.end(data)
    body.end(metric)
  }
}

function planOf(kind: EntityKind): readonly MetricPlan[] {
  const columns = tables
    .filter((table) => table.entity === kind)
    .flatMap((table) => table.metrics.map((metric, index) => ({ table, metric, index })))
  return [...Map.groupBy(columns, ({ metric }) => metric.otel).values()].map((ofName) => {
    const { metric } = ofName[0]!
    return {
      head: encodeHead(metric),
      isSum: metric.kind !== 'gauge',
      columns: ofName.map(({ table, metric, index }) => ({
        table,
        index,
        attributes: encodeAttributes(POINT.attributes, Object.entries(metric.attributes ?? {})),
        isFractional: FRACTIONAL.has(metric.unit),
      })),
    }
  })
}

function encodeHead({ otel, unit }: Metric): Buffer {
  const writer = new Writer()
  writer.textField(METRIC.name, otel)
  writer.textField(METRIC.unit, unit)
  return writer.take()
}

function encodeScope(version: string): Buffer {
  const writer = new Writer()
  const scope = writer.begin(SCOPE_METRICS.scope)
  writer.textField(SCOPE.name, 'candor')
  if (version !== '') writer.textField(SCOPE.version, version)
  writer.end(scope)
  return writer.take()
}

function encodeAttributes(
  field: number,
  attributes: Iterable<readonly [key: string, value: string]>,
): Buffer {
  const writer = new Writer()
  for (const [key, value] of attributes) {
    const attribute = writer.begin(field)
    writer.textField(KEY_VALUE.key, key)
    const any = writer.begin(KEY_VALUE.value)
    writer.textField(ANY_VALUE.string, value)
    writer.end(any)
    writer.end(attribute)
  }
  return writer.take()
}

function resourceOf(entity: Entity): Buffer {
  const known = resources.get(entity)
  if (known !== undefined) return known
  const writer = new Writer()
  const resource = writer.begin(RESOURCE_METRICS.resource)
  const attributes = { ...entity.attributes, [KIND_ATTRIBUTE]: entity.kind }
  writer.raw(encodeAttributes(RESOURCE.attributes, Object.entries(attributes)))
  writer.end(resource)
  const made = writer.take()
  resources.set(entity, made)
  return made
}

function keysOf(row: Row): Buffer {
  const known = keys.get(row)
  if (known !== undefined) return known
  const made = encodeAttributes(
    POINT.attributes,
    row.table.keys.map(({ attribute }, i) => [attribute, row.keys[i] ?? '']),
  )
  keys.set(row, made)
  return made
}
