/**
 * Families that another program measured, over OTLP: metrics of the machine, each under the name and
 * with the labels that it has on /metrics. The scope says so, since a receiver that makes Prometheus
 * names of OTel names would add a suffix to some; and whether the type was told, for OTLP has none for
 * what may be either.
 *
 * A histogram or a summary is the counters that it consists of, and the quantiles are gauges: a
 * distribution as OTLP has it could not be made without a guess at what is missing.
 */
import {
  ANY_VALUE,
  CUMULATIVE,
  DATA,
  KEY_VALUE,
  METRIC,
  POINT,
  REQUEST,
  RESOURCE_METRICS,
  SCOPE_METRICS,
  SUM,
} from './otlp-fields.ts'
import { encodeResource, encodeScope } from './otlp-plan.ts'
import type { ParsedSample } from './parse-exposition.ts'
import { Writer } from './protobuf.ts'
import type { Entity, ForeignFamily } from './sample.ts'

export const FOREIGN_SCOPE = 'candor.textfile'
export const UNTYPED_SCOPE = 'candor.textfile.untyped'

interface ForeignOptions {
  readonly version: string
  readonly maxBytes: number
}

/** Samples of one name. */
interface ForeignMetric {
  readonly name: string
  readonly isSum: boolean
  readonly samples: readonly ParsedSample[]
}

/** Segments of a request: ResourceMetrics, each longer than the limit only when a single metric is. */
export function encodeForeign(
  machine: Entity,
  families: readonly ForeignFamily[],
  timeMs: number,
  { version, maxBytes }: ForeignOptions,
): Buffer[] {
  const resource = encodeResource(machine)
  const segments: Buffer[] = []
  for (const [scope, isUntyped] of [
    [FOREIGN_SCOPE, false],
    [UNTYPED_SCOPE, true],
  ] as const) {
    const head = encodeScope(scope, version)
    const metrics = families
      .filter(({ type }) => (type === 'untyped') === isUntyped)
      .flatMap(metricsOf)
      .map((metric) => encodeMetric(metric, timeMs))
    const room = maxBytes - resource.length - head.length - AROUND
    for (const group of groups(metrics, room)) segments.push(encodeSegment(resource, head, group))
  }
  return segments
}

/** Tags and lengths of the messages around the metrics. */
const AROUND = 12

function metricsOf({ type, samples }: ForeignFamily): ForeignMetric[] {
  return [...Map.groupBy(samples, ({ name }) => name)].map(([name, ofName]) => ({
    name,
    isSum: type === 'counter' || isPart(type, name),
    samples: ofName,
  }))
}

const isPart = (type: ForeignFamily['type'], name: string) =>
  (type === 'histogram' || type === 'summary') && /_(?:bucket|sum|count)$/.test(name)

function* groups(metrics: readonly Buffer[], room: number): Generator<readonly Buffer[]> {
  let group: Buffer[] = []
  let size = 0
  for (const metric of metrics) {
    if (group.length > 0 && size + metric.length > room) {
      yield group
      group = []
      size = 0
    }
    group.push(metric)
    size += metric.length
  }
  if (group.length > 0) yield group
}

function encodeSegment(resource: Buffer, scope: Buffer, metrics: readonly Buffer[]): Buffer {
  const writer = new Writer()
  const segment = writer.begin(REQUEST.resourceMetrics)
  writer.raw(resource)
  const inScope = writer.begin(RESOURCE_METRICS.scopeMetrics)
  writer.raw(scope)
  for (const metric of metrics) writer.raw(metric)
  writer.end(inScope)
  writer.end(segment)
  return writer.take()
}

function encodeMetric({ name, isSum, samples }: ForeignMetric, timeMs: number): Buffer {
  const writer = new Writer()
  const metric = writer.begin(SCOPE_METRICS.metrics)
  writer.textField(METRIC.name, name)
  const data = writer.begin(isSum ? METRIC.sum : METRIC.gauge)
  for (const { labels, value } of samples) {
    const point = writer.begin(DATA.points)
    writer.unixNanoField(POINT.time, Math.round(timeMs))
    writer.doubleField(POINT.asDouble, value)
    for (const [label, text] of labels) {
      const attribute = writer.begin(POINT.attributes)
      writer.textField(KEY_VALUE.key, label)
      const any = writer.begin(KEY_VALUE.value)
      writer.textField(ANY_VALUE.string, text)
      writer.end(any)
      writer.end(attribute)
    }
    writer.end(point)
  }
  if (isSum) {
    writer.varintField(SUM.temporality, CUMULATIVE)
    writer.varintField(SUM.monotonic, 1)
  }
  writer.end(data)
  writer.end(metric)
  return writer.take()
}
