/**
 * Rows of one entity as encoded ResourceMetrics (otlp-fields.ts has the grammar), made once. Times,
 * start times and values have eight bytes each, whatever they are, so the next pass only overwrites
 * these: the bytes around them change when rows, keys or attributes do, or which columns are absent.
 */
import {
  CUMULATIVE,
  DATA,
  METRIC,
  NO_RECORDED_VALUE,
  POINT,
  REQUEST,
  RESOURCE_METRICS,
  SCOPE_METRICS,
  SUM,
} from './otlp-fields.ts'
import { type ColumnPlan, encodeKeys, encodeResource, type MetricPlan } from './otlp-plan.ts'
import { FIXED64, lengthFieldSize, tag, VARINT, Writer } from './protobuf.ts'
import type { Entity, Row } from './sample.ts'

export interface TemplateOptions {
  readonly plans: readonly MetricPlan[]
  /** The field `scope`, encoded. */
  readonly scope: Buffer
  /** A segment is longer only when a single metric is. */
  readonly maxBytes: number
  /** Columns whose values are not all whole: they stay doubles, so that a layout changes but once. */
  readonly doubles: Set<ColumnPlan>
  /** Points say that their series ended, and have no value. */
  readonly ended?: boolean
}

/** One point of a metric that is being laid out. */
interface Planned {
  readonly column: ColumnPlan
  readonly row: number
  readonly keys: Buffer
}
interface PlannedMetric {
  readonly plan: MetricPlan
  readonly points: readonly Planned[]
  readonly dataSize: number
  readonly size: number
}

/** A ResourceMetrics as a field of a request. Offsets are bytes of it; point `i` has the i-th of each. */
interface Segment {
  readonly bytes: Buffer
  readonly view: DataView
  readonly times: readonly number[]
  readonly values: readonly number[]
  readonly rows: readonly number[]
  readonly columns: readonly ColumnPlan[]
  readonly isDouble: readonly boolean[]
  /** Of the points that have one. */
  readonly starts: readonly number[]
}

/** Tag and eight bytes. */
const FIXED_SIZE = 9
const TIME = tag(POINT.time, FIXED64)
const START = tag(POINT.startTime, FIXED64)
const AS_INT = tag(POINT.asInt, FIXED64)
const AS_DOUBLE = tag(POINT.asDouble, FIXED64)
const FLAGS = tag(POINT.flags, VARINT)
const FLAGS_SIZE = 2
const TWO_32 = 2 ** 32

const sumTail = new Writer()
sumTail.varintField(SUM.temporality, CUMULATIVE)
sumTail.varintField(SUM.monotonic, 1)
const SUM_TAIL = sumTail.take()

export class Template {
  readonly #options: TemplateOptions
  readonly #entity: Entity
  readonly #attributes: Entity['attributes']
  #startMs: number | undefined
  /** Replaced by those of a later pass that say the same. */
  readonly #rows: Row[]
  /** Present columns of each row. */
  readonly #present: readonly number[]
  readonly #segments: readonly Segment[]

  constructor(entity: Entity, rows: readonly Row[], options: TemplateOptions) {
    this.#options = options
    this.#entity = entity
    this.#attributes = entity.attributes
    this.#startMs = entity.startMs
    this.#rows = [...rows]
    this.#present = rows.map(presentIn)
    this.#segments = layOut(entity, rows, options)
    if (entity.startMs !== undefined) this.#writeStarts(entity.startMs)
  }

