/**
 * OTLP in JSON, as the same message in protobuf: what a body says is then read by the one reader that
 * there is, with its limits and its reasons.
 *
 * It is the JSON of proto3 but for these: names are lowerCamelCase and nothing else, enums are integers,
 * unknown names are passed over. Integers of 64 bits are numbers or text, doubles numbers or text such
 * as "NaN", bytes are base64; ids, which are hex, stand in exemplars only.
 * Source: the OTLP specification, "JSON Protobuf Encoding"; https://protobuf.dev/programming-guides/json
 */
import { limits } from '../catalog/limit.ts'
import { isNumeral, JsonReader } from './json-reader.ts'
import {
  ANY_VALUE,
  BUCKETS,
  DATA,
  EXPONENTIAL_POINT,
  HISTOGRAM_POINT,
  KEY_VALUE,
  LIST,
  METRIC,
  POINT,
  QUANTILE,
  REQUEST,
  RESOURCE,
  RESOURCE_METRICS,
  SCOPE,
  SCOPE_METRICS,
  SUM,
  SUMMARY_POINT,
} from './otlp-fields.ts'
import { MalformedMessage, Writer } from './protobuf.ts'

type Scalar =
  | 'text'
  | 'bool'
  | 'bytes'
  | 'double'
  | 'fixed64'
  | 'sfixed64'
  | 'int64'
  | 'uint64'
  | 'uint32'
  | 'sint32'

type MessageName =
  | 'Request'
  | 'ResourceMetrics'
  | 'Resource'
  | 'ScopeMetrics'
  | 'Scope'
  | 'Metric'
  | 'Gauge'
  | 'Sum'
  | 'Histogram'
  | 'ExponentialHistogram'
  | 'Summary'
  | 'NumberPoint'
  | 'HistogramPoint'
  | 'ExponentialPoint'
  | 'Buckets'
  | 'SummaryPoint'
  | 'Quantile'
  | 'KeyValue'
  | 'AnyValue'
  | 'ArrayValue'
  | 'KeyValueList'

/** Number of the field, what it holds, and whether it is a list of that. */
type Field = readonly [number: number, holds: Scalar | MessageName, isList?: 'list']

