/**
 * Bodies that differ from an earlier one in times and values alone, which is nearly every body of a
 * sender: those have eight bytes each on the wire whatever they are, so all others stand where they
 * stood. What is between the numbers is compared byte by byte with zeros in their places, hence a body
 * that is taken for another's like is that; and its numbers are read without decoding anything.
 *
 * The unit is not the body but one ResourceMetrics: its resource, and all the rest as a `Layout`.
 * Layouts hold no name of a resource, so that containers that tell the same metrics share one, those
 * of other machines too, and one that comes or goes does not change how the others are read.
 *
 * Only what has nothing special has a layout: gauges and cumulative sums, at least one point, each with
 * one time and one number. All else is for otlp-decode.ts.
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
import { FIXED64, LENGTH, MalformedMessage, Reader, tag, VARINT } from './protobuf.ts'

const RESOURCE_METRICS_TAG = tag(REQUEST.resourceMetrics, LENGTH)
const RESOURCE_TAG = tag(RESOURCE_METRICS.resource, LENGTH)
const SCOPE_METRICS_TAG = tag(RESOURCE_METRICS.scopeMetrics, LENGTH)
const METRIC_TAG = tag(SCOPE_METRICS.metrics, LENGTH)
const GAUGE_TAG = tag(METRIC.gauge, LENGTH)
const SUM_TAG = tag(METRIC.sum, LENGTH)
const OTHER_DATA_TAGS: ReadonlySet<number> = new Set(
  [METRIC.histogram, METRIC.exponentialHistogram, METRIC.summary].map((each) => tag(each, LENGTH)),
)
const POINT_TAG = tag(DATA.points, LENGTH)
const TEMPORALITY_TAG = tag(SUM.temporality, VARINT)
const START_TAG = tag(POINT.startTime, FIXED64)
const TIME_TAG = tag(POINT.time, FIXED64)
const AS_DOUBLE_TAG = tag(POINT.asDouble, FIXED64)
const AS_INT_TAG = tag(POINT.asInt, FIXED64)
const FLAGS_TAG = tag(POINT.flags, VARINT)

const TWO_32 = 2 ** 32

/** Where one ResourceMetrics stands in a body: from its own tag on, and what its parts are. */
export interface Segment {
  readonly start: number
  readonly resourceStart: number
  /** End of the resource, and start of all the rest. */
  readonly layoutStart: number
  readonly end: number
}

/** One with a point has more; where there are many without, to look for each takes longer than to decode. */
const SEGMENT_BYTES = 48
const FEW = 100

/** Undefined when a body is anything but ResourceMetrics that begin with their resource. */
export function segmentsOf(body: Buffer): readonly Segment[] | undefined {
  const reader = new Reader(body)
  const segments: Segment[] = []
  try {
    while (reader.position < body.length) {
      const start = reader.position
      if (reader.tag(body.length) !== RESOURCE_METRICS_TAG) return undefined
      const end = reader.open(body.length)
      if (reader.position === end || reader.tag(end) !== RESOURCE_TAG) return undefined
      const layoutStart = reader.open(end)
      if (segments.length > FEW + body.length / SEGMENT_BYTES) return undefined
      segments.push({ start, resourceStart: reader.position, layoutStart, end })
      reader.position = end
    }
  } catch (error) {
    // Whoever decodes it says where it is malformed.
    if (error instanceof MalformedMessage) return undefined
    throw error
  }
  return segments
}

/** Numbers of one ResourceMetrics, point by point; overwritten by the next. */
export interface Numbers {
  /** Unix ms. */
  times: Float64Array
  values: Float64Array
  /** Whether all times are that of the first point. */
  isOneTime: boolean
}

const FIRST_POINTS = 1_024

export const noNumbers = (): Numbers => ({
  times: new Float64Array(FIRST_POINTS),
  values: new Float64Array(FIRST_POINTS),
  isOneTime: true,
})

/** The part of a body that is looked at, with zeros where numbers were. */
let scratch = Buffer.allocUnsafeSlow(1 << 16)
let scratchView = new DataView(scratch.buffer)

function reserveScratch(size: number): void {
  if (size <= scratch.length) return
  scratch = Buffer.allocUnsafeSlow(2 * size)
  scratchView = new DataView(scratch.buffer)
}

/** All of a ResourceMetrics but its resource, and where its numbers stand in it. */
export class Layout {
  readonly #zeroed: Buffer
  /** Offsets of times, point by point, and of start times. */
  readonly #times: Uint32Array
  readonly #starts: Uint32Array
  /** Offsets of values, twice, and one more where it is an integer. */
  readonly #values: Uint32Array