  /** Whether it was made for these rows; what they hold is another question, which `fill` answers. */
  isOf(entity: Entity, rows: readonly Row[]): boolean {
    if (entity.attributes !== this.#attributes || rows.length !== this.#rows.length) return false
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!
      if (row !== this.#rows[i] && !isSameRow(row, this.#rows[i]!)) return false
      this.#rows[i] = row
    }
    return true
  }

  /** Writes the rows' values and this time; false when they no longer fit what was laid out. */
  fill(timeMs: number): boolean {
    const { startMs } = this.#entity
    if ((startMs === undefined) !== (this.#startMs === undefined)) return false
    if (this.#rows.some((row, i) => presentIn(row) !== this.#present[i])) return false
    if (startMs !== undefined && startMs !== this.#startMs) this.#writeStarts(startMs)
    for (const segment of this.#segments) {
      writeTimes(segment.view, segment.times, timeMs)
      if (this.#options.ended !== true && !this.#writeValues(segment)) return false
    }
    return true
  }

  /** As filled last; overwritten by the next time. */
  get segments(): readonly Buffer[] {
    return this.#segments.map(({ bytes }) => bytes)
  }

  /** The series that it has points of. */
  *series(): Generator<{ readonly row: Row; readonly column: number }> {
    for (const { rows, columns } of this.#segments) {
      for (const [i, row] of rows.entries()) {
        yield { row: this.#rows[row]!, column: columns[i]!.index }
      }
    }
  }

  #writeStarts(startMs: number): void {
    this.#startMs = startMs
    for (const { view, starts } of this.#segments) writeTimes(view, starts, startMs)
  }

  #writeValues({ view, values, rows, columns, isDouble }: Segment): boolean {
    for (let i = 0; i < values.length; i++) {
      const column = columns[i]!
      const value = this.#rows[rows[i]!]!.values[column.index]!
      const at = values[i]!
      if (Number.isNaN(value)) return false
      if (isDouble[i]!) {
        view.setFloat64(at, value, true)
      } else if (Number.isSafeInteger(value)) {
        const high = Math.floor(value / TWO_32)
        view.setUint32(at, value - high * TWO_32, true)
        view.setInt32(at + 4, high, true)
      } else {
        this.#options.doubles.add(column)
        return false
      }
    }
    return true
  }
}

function presentIn({ values }: Row): number {
  let present = 0
  for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i]!)) present += 1
  return present
}

const isSameRow = (a: Row, b: Row) =>
  a.table === b.table &&
  a.keys.length === b.keys.length &&
  a.keys.every((key, i) => key === b.keys[i])

/** Unix nanoseconds of the time that was written last: all segments of a pass have the same. */
let lastMs = Number.NaN
let low = 0
let high = 0

function writeTimes(view: DataView, offsets: readonly number[], ms: number): void {
  if (ms !== lastMs) {
    const nanos = BigInt(Math.round(ms)) * 1_000_000n
    low = Number(nanos & 0xffff_ffffn)
    high = Number(nanos >> 32n)
    lastMs = ms
  }
  for (const at of offsets) {
    view.setUint32(at, low, true)
    view.setUint32(at + 4, high, true)
  }
}

/** Sizes are known before anything is written, so that nothing has to move. */
function layOut(entity: Entity, rows: readonly Row[], options: TemplateOptions): Segment[] {
  const resource = encodeResource(entity)
  const around = resource.length + options.scope.length
  const hasStart = entity.startMs !== undefined && options.ended !== true
  const metrics = planMetrics(rows, options, hasStart)
  const segments: Segment[] = []
  let group: PlannedMetric[] = []
  let size = 0
  for (const metric of metrics) {
    if (group.length > 0 && segmentSize(around, size + metric.size) > options.maxBytes) {
      segments.push(writeSegment(resource, group, size, options, hasStart))
      group = []
      size = 0
    }
    group.push(metric)
    size += metric.size
  }
  if (group.length > 0) segments.push(writeSegment(resource, group, size, options, hasStart))
  return segments
}

/** At most: the lengths of both messages may take a byte or two less. */
const segmentSize = (around: number, metrics: number) => around + metrics + 12

function planMetrics(
  rows: readonly Row[],
  { plans, ended = false }: TemplateOptions,
  hasStart: boolean,
): PlannedMetric[] {
  const keys = rows.map(encodeKeys)
  const byTable = Map.groupBy(rows.keys(), (row) => rows[row]!.table)
  const planned: PlannedMetric[] = []
  for (const plan of plans) {
    const points = plan.columns.flatMap((column) =>
      (byTable.get(column.table) ?? [])
        .filter((row) => !Number.isNaN(rows[row]!.values[column.index]))
        .map((row) => ({ column, row, keys: keys[row]! })),
    )
    if (points.length === 0) continue
    let dataSize = plan.isSum ? SUM_TAIL.length : 0
    for (const point of points) {
      dataSize += lengthFieldSize(pointSize(point, plan.isSum && hasStart, ended))
    }
    const size = lengthFieldSize(plan.head.length + lengthFieldSize(dataSize))
    planned.push({ plan, points, dataSize, size })
  }
  return planned
}

const pointSize = ({ column, keys }: Planned, hasStart: boolean, ended: boolean): number =>
  (hasStart ? FIXED_SIZE : 0) +
  FIXED_SIZE +
  (ended ? FLAGS_SIZE : FIXED_SIZE) +
  column.attributes.length +
  keys.length

function writeSegment(
  resource: Buffer,
  metrics: readonly PlannedMetric[],
  metricsSize: number,
  { scope, doubles, ended = false }: TemplateOptions,
  hasStart: boolean,
): Segment {
  const times: number[] = []
  const values: number[] = []
  const starts: number[] = []
  const rows: number[] = []
  const columns: ColumnPlan[] = []
  const isDouble: boolean[] = []
  const scopeSize = scope.length + metricsSize
  const size = resource.length + lengthFieldSize(scopeSize)
  const writer = new Writer(lengthFieldSize(size))
  const slot = (fieldTag: number, offsets: number[]) => {
    writer.varint(fieldTag)
    offsets.push(writer.length)
    writer.skip(8)
  }
  writer.lengthField(REQUEST.resourceMetrics, size)
  writer.raw(resource)
  writer.lengthField(RESOURCE_METRICS.scopeMetrics, scopeSize)
  writer.raw(scope)
  for (const { plan, points, dataSize } of metrics) {
    writer.lengthField(SCOPE_METRICS.metrics, plan.head.length + lengthFieldSize(dataSize))
    writer.raw(plan.head)
    writer.lengthField(plan.isSum ? METRIC.sum : METRIC.gauge, dataSize)
    for (const point of points) {
      const { column } = point
      const withStart = plan.isSum && hasStart
      writer.lengthField(DATA.points, pointSize(point, withStart, ended))
      if (withStart) slot(START, starts)
      slot(TIME, times)
      rows.push(point.row)
      columns.push(column)
      const double = column.isFractional || doubles.has(column)
      isDouble.push(double)
      if (!ended) slot(double ? AS_DOUBLE : AS_INT, values)
      writer.raw(column.attributes)
      writer.raw(point.keys)
      if (ended) {
        writer.varint(FLAGS)
        writer.varint(NO_RECORDED_VALUE)
      }
    }
    if (plan.isSum) writer.raw(SUM_TAIL)
  }
  const bytes = writer.take()
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return { bytes, view, times, values, rows, columns, isDouble, starts }
}