/** By the names in JSON. */
const MESSAGES: Readonly<Record<MessageName, Readonly<Record<string, Field>>>> = {
  Request: { resourceMetrics: [REQUEST.resourceMetrics, 'ResourceMetrics', 'list'] },
  ResourceMetrics: {
    resource: [RESOURCE_METRICS.resource, 'Resource'],
    scopeMetrics: [RESOURCE_METRICS.scopeMetrics, 'ScopeMetrics', 'list'],
  },
  Resource: { attributes: [RESOURCE.attributes, 'KeyValue', 'list'] },
  ScopeMetrics: {
    scope: [SCOPE_METRICS.scope, 'Scope'],
    metrics: [SCOPE_METRICS.metrics, 'Metric', 'list'],
  },
  Scope: { name: [SCOPE.name, 'text'] },
  Metric: {
    name: [METRIC.name, 'text'],
    unit: [METRIC.unit, 'text'],
    gauge: [METRIC.gauge, 'Gauge'],
    sum: [METRIC.sum, 'Sum'],
    histogram: [METRIC.histogram, 'Histogram'],
    exponentialHistogram: [METRIC.exponentialHistogram, 'ExponentialHistogram'],
    summary: [METRIC.summary, 'Summary'],
  },
  Gauge: { dataPoints: [DATA.points, 'NumberPoint', 'list'] },
  Sum: {
    dataPoints: [DATA.points, 'NumberPoint', 'list'],
    aggregationTemporality: [SUM.temporality, 'uint32'],
    isMonotonic: [SUM.monotonic, 'bool'],
  },
  Histogram: {
    dataPoints: [DATA.points, 'HistogramPoint', 'list'],
    aggregationTemporality: [SUM.temporality, 'uint32'],
  },
  ExponentialHistogram: {
    dataPoints: [DATA.points, 'ExponentialPoint', 'list'],
    aggregationTemporality: [SUM.temporality, 'uint32'],
  },
  Summary: { dataPoints: [DATA.points, 'SummaryPoint', 'list'] },
  NumberPoint: {
    attributes: [POINT.attributes, 'KeyValue', 'list'],
    startTimeUnixNano: [POINT.startTime, 'fixed64'],
    timeUnixNano: [POINT.time, 'fixed64'],
    asDouble: [POINT.asDouble, 'double'],
    asInt: [POINT.asInt, 'sfixed64'],
    flags: [POINT.flags, 'uint32'],
  },
  HistogramPoint: {
    attributes: [HISTOGRAM_POINT.attributes, 'KeyValue', 'list'],
    startTimeUnixNano: [HISTOGRAM_POINT.startTime, 'fixed64'],
    timeUnixNano: [HISTOGRAM_POINT.time, 'fixed64'],
    count: [HISTOGRAM_POINT.count, 'fixed64'],
    sum: [HISTOGRAM_POINT.sum, 'double'],
    bucketCounts: [HISTOGRAM_POINT.bucketCounts, 'fixed64', 'list'],
    explicitBounds: [HISTOGRAM_POINT.explicitBounds, 'double', 'list'],
    flags: [HISTOGRAM_POINT.flags, 'uint32'],
  },
  ExponentialPoint: {
    attributes: [EXPONENTIAL_POINT.attributes, 'KeyValue', 'list'],
    startTimeUnixNano: [EXPONENTIAL_POINT.startTime, 'fixed64'],
    timeUnixNano: [EXPONENTIAL_POINT.time, 'fixed64'],
    count: [EXPONENTIAL_POINT.count, 'fixed64'],
    sum: [EXPONENTIAL_POINT.sum, 'double'],
    scale: [EXPONENTIAL_POINT.scale, 'sint32'],
    zeroCount: [EXPONENTIAL_POINT.zeroCount, 'fixed64'],
    zeroThreshold: [EXPONENTIAL_POINT.zeroThreshold, 'double'],
    positive: [EXPONENTIAL_POINT.positive, 'Buckets'],
    negative: [EXPONENTIAL_POINT.negative, 'Buckets'],
    flags: [EXPONENTIAL_POINT.flags, 'uint32'],
  },
  Buckets: {
    offset: [BUCKETS.offset, 'sint32'],
    bucketCounts: [BUCKETS.bucketCounts, 'uint64', 'list'],
  },
  SummaryPoint: {
    attributes: [SUMMARY_POINT.attributes, 'KeyValue', 'list'],
    startTimeUnixNano: [SUMMARY_POINT.startTime, 'fixed64'],
    timeUnixNano: [SUMMARY_POINT.time, 'fixed64'],
    count: [SUMMARY_POINT.count, 'fixed64'],
    sum: [SUMMARY_POINT.sum, 'double'],
    quantileValues: [SUMMARY_POINT.quantileValues, 'Quantile', 'list'],
    flags: [SUMMARY_POINT.flags, 'uint32'],
  },
  Quantile: { quantile: [QUANTILE.quantile, 'double'], value: [QUANTILE.value, 'double'] },
  KeyValue: { key: [KEY_VALUE.key, 'text'], value: [KEY_VALUE.value, 'AnyValue'] },
  AnyValue: {
    stringValue: [ANY_VALUE.string, 'text'],
    boolValue: [ANY_VALUE.bool, 'bool'],
    intValue: [ANY_VALUE.int, 'int64'],
    doubleValue: [ANY_VALUE.double, 'double'],
    arrayValue: [ANY_VALUE.array, 'ArrayValue'],
    kvlistValue: [ANY_VALUE.kvlist, 'KeyValueList'],
    bytesValue: [ANY_VALUE.bytes, 'bytes'],
  },
  ArrayValue: { values: [LIST.values, 'AnyValue', 'list'] },
  KeyValueList: { values: [LIST.values, 'KeyValue', 'list'] },
}

/** Messages within each other: what is deeper is an attack on the stack. */
const DEPTH = 48