  constructor(bytes: Uint8Array, slots: Slots) {
    this.#zeroed = Buffer.from(bytes)
    this.#times = Uint32Array.from(slots.times)
    this.#starts = Uint32Array.from(slots.starts)
    this.#values = Uint32Array.from(slots.values)
    const view = new DataView(this.#zeroed.buffer, this.#zeroed.byteOffset, this.#zeroed.length)
    this.#zero(view)
  }

  get points(): number {
    return this.#values.length
  }

  /** Length of what it stands for. */
  get length(): number {
    return this.#zeroed.length
  }

  /** What it takes in memory. */
  get bytes(): number {
    return this.#zeroed.length + 4 * (2 * this.points + this.#starts.length) + OBJECT_BYTES
  }

  #zero(view: DataView): void {
    for (let i = 0; i < this.#times.length; i++) view.setFloat64(this.#times[i]!, 0)
    for (let i = 0; i < this.#starts.length; i++) view.setFloat64(this.#starts[i]!, 0)
    for (let i = 0; i < this.#values.length; i++) view.setFloat64(this.#values[i]! >>> 1, 0)
  }

  /**
   * Reads the numbers of a part of a body; false when the part differs in more than them, or when a
   * number is one that has to be refused: no time, or not a number.
   */
  read(body: Buffer, start: number, end: number, into: Numbers): boolean {
    const size = this.#zeroed.length
    if (end - start !== size) return false
    reserveScratch(size)
    body.copy(scratch, 0, start, end)
    return this.#take(scratchView, into) && scratch.compare(this.#zeroed, 0, size, 0, size) === 0
  }

  /** Takes the numbers out of what `view` shows, and leaves zeros. */
  #take(view: DataView, into: Numbers): boolean {
    const timesAt = this.#times
    const valuesAt = this.#values
    const startsAt = this.#starts
    const points = valuesAt.length
    if (points > into.values.length) {
      into.values = new Float64Array(2 * points)
      into.times = new Float64Array(2 * points)
    }
    const { times, values } = into
    let low = 0
    let high = 0
    let ms = 0
    let isOneTime = true
    for (let i = 0; i < points; i++) {
      const time = timesAt[i]!
      const timeLow = view.getUint32(time, true)
      const timeHigh = view.getUint32(time + 4, true)
      view.setFloat64(time, 0)
      if (timeLow !== low || timeHigh !== high || i === 0) {
        if (i > 0) isOneTime = false
        low = timeLow
        high = timeHigh
        if (low === 0 && high === 0) return false
        ms = unixNanoAsMs(low, high)
      }
      times[i] = ms
      const slot = valuesAt[i]!
      const at = slot >>> 1
      const value =
        (slot & 1) === 0
          ? view.getFloat64(at, true)
          : view.getInt32(at + 4, true) * TWO_32 + view.getUint32(at, true)
      if (Number.isNaN(value)) return false
      view.setFloat64(at, 0)
      values[i] = value
    }
    for (let i = 0; i < startsAt.length; i++) view.setFloat64(startsAt[i]!, 0)
    into.isOneTime = isOneTime
    return true
  }
}

/** Of the objects around the bytes, roughly. */
const OBJECT_BYTES = 400

/** As `Reader.unixNanoAsMs`. */
function unixNanoAsMs(low: number, high: number): number {
  const nanos = high * 967_296 + low
  const rest = nanos % 1e6
  return high * 4294 + (nanos - rest) / 1e6 + rest / 1e6
}

interface Slots {
  readonly times: number[]
  readonly starts: number[]
  readonly values: number[]
}

/** The layout of a part of a body that was decoded before; undefined where something is special. */
export function layoutOf(body: Buffer, start: number, end: number): Layout | undefined {
  const bytes = body.subarray(start, end)
  const slots: Slots = { times: [], starts: [], values: [] }
  const walk = new Walk(new Reader(bytes), slots)
  const isPlain = walk.resourceMetrics(bytes.length) && slots.values.length > 0
  return isPlain ? new Layout(bytes, slots) : undefined
}

/** Each says whether nothing is special in a message, and leaves the reader at its end if so. */
class Walk {
  readonly #reader: Reader
  readonly #slots: Slots

  constructor(reader: Reader, slots: Slots) {
    this.#reader = reader
    this.#slots = slots
  }

  /** A second resource would take the place of the first. */
  resourceMetrics(end: number): boolean {
    return this.#each(end, (field) => {
      if (field === RESOURCE_TAG) return false
      return field === SCOPE_METRICS_TAG ? this.#scopeMetrics(this.#reader.open(end)) : undefined
    })
  }

  #scopeMetrics(end: number): boolean {
    return this.#each(end, (field) =>
      field === METRIC_TAG ? this.#metric(this.#reader.open(end)) : undefined,
    )
  }

  #metric(end: number): boolean {
    let data = 0
    return this.#each(end, (field) => {
      if (OTHER_DATA_TAGS.has(field)) return false
      if (field !== GAUGE_TAG && field !== SUM_TAG) return undefined
      // Of two the last counts.
      data += 1
      return data === 1 && this.#data(field, this.#reader.open(end))
    })
  }

  #data(data: number, end: number): boolean {
    let temporality = 0
    const isPlain = this.#each(end, (field) => {
      if (field === POINT_TAG) return this.#point(this.#reader.open(end))
      if (field !== TEMPORALITY_TAG) return undefined
      temporality = this.#reader.varint(end)
      return true
    })
    return isPlain && (data === GAUGE_TAG || temporality === CUMULATIVE)
  }

  #point(end: number): boolean {
    const reader = this.#reader
    let times = 0
    let starts = 0
    let values = 0
    const isPlain = this.#each(end, (field) => {
      const at = reader.position
      if (field === FLAGS_TAG) return reader.varint(end) % 2 !== NO_RECORDED_VALUE
      if (field === TIME_TAG) {
        times += 1
        this.#slots.times.push(at)
      } else if (field === START_TAG) {
        starts += 1
        this.#slots.starts.push(at)
      } else if (field === AS_DOUBLE_TAG || field === AS_INT_TAG) {
        values += 1
        this.#slots.values.push(2 * at + (field === AS_INT_TAG ? 1 : 0))
      }
      return undefined
    })
    return isPlain && times === 1 && values === 1 && starts <= 1
  }

  /** `take` reads a field; where it says undefined, the field is passed over. */
  #each(end: number, take: (field: number) => boolean | undefined): boolean {
    const reader = this.#reader
    while (reader.position < end) {
      const field = reader.tag(end)
      const taken = take(field)
      if (taken === undefined) reader.skip(field, end)
      else if (!taken) return false
    }
    return true
  }
}
