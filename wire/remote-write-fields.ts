/**
 * Prometheus remote write as field numbers.
 * Source: the specifications 1.0 and 2.0; prompb/remote.proto, prompb/types.proto and
 * prompb/io/prometheus/write/v2/types.proto of Prometheus.
 *
 *   1.0  WriteRequest = TimeSeries*, MetricMetadata*
 *        TimeSeries   = Label*, Sample*, Exemplar*, Histogram*
 *   2.0  Request      = symbol*, TimeSeries*
 *        TimeSeries   = label reference*, Sample*, Histogram*, Exemplar*, Metadata
 *   both Label        = name, value
 *        Sample       = value, timestamp
 *        Histogram    = count, sum, schema, zero threshold and count, spans and counts of either sign,
 *                       reset hint, timestamp, custom bounds
 *
 * Times are Unix milliseconds. Created and start timestamps, help and unit, and fields that stand in no
 * list here are passed over.
 */
export const WRITE_V1 = { timeSeries: 1, metadata: 3 } as const
export const SERIES_V1 = { labels: 1, samples: 2, exemplars: 3, histograms: 4 } as const

export const WRITE_V2 = { symbols: 4, timeSeries: 5 } as const
export const SERIES_V2 = {
  labels: 1,
  samples: 2,
  histograms: 3,
  exemplars: 4,
  metadata: 5,
} as const
/** The family stands in those of 1.0 only. */
export const METADATA = { type: 1, family: 2 } as const

export const LABEL = { name: 1, value: 2 } as const
export const SAMPLE = { value: 1, timestamp: 2 } as const
export const HISTOGRAM = {
  countInt: 1,
  countFloat: 2,
  sum: 3,
  schema: 4,
  zeroThreshold: 5,
  zeroCountInt: 6,
  zeroCountFloat: 7,
  negativeSpans: 8,
  negativeDeltas: 9,
  negativeCounts: 10,
  positiveSpans: 11,
  positiveDeltas: 12,
  positiveCounts: 13,
  resetHint: 14,
  timestamp: 15,
  customValues: 16,
} as const
export const SPAN = { offset: 1, length: 2 } as const

/** MetricType of either version. */
export const METRIC_TYPES = [
  'unknown',
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
] as const
export type MetricType = (typeof METRIC_TYPES)[number]

/** ResetHint of histograms whose counts may fall. */
export const RESET_GAUGE = 3
/** Schema of histograms with bounds of their own, in place of powers. */
export const CUSTOM_SCHEMA = -53
/** The value that says that a series has ended; as a number to the language it is any NaN. */
export const STALE = { low: 2, high: 0x7ff00000 } as const
