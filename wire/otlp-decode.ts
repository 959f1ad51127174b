/**
 * Reads an ExportMetricsServiceRequest (otlp-fields.ts has the grammar) and tells a visitor what is
 * in it, in the order of the body: a resource, a scope, a metric of it, a point of that. Nothing is built for a
 * point, and names and attribute sets that were seen lately are not decoded again.
 *
 * A body that is malformed anywhere throws, whatever the visitor saw before: a caller stores nothing
 * until `decodeMetrics` has come back. What is valid but cannot be taken is reported with its reason.
 */
import { limits } from '../catalog/limit.ts'
import { ByteCache } from './byte-cache.ts'
import { type AttributeSet, parseAttributes, readAttributes } from './otlp-attributes.ts'
import { isData, POINT_TAG, surveyData } from './otlp-data.ts'
import { type DistributionForm, readDistribution } from './otlp-distribution.ts'
import {
  METRIC,
  NO_RECORDED_VALUE,
  POINT,
  REQUEST,
  RESOURCE,
  RESOURCE_METRICS,
  SCOPE,
  SCOPE_METRICS,
} from './otlp-fields.ts'
import type { OtlpVisitor, Rejection } from './otlp-visitor.ts'
import { FIXED64, LENGTH, Reader, tag, VARINT } from './protobuf.ts'

const RESOURCE_METRICS_TAG = tag(REQUEST.resourceMetrics, LENGTH)
const RESOURCE_TAG = tag(RESOURCE_METRICS.resource, LENGTH)
const SCOPE_METRICS_TAG = tag(RESOURCE_METRICS.scopeMetrics, LENGTH)
const RESOURCE_ATTRIBUTE_TAG = tag(RESOURCE.attributes, LENGTH)
const SCOPE_TAG = tag(SCOPE_METRICS.scope, LENGTH)
const SCOPE_NAME_TAG = tag(SCOPE.name, LENGTH)
const METRIC_TAG = tag(SCOPE_METRICS.metrics, LENGTH)
const NAME_TAG = tag(METRIC.name, LENGTH)
const UNIT_TAG = tag(METRIC.unit, LENGTH)
const START_TAG = tag(POINT.startTime, FIXED64)
const TIME_TAG = tag(POINT.time, FIXED64)
const AS_DOUBLE_TAG = tag(POINT.asDouble, FIXED64)
const AS_INT_TAG = tag(POINT.asInt, FIXED64)
const POINT_ATTRIBUTE_TAG = tag(POINT.attributes, LENGTH)
const FLAGS_TAG = tag(POINT.flags, VARINT)

/** Names and units. */
const texts = new ByteCache<string>(4_096, limits.nameBytes.value)

/** Throws MalformedMessage. */
export function decodeMetrics(body: Uint8Array, visitor: OtlpVisitor): void {
  const decoder = new Decoder(body, visitor)
  decoder.request()
}

/**
 * Attributes of the resource between two positions, a map of their own; undefined where it is refused.
 * Throws MalformedMessage.
 */
export function resourceAttributes(
  body: Buffer,
  start: number,
  end: number,
): ReadonlyMap<string, string> | undefined {
  const set = parseAttributes(new Reader(body), start, end, RESOURCE_ATTRIBUTE_TAG)
  return refusalOf(set, 'resourceAttributes') === undefined ? set.attributes : undefined
}

class Decoder {
  readonly #reader: Reader
  readonly #visitor: OtlpVisitor
  #points = 0

  constructor(body: Uint8Array, visitor: OtlpVisitor) {
    this.#reader = new Reader(body)
    this.#visitor = visitor
  }

  request(): void {
    const reader = this.#reader
    const end = reader.bytes.length
    while (reader.position < end) {
      const field = reader.tag(end)
      if (field === RESOURCE_METRICS_TAG) this.#resourceMetrics(reader.open(end))
      else reader.skip(field, end)
    }
  }

