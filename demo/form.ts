/**
 * Rows of one entity as they stand on the wire, made once by the agent's own encoder for all entities
 * that tell the same columns: what is between the resource and the end, with the places of its numbers.
 * A pass copies it behind the resource and writes times and values over those places.
 *
 * Grammar: wire/otlp-fields.ts
 */
import { FIXED64, LENGTH, Reader, tag } from '../wire/protobuf.ts'
import {
  DATA,
  METRIC,
  POINT,
  REQUEST,
  RESOURCE_METRICS,
  SCOPE_METRICS,
} from '../wire/otlp-fields.ts'
import { PassEncoder } from '../wire/otlp-encode.ts'
import { encodeResource } from '../wire/otlp-plan.ts'
import type { Entity, Row } from '../wire/sample.ts'

const TWO_32 = 2 ** 32
/** Tag and longest length of a ResourceMetrics. */
const HEAD_BYTES = 6

export class Form {
  /** The scope, and all that is in it. */
  readonly #bytes: Buffer
  readonly #times: number[] = []
  readonly #starts: number[] = []
  /** Of each value: where it stands, whether as a double, and which one it is. */
  readonly #values: { readonly at: number; readonly isDouble: boolean; readonly index: number }[] =
    []

  /**
   * `rows` hold values as they may come: what is absent in them is absent always, and what is not
   * whole in them need not be whole.
   */
  constructor(rows: readonly Row[], version: string) {
    const marked = rows.map((row) => ({ ...row, values: row.values.slice() }))
    let index = 0
    for (const { values } of marked) {
      for (let i = 0; i < values.length; i++, index++) {
        if (!Number.isNaN(values[i]!))
          values[i] = Number.isInteger(values[i]!) ? index : index + 0.5
      }
    }
    const encoder = new PassEncoder({ version, maxBytes: Number.POSITIVE_INFINITY })
    const [body] = encoder.encode({ timeMs: 1, rows: marked })
    const reader = new Reader(body!)
    reader.tag(body!.length)
    const end = reader.open(body!.length)
    reader.tag(end)
    reader.position = reader.open(end)
    this.#bytes = body!.subarray(reader.position, end)
    this.#find(new Reader(this.#bytes), PATH, this.#bytes.length)
  }

  /** Points of one pass. */
  get samples(): number {
    return this.#values.length
  }

  /** Most bytes that it takes behind this resource. */
  size(resource: Buffer): number {
    return HEAD_BYTES + resource.length + this.#bytes.length
  }

  /** Goes down from message to message; the places of numbers are in the last ones. */
  #find(reader: Reader, [field, ...deeper]: readonly number[], end: number): void {
    while (reader.position < end) {
      const found = reader.tag(end)
      const at = reader.position
      if (found === field || (field === GAUGE && found === SUM_TAG)) {
        const inner = reader.open(end)
        this.#find(reader, deeper, inner)
        reader.position = inner
        continue
      }
      if (field === undefined) this.#note(found, at)
      reader.skip(found, end)
    }
  }

  #note(found: number, at: number): void {
    if (found === TIME) this.#times.push(at)
    else if (found === START) this.#starts.push(at)
    else if (found === AS_DOUBLE || found === AS_INT) {
      const isDouble = found === AS_DOUBLE
      const mark = isDouble ? this.#bytes.readDoubleLE(at) : this.#bytes.readUInt32LE(at)
      this.#values.push({ at, isDouble, index: Math.floor(mark) })
    }
  }

  /** Writes a ResourceMetrics at `offset` of `into`, and says where it ends. `values` are those of all rows. */
  write(
    into: Buffer,
    view: DataView,
    offset: number,
    resource: Buffer,
    startMs: number,
    timeMs: number,
    values: Float64Array,
  ): number {
    let to = offset
    into[to++] = RESOURCE_METRICS_TAG
    let size = resource.length + this.#bytes.length
    for (; size > 127; size >>>= 7) into[to++] = (size & 127) | 128
    into[to++] = size
    to += resource.copy(into, to)
    const base = to
    to += this.#bytes.copy(into, to)
    writeTimes(view, base, this.#times, timeMs)
    writeTimes(view, base, this.#starts, startMs)
    for (const { at, isDouble, index } of this.#values) {
      const value = values[index]!
      if (isDouble) {
        view.setFloat64(base + at, value, true)
        continue
      }
      const high = Math.floor(value / TWO_32)
      view.setUint32(base + at, value - high * TWO_32, true)
      view.setInt32(base + at + 4, high, true)
    }
    return to
  }
}

function writeTimes(view: DataView, base: number, offsets: readonly number[], ms: number): void {
  const nanos = BigInt(Math.round(ms)) * 1_000_000n
  const low = Number(nanos & 0xffff_ffffn)
  const high = Number(nanos >> 32n)
  for (const at of offsets) {
    view.setUint32(base + at, low, true)
    view.setUint32(base + at + 4, high, true)
  }
}

const RESOURCE_METRICS_TAG = tag(REQUEST.resourceMetrics, LENGTH)
const GAUGE = tag(METRIC.gauge, LENGTH)
const SUM_TAG = tag(METRIC.sum, LENGTH)
const TIME = tag(POINT.time, FIXED64)
const START = tag(POINT.startTime, FIXED64)
const AS_DOUBLE = tag(POINT.asDouble, FIXED64)
const AS_INT = tag(POINT.asInt, FIXED64)
/** From the fields of a ResourceMetrics down to a point; a sum is where a gauge is. */
const PATH = [
  tag(RESOURCE_METRICS.scopeMetrics, LENGTH),
  tag(SCOPE_METRICS.metrics, LENGTH),
  GAUGE,
  tag(DATA.points, LENGTH),
]

/** The field `resource` of an entity, encoded. */
export const resourceOf = (entity: Entity): Buffer => encodeResource(entity)
