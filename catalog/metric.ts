/**
 * The shape of the catalogue: what can be said, as data.
 *
 * A table is one family of figures about one kind of entity. A metric row is one column of it. The
 * same row names the series on /metrics, the point on OTLP, the column in ClickHouse and the line in
 * docs/metrics.md, so these can't drift apart.
 *
 * Several columns may share a Prometheus or OTel name when constant labels tell them apart
 * (`node_cpu_seconds_total{mode="user"}` is one column, `{mode="idle"}` the next).
 */
import type { EntityKind } from './entity.ts'

export type MetricKind = 'counter' | 'gauge' | 'untyped'

export interface Metric {
  /** ClickHouse column, unique in its table. */
  readonly column: string
  readonly prom: string
  /** Constant labels that tell this column from others of the same Prometheus name. */
  readonly labels?: Readonly<Record<string, string>>
  readonly otel: string
  /** Constant attributes that tell this column from others of the same OTel name. */
  readonly attributes?: Readonly<Record<string, string>>
  readonly kind: MetricKind
  /** Of an untyped one, which may be either: it falls as it rises, and is a gauge where one can say so. */
  readonly falls?: true
  /** UCUM, as OpenTelemetry writes it: `s`, `By`, `1`, `{page}`. */
  readonly unit: string
  readonly help: string
  /** Kernel or runtime file, and how the figure comes out of it. */
  readonly source: string
  readonly since: string
  /** `use …`: the row stays, nothing is ever renamed. */
  readonly deprecated?: string
}

/** A dimension below the entity, such as the CPU or the device. */
export interface Key {
  /** Prometheus label and ClickHouse column. */
  readonly label: string
  /** OTel attribute of the data point. */
  readonly attribute: string
}

export interface Table {
  /** ClickHouse table. */
  readonly name: string
  readonly entity: EntityKind
  readonly keys: readonly Key[]
  /** How many rows one entity yields, in words. */
  readonly rows: string
  /**
   * Has no table of its own in the store: its metrics are kept as series, one row a point, under their
   * Prometheus names. For families that few machines have, or that no rule and no console asks for.
   */
  readonly narrow?: true
  /** Hardly changes: read, and shipped, once a minute. */
  readonly slow?: true
  /**
   * Attributes of the entity whose names begin so are labels of its series too. Over OTLP they are
   * attributes of the resource, as all are.
   */
  readonly attributeLabels?: string
  readonly metrics: readonly Metric[]
}
