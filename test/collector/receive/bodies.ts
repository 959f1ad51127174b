/** OTLP bodies of senders that are not our agent. */
import {
  ANY_VALUE,
  CUMULATIVE,
  DATA,
  DELTA,
  KEY_VALUE,
  METRIC,
  POINT,
  REQUEST,
  RESOURCE,
  RESOURCE_METRICS,
  SCOPE_METRICS,
  SUM,
} from '../../../wire/otlp-fields.ts'
import { Writer } from '../../../wire/protobuf.ts'

export interface Point {
  readonly attributes?: Readonly<Record<string, string>>
  readonly timeMs: number
  readonly value: number
  readonly flags?: number
}
export interface Metric {
  readonly name: string
  readonly unit?: string
  readonly kind?: 'gauge' | 'sum' | 'delta'
  readonly points: readonly Point[]
}
export interface Resource {
  readonly attributes?: Readonly<Record<string, string>>
  readonly metrics: readonly Metric[]
}

export function bodyOf(...resources: readonly Resource[]): Buffer {
  const writer = new Writer()
  for (const { attributes = {}, metrics } of resources) {
    message(writer, REQUEST.resourceMetrics, () => {
      message(writer, RESOURCE_METRICS.resource, () => {
        writeAttributes(writer, RESOURCE.attributes, attributes)
      })
      message(writer, RESOURCE_METRICS.scopeMetrics, () => {
        for (const metric of metrics) writeMetric(writer, metric)
      })
    })
  }
  return writer.take()
}

function message(writer: Writer, field: number, content: () => void): void {
  const start = writer.begin(field)
  content()
  writer.end(start)
}

function writeMetric(writer: Writer, { name, unit = '', kind = 'gauge', points }: Metric): void {
  message(writer, SCOPE_METRICS.metrics, () => {
    writer.textField(METRIC.name, name)
    writer.textField(METRIC.unit, unit)
    message(writer, kind === 'gauge' ? METRIC.gauge : METRIC.sum, () => {
      for (const { attributes = {}, timeMs, value, flags = 0 } of points) {
        message(writer, DATA.points, () => {
          writeAttributes(writer, POINT.attributes, attributes)
          writer.unixNanoField(POINT.time, timeMs)
          writer.doubleField(POINT.asDouble, value)
          writer.varintField(POINT.flags, flags)
        })
      }
      if (kind === 'gauge') return
      writer.varintField(SUM.temporality, kind === 'delta' ? DELTA : CUMULATIVE)
      writer.varintField(SUM.monotonic, 1)
    })
  })
}

function writeAttributes(
  writer: Writer,
  field: number,
  attributes: Readonly<Record<string, string>>,
): void {
  for (const [key, value] of Object.entries(attributes)) {
    message(writer, field, () => {
      writer.textField(KEY_VALUE.key, key)
      message(writer, KEY_VALUE.value, () => writer.textField(ANY_VALUE.string, value))
    })
  }
}