  /** Fields may stand in any order, so the resource is looked for first. */
  #resourceMetrics(end: number): void {
    const reader = this.#reader
    const start = reader.position
    let set = readAttributes(reader, start, start, RESOURCE_ATTRIBUTE_TAG)
    while (reader.position < end) {
      const field = reader.tag(end)
      if (field === RESOURCE_TAG) set = this.#resource(reader.open(end))
      else reader.skip(field, end)
    }
    const refusal = refusalOf(set, 'resourceAttributes')
    if (refusal === undefined) this.#visitor.resource(set.attributes)
    reader.position = start
    while (reader.position < end) {
      const field = reader.tag(end)
      if (field === SCOPE_METRICS_TAG) this.#scopeMetrics(reader.open(end), refusal)
      else reader.skip(field, end)
    }
  }

  #resource(end: number): AttributeSet {
    const reader = this.#reader
    const start = reader.position
    reader.position = end
    return readAttributes(reader, start, end, RESOURCE_ATTRIBUTE_TAG)
  }

  #scopeMetrics(end: number, refusal: Rejection | undefined): void {
    const reader = this.#reader
    const start = reader.position
    let name = ''
    while (reader.position < end) {
      const field = reader.tag(end)
      if (field === SCOPE_TAG) name = this.#scope(reader.open(end))
      else reader.skip(field, end)
    }
    this.#visitor.scope?.(name)
    reader.position = start
    while (reader.position < end) {
      const field = reader.tag(end)
      if (field === METRIC_TAG) this.#metric(reader.open(end), refusal)
      else reader.skip(field, end)
    }
  }

  #scope(end: number): string {
    const reader = this.#reader
    let name = ''
    while (reader.position < end) {
      const field = reader.tag(end)
      if (field === SCOPE_NAME_TAG) name = this.#text(reader.open(end))
      else reader.skip(field, end)
    }
    return name
  }

  #metric(end: number, resourceRefusal: Rejection | undefined): void {
    const reader = this.#reader
    let name = ''
    let unit = ''
    let refusal = resourceRefusal
    let data = 0
    let dataStart = end
    let dataEnd = end
    while (reader.position < end) {
      const field = reader.tag(end)
      switch (field) {
        case NAME_TAG:
        case UNIT_TAG: {
          const stop = reader.open(end)
          if (stop - reader.position > limits.nameBytes.value) refusal ??= 'nameBytes'
          const text = this.#text(stop)
          if (field === NAME_TAG) name = text
          else unit = text
          break
        }
        default:
          if (!isData(field)) {
            reader.skip(field, end)
            break
          }
          data = field
          dataEnd = reader.open(end)
          dataStart = reader.position
          reader.position = dataEnd
      }
    }
    if (name === '') refusal ??= 'nameless'
    if (data !== 0) this.#data(name, unit, data, dataStart, dataEnd, refusal)
    reader.position = end
  }

  #data(
    name: string,
    unit: string,
    data: number,
    start: number,
    end: number,
    refusal: Rejection | undefined,
  ): void {
    const { points, kind, form, rejection } = surveyData(this.#reader, data, start, end)
    const reason = refusal ?? rejection
    if (reason !== undefined) {
      if (points > 0) this.#visitor.rejected(points, reason)
      return
    }
    this.#visitor.metric(name, unit, kind)
    const reader = this.#reader
    reader.position = start
    while (reader.position < end) {
      const field = reader.tag(end)
      if (field !== POINT_TAG) reader.skip(field, end)
      else if (form === undefined) this.#point(reader.open(end))
      else this.#distribution(reader.open(end), form)
    }
  }

  #point(end: number): void {
    const reader = this.#reader
    let attributesStart = end
    let attributesEnd = end
    let timeMs = 0
    let startMs = 0
    let value: number | undefined
    let flags = 0
    while (reader.position < end) {
      const fieldStart = reader.position
      const field = reader.tag(end)
      switch (field) {
        case POINT_ATTRIBUTE_TAG:
          if (attributesStart === end) attributesStart = fieldStart
          attributesEnd = reader.position = reader.open(end)
          break
        case TIME_TAG:
          timeMs = reader.unixNanoAsMs(end)
          break
        case START_TAG:
          startMs = reader.unixNanoAsMs(end)
          break
        case AS_DOUBLE_TAG:
          value = reader.double(end)
          break
        case AS_INT_TAG:
          value = reader.sfixed64(end)
          break
        case FLAGS_TAG:
          flags = reader.varint(end)
          break
        default:
          reader.skip(field, end)
      }
    }
    const set = readAttributes(reader, attributesStart, attributesEnd, POINT_ATTRIBUTE_TAG)
    const unrecorded = flags % 2 === NO_RECORDED_VALUE
    const reason =
      this.#points >= limits.requestPoints.value
        ? 'requestPoints'
        : (refusalOf(set, 'pointAttributes') ?? pointRefusal(timeMs, value, unrecorded))
    if (reason !== undefined) {
      this.#visitor.rejected(1, reason)
      return
    }
    this.#points += 1
    this.#visitor.point(
      set.attributes,
      timeMs,
      startMs === 0 ? undefined : startMs,
      unrecorded ? Number.NaN : value!,
      unrecorded,
    )
  }

  #distribution(end: number, form: DistributionForm): void {
    const reader = this.#reader
    const { attributesStart, attributesEnd, timeMs, startMs, flags, distribution, rejection } =
      readDistribution(reader, end, form)
    const set = readAttributes(reader, attributesStart, attributesEnd, form.tags.attributes)
    const unrecorded = flags % 2 === NO_RECORDED_VALUE
    const reason =
      this.#points >= limits.requestPoints.value
        ? 'requestPoints'
        : (refusalOf(set, 'pointAttributes') ??
          (timeMs === 0 ? 'timeless' : unrecorded ? undefined : rejection))
    if (reason !== undefined) {
      this.#visitor.rejected(1, reason)
      return
    }
    this.#points += 1
    const start = startMs === 0 ? undefined : startMs
    this.#visitor.distribution(set.attributes, timeMs, start, distribution, unrecorded)
  }

  #text(end: number): string {
    const reader = this.#reader
    const start = reader.position
    reader.position = end
    const known = texts.find(reader.bytes, start, end)
    if (known !== undefined) return known
    const text = reader.textBetween(start, end)
    texts.keep(reader.bytes, start, end, text)
    return text
  }
}

function refusalOf(
  { count, longestKeyBytes, longestValueBytes }: AttributeSet,
  countLimit: 'resourceAttributes' | 'pointAttributes',
): Rejection | undefined {
  if (count > limits[countLimit].value) return countLimit
  if (longestKeyBytes > limits.nameBytes.value) return 'nameBytes'
  return longestValueBytes > limits.attributeBytes.value ? 'attributeBytes' : undefined
}

function pointRefusal(
  timeMs: number,
  value: number | undefined,
  unrecorded: boolean,
): Rejection | undefined {
  if (timeMs === 0) return 'timeless'
  return value === undefined && !unrecorded ? 'valueless' : undefined
}