const RANGES = {
  fixed64: [0n, 2n ** 64n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
  sfixed64: [-(2n ** 63n), 2n ** 63n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  sint32: [-(2n ** 31n), 2n ** 31n - 1n],
} as const satisfies Partial<Record<Scalar, readonly [bigint, bigint]>>

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/

/** The body of the same request in protobuf. Throws MalformedMessage. */
export function protobufOfJson(body: Uint8Array): Buffer {
  const reader = new JsonReader(body)
  const writer = new Writer(Math.max(1_024, body.length >> 1))
  new Translation(reader, writer).message('Request', 0)
  reader.end()
  return writer.take()
}

class Translation {
  readonly #reader: JsonReader
  readonly #writer: Writer

  constructor(reader: JsonReader, writer: Writer) {
    this.#reader = reader
    this.#writer = writer
  }

  message(name: MessageName, depth: number): void {
    if (depth > DEPTH) this.#reader.expected(`no more than ${DEPTH} levels`)
    const fields = MESSAGES[name]
    this.#reader.object('an object', (key) => {
      const field = Object.hasOwn(fields, key) ? fields[key]! : undefined
      if (field === undefined) this.#reader.skip()
      else if (!this.#reader.isNull()) this.#field(key, field, depth)
    })
  }

  #field(name: string, [number, holds, isList]: Field, depth: number): void {
    if (isList === undefined) this.#value(name, number, holds, depth)
    else this.#reader.list(`a list of ${name}`, () => this.#value(name, number, holds, depth))
  }

  #value(name: string, number: number, holds: Scalar | MessageName, depth: number): void {
    const reader = this.#reader
    const writer = this.#writer
    // What is short in JSON may be long in protobuf.
    if (writer.length > limits.inflatedBytes.value) {
      throw new MalformedMessage(
        `the message has over ${limits.inflatedBytes.value} bytes`,
        reader.position,
      )
    }
    switch (holds) {
      case 'text':
        writer.textField(number, reader.text(`${name} as text`))
        return
      case 'bool':
        writer.varintField(number, reader.boolean(`${name} as true or false`) ? 1 : 0)
        return
      case 'bytes':
        writer.bytesField(number, this.#bytes(name))
        return
      case 'double':
        writer.doubleField(number, this.#double(name))
        return
      case 'fixed64':
      case 'sfixed64':
        writer.fixed64Field(number, this.#integer(name, holds))
        return
      case 'int64':
      case 'uint64':
      case 'uint32':
        writer.int64Field(number, this.#integer(name, holds))
        return
      case 'sint32': {
        const value = Number(this.#integer(name, holds))
        writer.varintField(number, value < 0 ? -2 * value - 1 : 2 * value)
        return
      }
      default: {
        const start = writer.begin(number)
        this.message(holds, depth + 1)
        writer.end(start)
      }
    }
  }

  #bytes(name: string): Buffer {
    const at = this.#reader.position
    const text = this.#reader.text(`${name} as base64`)
    if (!BASE64.test(text)) this.#reader.expected(`${name} as base64`, at)
    return Buffer.from(text, 'base64')
  }

  #double(name: string): number {
    const at = this.#reader.position
    const numeral = this.#reader.numeral(`${name} as a number`)
    if (numeral === 'NaN') return Number.NaN
    if (numeral === 'Infinity') return Infinity
    if (numeral === '-Infinity') return -Infinity
    return isNumeral(numeral) ? Number(numeral) : this.#reader.expected(`${name} as a number`, at)
  }

  #integer(name: string, type: keyof typeof RANGES): bigint {
    const at = this.#reader.position
    const what = `${name} as an integer`
    const numeral = this.#reader.numeral(what)
    const value = integerOf(numeral)
    const [least, most] = RANGES[type]
    if (value === undefined || value < least || value > most) {
      return this.#reader.expected(`${what} from ${least} to ${most}`, at)
    }
    return value
  }
}

/** Some write a whole number as 1e3 or 5.0. */
function integerOf(numeral: string): bigint | undefined {
  if (/^-?\d{1,20}$/.test(numeral)) return BigInt(numeral)
  const value = isNumeral(numeral) ? Number(numeral) : Number.NaN
  return Number.isSafeInteger(value) ? BigInt(value) : undefined
}
