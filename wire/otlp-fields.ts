/**
 * The part of OTLP metrics that we write and read, as field numbers.
 * Source: opentelemetry-proto 1.x, collector/metrics/v1, metrics/v1, resource/v1, common/v1.
 *
 *   ExportMetricsServiceRequest = ResourceMetrics*
 *   ResourceMetrics  = Resource, ScopeMetrics*
 *   Resource         = KeyValue*
 *   ScopeMetrics     = InstrumentationScope, Metric*
 *   Metric           = name, unit, (gauge: Points | sum: Points, temporality, monotonic
 *                                   | histogram | exponentialHistogram | summary)
 *   Points           = NumberDataPoint*
 *   NumberDataPoint  = KeyValue*, startTime, time, (asDouble | asInt), flags
 *   KeyValue         = key, AnyValue
 *   AnyValue         = string | bool | int | double | array: AnyValue* | kvlist: KeyValue* | bytes
 *
 * Times are Unix nanoseconds. Fields that stand in no list here are passed over.
 */
export const REQUEST = { resourceMetrics: 1 } as const
export const RESOURCE_METRICS = { resource: 1, scopeMetrics: 2 } as const
export const RESOURCE = { attributes: 1 } as const
export const SCOPE_METRICS = { scope: 1, metrics: 2 } as const
export const SCOPE = { name: 1, version: 2 } as const
export const METRIC = {
  name: 1,
  unit: 3,
  gauge: 5,
  sum: 7,
  histogram: 9,
  exponentialHistogram: 10,
  summary: 11,
} as const
/** Gauge, Sum and the histograms alike. */
export const DATA = { points: 1 } as const
export const SUM = { temporality: 2, monotonic: 3 } as const
export const POINT = {
  startTime: 2,
  time: 3,
  asDouble: 4,
  asInt: 6,
  attributes: 7,
  flags: 8,
} as const
export const KEY_VALUE = { key: 1, value: 2 } as const
export const ANY_VALUE = {
  string: 1,
  bool: 2,
  int: 3,
  double: 4,
  array: 5,
  kvlist: 6,
  bytes: 7,
} as const
/** ArrayValue and KeyValueList alike. */
export const LIST = { values: 1 } as const

/** AggregationTemporality: each point counts from its start time. */
export const CUMULATIVE = 2
/** DataPointFlags: the series ended or was not measured; the point has no value. */
export const NO_RECORDED_VALUE = 1
