/**
 * The own metrics of the catalogue as OpenTelemetry has them: what /metrics shows is read at each
 * export; histograms are recorded as they come, for theirs cannot be read.
 */
import type { BatchObservableCallback, Histogram, Meter, Observable } from '@opentelemetry/api'
import { own as rows, type OwnMetric } from '../../catalog/own.ts'
import type { OwnMetrics } from '../web/self-metrics.ts'
import { otelName, otelUnit } from './otel-name.ts'

/** Returns what ends it. */
export function exportOwnMetrics(meter: Meter, own: OwnMetrics): () => void {
  const read = new Map<string, Observable>()
  const recorded = new Map<string, Histogram>()
  for (const [name, row] of Object.entries<OwnMetric>(rows)) {
    const options = { description: row.help, unit: otelUnit(row) }
    if (row.kind === 'histogram') {
      const advice = { explicitBucketBoundaries: [...row.buckets] }
      recorded.set(name, meter.createHistogram(otelName(row), { ...options, advice }))
    } else if (row.kind === 'counter') {
      read.set(name, meter.createObservableCounter(otelName(row), options))
    } else {
      read.set(name, meter.createObservableGauge(otelName(row), options))
    }
  }
  const observables = [...read.values()]
  const observe: BatchObservableCallback = async (result) => {
    for (const { name, labels, value } of await own.values()) {
      result.observe(read.get(name)!, value, { ...labels })
    }
  }
  meter.addBatchObservableCallback(observe, observables)
  const ended = own.onObserve((name, labels, value) => recorded.get(name)?.record(value, labels))
  return () => {
    meter.removeBatchObservableCallback(observe, observables)
    ended()
  }
}
