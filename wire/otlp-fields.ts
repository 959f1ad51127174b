/**
 * The part of OTLP metrics that we write and read, as field numbers.
 * Source: opentelemetry-proto 1.x, collector/metrics/v1, metrics/v1, resource/v1, common/v1.
 *
 *   ExportMetricsServiceRequest = ResourceMetrics*
 *   ResourceMetrics  = Resource, ScopeMetrics*
 *   Resource         = KeyValue*
 *   ScopeMetrics     = InstrumentationScope, Metric*
 *   Metric           = name, unit, (gauge: Points | sum: Points, temporality, monotonic
 *                                   | histogram: Points, temporality
 *                                   | exponentialHistogram: Points, temporality | summary: Points)
 *   Points           = (NumberDataPoint | HistogramDataPoint | ExponentialHistogramDataPoint
 *                       | SummaryDataPoint)*
 *   NumberDataPoint  = KeyValue*, startTime, time, (asDouble | asInt), flags
 *   HistogramDataPoint = KeyValue*, startTime, time, count, sum, bucketCounts, explicitBounds, flags
 *   ExponentialHistogramDataPoint = KeyValue*, startTime, time, count, sum, scale, zeroCount,
 *                      zeroThreshold, (positive: Buckets), (negative: Buckets), flags
 *   Buckets          = offset, bucketCounts
 *   SummaryDataPoint = KeyValue*, startTime, time, count, sum, Quantile*, flags
 *   Quantile         = quantile, value
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
/** Gauge, Sum, the histograms and Summary alike. */
export const DATA = { points: 1 } as const
/** The temporality is that of the histograms too. */
export const SUM = { temporality: 2, monotonic: 3 } as const
export const POINT = {
  startTime: 2,
  time: 3,
  asDouble: 4,
  asInt: 6,
  attributes: 7,
  flags: 8,
} as const
export const HISTOGRAM_POINT = {
  startTime: 2,
  time: 3,
  count: 4,
  sum: 5,
  bucketCounts: 6,
  explicitBounds: 7,
  attributes: 9,
  flags: 10,
} as const
export const EXPONENTIAL_POINT = {
  attributes: 1,
  startTime: 2,
  time: 3,
  count: 4,
  sum: 5,
  scale: 6,
  zeroCount: 7,
  positive: 8,
  negative: 9,
  flags: 10,
  zeroThreshold: 14,
} as const
export const BUCKETS = { offset: 1, bucketCounts: 2 } as const
export const SUMMARY_POINT = {
  startTime: 2,
  time: 3,
  count: 4,
  sum: 5,
  quantileValues: 6,
  attributes: 7,
  flags: 8,
} as const
export const QUANTILE = { quantile: 1, value: 2 } as const
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

/** AggregationTemporality: each point counts from the point before it, or from its start time. */
export const DELTA = 1
export const CUMULATIVE = 2
/** DataPointFlags: the series ended or was not measured; the point has no value. */
export const NO_RECORDED_VALUE = 1
