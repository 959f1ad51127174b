/** Metrics of an application as OpenTelemetry's own SDK collects and encodes them. */
import { JsonMetricsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer'
import {
  AggregationTemporality,
  AggregationType,
  MeterProvider,
  MetricReader,
} from '@opentelemetry/sdk-metrics'

type Meter = ReturnType<MeterProvider['getMeter']>

class Reader extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve()
  }
  protected override onShutdown(): Promise<void> {
    return Promise.resolve()
  }
}

export interface Bodies {
  readonly protobuf: Buffer
  readonly json: Buffer
}

/** Instruments whose name ends in `.exponential` are histograms without bounds. */
export async function sdkBodies(
  work: (meter: Meter) => void,
  { isDelta = false }: { readonly isDelta?: boolean } = {},
): Promise<Bodies> {
  const temporality = isDelta ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE
  const reader = new Reader({ aggregationTemporalitySelector: () => temporality })
  const provider = new MeterProvider({
    readers: [reader],
    views: [
      {
        instrumentName: '*.exponential',
        aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM },
      },
    ],
  })
  work(provider.getMeter('shop', '1.2.3'))
  const { resourceMetrics } = await reader.collect()
  await provider.shutdown()
  return {
    protobuf: Buffer.from(ProtobufMetricsSerializer.serializeRequest(resourceMetrics)!),
    json: Buffer.from(JsonMetricsSerializer.serializeRequest(resourceMetrics)!),
  }
}
