/**
 * What of a pass never changes, encoded once: names and units of metrics, constant attributes, and
 * which columns of which tables a metric takes its points from.
 */
import { type EntityKind, KIND_ATTRIBUTE } from '../catalog/entity.ts'
import type { Metric, Table } from '../catalog/metric.ts'
import { tables } from '../catalog/tables.ts'
import {
  ANY_VALUE,
  KEY_VALUE,
  METRIC,
  POINT,
  RESOURCE,
  RESOURCE_METRICS,
  SCOPE,
  SCOPE_METRICS,
} from './otlp-fields.ts'
import { Writer } from './protobuf.ts'
import type { Entity, Row } from './sample.ts'

/** One OTel metric of one entity kind, and where its points come from. */
export interface MetricPlan {
  /** Name and unit, encoded. */
  readonly head: Buffer
  readonly isSum: boolean
  readonly columns: readonly ColumnPlan[]
}

export interface ColumnPlan {
  readonly table: Table
  readonly index: number
  /** Constant attributes, encoded. */
  readonly attributes: Buffer
  /** Its figures are fractions by nature: doubles even when they happen to be whole. */
  readonly isFractional: boolean
}

/** Metrics of tables that are shipped with every pass, and of those that are shipped now and then. */
export interface Plans {
  readonly paced: readonly MetricPlan[]
  readonly slow: readonly MetricPlan[]
}

const FRACTIONAL = new Set(['s', '1', '{cpu}'])

const NO_ATTRIBUTES = Buffer.alloc(0)
/** Of what is short: its bytes are kept as a copy, one after the other. */
const writer = new Writer()

export const plans: Readonly<Record<EntityKind, Plans>> = {
  machine: plansOf('machine'),
  container: plansOf('container'),
  runtime: plansOf('runtime'),
}

function plansOf(kind: EntityKind): Plans {
  const ofKind = tables.filter((table) => table.entity === kind)
  return {
    paced: metricPlans(ofKind.filter(({ slow }) => slow !== true)),
    slow: metricPlans(ofKind.filter(({ slow }) => slow === true)),
  }
}

function metricPlans(of: readonly Table[]): readonly MetricPlan[] {
  const columns = of.flatMap((table) =>
    table.metrics.map((metric, index) => ({ table, metric, index })),
  )
  return [...Map.groupBy(columns, ({ metric }) => metric.otel).values()].map((ofName) => {
    const { metric } = ofName[0]!
    let head: Buffer | undefined
    return {
      // Most machines lack most of what can be measured.
      get head() {
        return (head ??= encodeHead(metric))
      },
      isSum: metric.kind !== 'gauge' && metric.falls !== true,
      columns: ofName.map(({ table, metric, index }) => ({
        table,
        index,
        attributes:
          metric.attributes === undefined
            ? NO_ATTRIBUTES
            : encodeAttributes(POINT.attributes, Object.entries(metric.attributes)),
        isFractional: FRACTIONAL.has(metric.unit),
      })),
    }
  })
}

function encodeHead({ otel, unit }: Metric): Buffer {
  writer.textField(METRIC.name, otel)
  writer.textField(METRIC.unit, unit)
  return writer.take()
}

export function encodeAttributes(
  field: number,
  attributes: Iterable<readonly [key: string, value: string]>,
): Buffer {
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

/** The field `scope` of a ScopeMetrics. */
export function encodeScope(name: string, version: string): Buffer {
  const whole = new Writer()
  const scope = whole.begin(SCOPE_METRICS.scope)
  whole.textField(SCOPE.name, name)
  if (version !== '') whole.textField(SCOPE.version, version)
  whole.end(scope)
  return whole.take()
}

/** The field `resource` of a ResourceMetrics. */
export function encodeResource({ kind, attributes }: Entity): Buffer {
  const whole = new Writer()
  const resource = whole.begin(RESOURCE_METRICS.resource)
  whole.raw(
    encodeAttributes(
      RESOURCE.attributes,
      Object.entries({ ...attributes, [KIND_ATTRIBUTE]: kind }),
    ),
  )
  whole.end(resource)
  return whole.take()
}

/** Attributes that a row's keys give to its points. */
export const encodeKeys = ({ table, keys }: Row): Buffer =>
  encodeAttributes(
    POINT.attributes,
    table.keys.map(({ attribute }, i) => [attribute, keys[i] ?? '']),
  )
