/**
 * A receiver of OTLP/HTTP that is not ours: protobufjs with OpenTelemetry's schema behind a plain server,
 * which answers as the specification says.
 */
import assert from 'node:assert/strict'
import http, { type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import protobuf from 'protobufjs'

/**
 * After opentelemetry/proto/collector/metrics/v1/metrics_service.proto, and what that imports of
 * metrics/v1, common/v1 and resource/v1; google/rpc/status.proto.
 */
const PROTO = `
  syntax = "proto3";
  message ExportMetricsServiceRequest { repeated ResourceMetrics resource_metrics = 1; }
  message ExportMetricsServiceResponse { ExportMetricsPartialSuccess partial_success = 1; }
  message ExportMetricsPartialSuccess {
    int64 rejected_data_points = 1;
    string error_message = 2;
  }
  message Status { int32 code = 1; string message = 2; }
  message ResourceMetrics {
    Resource resource = 1;
    repeated ScopeMetrics scope_metrics = 2;
    string schema_url = 3;
  }
  message Resource { repeated KeyValue attributes = 1; uint32 dropped_attributes_count = 2; }
  message ScopeMetrics {
    InstrumentationScope scope = 1;
    repeated Metric metrics = 2;
    string schema_url = 3;
  }
  message InstrumentationScope {
    string name = 1;
    string version = 2;
    repeated KeyValue attributes = 3;
    uint32 dropped_attributes_count = 4;
  }
  message Metric {
    string name = 1;
    string description = 2;
    string unit = 3;
    oneof data {
      Gauge gauge = 5;
      Sum sum = 7;
    }
    repeated KeyValue metadata = 12;
  }
  message Gauge { repeated NumberDataPoint data_points = 1; }
  message Sum {
    repeated NumberDataPoint data_points = 1;
    AggregationTemporality aggregation_temporality = 2;
    bool is_monotonic = 3;
  }
  enum AggregationTemporality {
    AGGREGATION_TEMPORALITY_UNSPECIFIED = 0;
    AGGREGATION_TEMPORALITY_DELTA = 1;
    AGGREGATION_TEMPORALITY_CUMULATIVE = 2;
  }
  message NumberDataPoint {
    repeated KeyValue attributes = 7;
    fixed64 start_time_unix_nano = 2;
    fixed64 time_unix_nano = 3;
    oneof value {
      double as_double = 4;
      sfixed64 as_int = 6;
    }
    uint32 flags = 8;
  }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue {
    oneof value {
      string string_value = 1;
      bool bool_value = 2;
      int64 int_value = 3;
      double double_value = 4;
    }
  }`

const { root } = protobuf.parse(PROTO)
const request = root.lookupType('ExportMetricsServiceRequest')
const response = root.lookupType('ExportMetricsServiceResponse')
const status = root.lookupType('Status')

interface KeyValue {
  readonly key: string
  readonly value: { readonly stringValue?: string }
}
interface Point {
  readonly attributes?: readonly KeyValue[]
  readonly startTimeUnixNano?: string
  readonly timeUnixNano: string
  readonly asDouble?: number
  /** Decimal. */
  readonly asInt?: string
}
interface TheirMetric {
  readonly name: string
  readonly unit?: string
  readonly gauge?: { readonly dataPoints: readonly Point[] }
  readonly sum?: {
    readonly dataPoints: readonly Point[]
    readonly aggregationTemporality: string
    readonly isMonotonic?: boolean
  }
}
interface Body {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] }
    readonly scopeMetrics: readonly { readonly metrics: readonly TheirMetric[] }[]
  }[]
}

/** A point with all that it stands for. */
export interface Received {
  readonly metric: string
  readonly unit: string
  readonly kind: 'gauge' | 'counter'
  readonly resource: Readonly<Record<string, string>>
  readonly attributes: Readonly<Record<string, string>>
  readonly value: number
}

const textsOf = (attributes: readonly KeyValue[] = []) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? '']))

/** Every byte is of the schema: what protobufjs does not know it would leave out. */
export function readRequest(body: Uint8Array): Received[] {
  const message = request.decode(body)
  assert.equal(request.encode(message).finish().length, body.length, 'of another schema')
  const { resourceMetrics } = request.toObject(message, {
    longs: String,
    enums: String,
  }) as Body
  return resourceMetrics.flatMap(({ resource, scopeMetrics }) =>
    scopeMetrics.flatMap(({ metrics }) =>
      metrics.flatMap(({ name, unit = '', gauge, sum }) => {
        if (sum !== undefined) {
          assert.equal(sum.aggregationTemporality, 'AGGREGATION_TEMPORALITY_CUMULATIVE')
          assert.equal(sum.isMonotonic, true)
        }
        return (sum ?? gauge)!.dataPoints.map((point) => ({
          metric: name,
          unit,
          kind: sum === undefined ? ('gauge' as const) : ('counter' as const),
          resource: textsOf(resource.attributes),
          attributes: textsOf(point.attributes),
          value: point.asDouble ?? Number(point.asInt),
        }))
      }),
    ),
  )
}

export interface Refusal {
  readonly status: number
  readonly message: string
}

export interface Peer extends AsyncDisposable {
  readonly url: string
  readonly requests: {
    readonly headers: IncomingHttpHeaders
    readonly path: string
    readonly points: readonly Received[]
  }[]
  /** What was wrong with a request. */
  readonly problems: unknown[]
  /** What it says to the next; success where there is nothing. */
  readonly answers: ({ readonly rejectedPoints: number; readonly message: string } | Refusal)[]
}

export async function startPeer(): Promise<Peer> {
  const requests: Peer['requests'][number][] = []
  const problems: unknown[] = []
  const answers: Peer['answers'][number][] = []
  const server = http.createServer(async (incoming, outgoing) => {
    outgoing.setHeader('content-type', 'application/x-protobuf')
    const sent = await buffer(incoming)
    const { headers, url: path = '' } = incoming
    try {
      const body = headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent
      const points = readRequest(body)
      const answer = answers.shift()
      if (answer !== undefined && 'status' in answer) {
        const { message } = answer
        outgoing.statusCode = answer.status
        outgoing.end(status.encode({ code: 14, message }).finish())
        return
      }
      requests.push({ headers, path, points })
      const partialSuccess = answer && {
        rejectedDataPoints: answer.rejectedPoints,
        errorMessage: answer.message,
      }
      outgoing.end(response.encode(partialSuccess ? { partialSuccess } : {}).finish())
    } catch (error) {
      problems.push(error)
      outgoing.writeHead(400).end()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    problems,
    answers,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
