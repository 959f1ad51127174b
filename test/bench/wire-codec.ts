/**
 * A pass of 20 containers with 30 figures each, one ResourceMetrics a container: our encoder against
 * OpenTelemetry's own, whose objects are there already as the SDK's collectors leave them, and our
 * decoder, whose caches know names and attributes, and what reads bodies that are laid out as one before, against protobufjs. CPU time, in turns.
 */
import { constants, zstdCompressSync } from 'node:zlib'
import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer'
import protobuf from 'protobufjs'
import { KIND_ATTRIBUTE } from '../../catalog/entity.ts'
import { container } from '../../catalog/tables/container.ts'
import { median } from '../../judge/statistics.ts'
import { decodeMetrics } from '../../wire/otlp-decode.ts'
import { PassEncoder } from '../../wire/otlp-encode.ts'
import { CUMULATIVE } from '../../wire/otlp-fields.ts'
import { emptyRow, type Row } from '../../wire/sample.ts'
import { type Layout, layoutOf, noNumbers, segmentsOf } from '../../wire/skeleton.ts'
import type { Figures } from './bench.ts'
import { cpuMs } from './statistics.ts'

type ResourceMetrics = Parameters<typeof ProtobufMetricsSerializer.serializeRequest>[0]

const CONTAINERS = 20
const METRICS = 30
const POINTS = CONTAINERS * METRICS
const ROUNDS = 15
/** Passes of a round: long enough for a clock of CPU time. */
const REPEAT = 200
const START_MS = 1_790_000_000_000
const STEP_MS = 10_000
const COLUMNS = container.metrics.slice(0, METRICS)

const attributesOf = (i: number): Record<string, string> => ({
  'host.id': '3f1c0cf1b52e4f7a8c2d1e0f9a8b7c6d',
  'host.name': 'web-1',
  'candor.cgroup.path': `/docker/${String(i).padStart(64, '5e')}`,
  'candor.cgroup.inode': String(40_000 + i),
  'container.name': `web-${i}`,
  'container.image.name': 'registry.example/shop/web:1.2.3',
  [KIND_ATTRIBUTE]: 'container',
})

/** Counters that count and gauges that move, in seconds, bytes and counts. */
const valueOf = (i: number, column: number, round: number): number =>
  column % 3 === 0
    ? ((i + 1) * 7_919_000 + round * 130 + column) / 1e3
    : (i + 1) * 1_234_567 + column * 4_096 + round * (column % 5) * 17

function makeRows(): Row[] {
  return Array.from({ length: CONTAINERS }, (_, i) => {
    const { [KIND_ATTRIBUTE]: _kind, ...attributes } = attributesOf(i)
    return emptyRow(container, { kind: 'container', attributes, startMs: START_MS })
  })
}

function fill(rows: readonly Row[], round: number): void {
  for (const [i, { values }] of rows.entries()) {
    for (let column = 0; column < METRICS; column++) values[column] = valueOf(i, column, round)
  }
}

const seconds = (ms: number): [number, number] => [Math.floor(ms / 1_000), (ms % 1_000) * 1e6]

/** What the SDK hands to its exporter: one call an entity. */
const theirObjects = (): ResourceMetrics[] =>
  Array.from({ length: CONTAINERS }, (_, i) => {
    const attributes = attributesOf(i)
    return {
      resource: {
        attributes,
        getRawAttributes: () => Object.entries(attributes),
        merge: () => {
          throw new Error('nobody merges it')
        },
      },
      scopeMetrics: [
        {
          scope: { name: 'candor', version: '0.1.0' },
          metrics: COLUMNS.map((metric, column) => ({
            descriptor: {
              name: metric.otel,
              unit: metric.unit,
              description: '',
              valueType: column % 3 === 0 ? 1 : 0,
            },
            aggregationTemporality: 1,
            dataPointType: metric.kind === 'counter' ? 3 : 2,
            isMonotonic: true,
            dataPoints: [
              {
                startTime: seconds(START_MS),
                endTime: seconds(START_MS + STEP_MS),
                attributes: { ...metric.attributes },
                value: valueOf(i, column, 0),
              },
            ],
          })),
        },
      ],
    }
  })

/** The part of opentelemetry-proto that a decoder of this body needs. */
const PROTO = `
  syntax = "proto3";
  message Request { repeated ResourceMetrics resource_metrics = 1; }
  message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; }
  message Scope { string name = 1; string version = 2; }
  message Metric { string name = 1; string unit = 3; oneof data { Gauge gauge = 5; Sum sum = 7; } }
  message Gauge { repeated Point data_points = 1; }
  message Sum { repeated Point data_points = 1; int32 temporality = 2; bool monotonic = 3; }
  message Point {
    repeated KeyValue attributes = 7;
    fixed64 start = 2;
    fixed64 time = 3;
    oneof value { double as_double = 4; sfixed64 as_int = 6; }
    uint32 flags = 8;
  }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue { oneof value { string string_value = 1; } }`

interface TheirMetric {
  readonly gauge: { readonly dataPoints: readonly TheirPoint[] } | null
  readonly sum: { readonly dataPoints: readonly TheirPoint[]; readonly temporality: number } | null
}
interface TheirPoint {
  /** Of these the one that is not there has its default. */
  readonly asDouble: number
  readonly asInt: { toNumber(): number }
}
interface TheirRequest {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly { readonly metrics: readonly TheirMetric[] }[]
  }[]
}

/** Sum of all values, so that both sides are seen to have read them. */
function sumOfTheirs({ resourceMetrics }: TheirRequest): number {
  let sum = 0
  for (const { scopeMetrics } of resourceMetrics) {
    for (const { metrics } of scopeMetrics) {
      for (const metric of metrics) {
        if (metric.sum !== null && metric.sum.temporality !== CUMULATIVE) continue
        for (const point of (metric.sum ?? metric.gauge)!.dataPoints) {
          sum += Object.hasOwn(point, 'asInt') ? point.asInt.toNumber() : point.asDouble
        }
      }
    }
  }
  return sum
}

function sumOfOurs(body: Buffer): number {
  let sum = 0
  decodeMetrics(body, {
    resource: () => {},
    metric: () => {},
    point: (_attributes, _timeMs, _startMs, value) => {
      sum += value
    },
    distribution: () => {},
    rejected: (points, reason) => {
      throw new Error(`${points} points rejected: ${reason}`)
    },
  })
  return sum
}

/** Layouts of the resources of a body, in its order. */
const layoutsOf = (body: Buffer): Layout[] =>
  segmentsOf(body)!.map(({ layoutStart, end }) => layoutOf(body, layoutStart, end)!)

/** Reads a body whose resources are laid out so. */
function sumOfKnown(body: Buffer, layouts: readonly Layout[]): number {
  let sum = 0
  for (const [i, { layoutStart, end }] of segmentsOf(body)!.entries()) {
    const layout = layouts[i]!
    if (!layout.read(body, layoutStart, end, numbers)) throw new Error('a body is laid out anew')
    for (let point = 0; point < layout.points; point++) sum += numbers.values[point]!
  }
  return sum
}

const numbers = noNumbers()

function spent(work: (round: number) => void): number {
  const before = cpuMs()
  for (let round = 0; round < REPEAT; round++) work(round)
  return (cpuMs() - before) / REPEAT
}

export async function run(): Promise<Figures> {
  const rows = makeRows()
  const encoder = new PassEncoder({ version: '0.1.0' })
  const encode = (round: number) => {
    fill(rows, round)
    return encoder.encode({ timeMs: START_MS + round * STEP_MS, rows })[0]!
  }
  const objects = theirObjects()
  const request = protobuf.parse(PROTO).root.lookupType('Request')
  const bodies = Array.from({ length: REPEAT }, (_, round) => encode(round))
  const decodeTheirs = (body: Buffer) =>
    sumOfTheirs(request.decode(body) as unknown as TheirRequest)
  const [ours, theirs] = [sumOfOurs(bodies[0]!), decodeTheirs(bodies[0]!)]
  const layouts = layoutsOf(bodies[0]!)
  const known = sumOfKnown(bodies[1]!, layouts)
  const again = sumOfOurs(bodies[1]!)
  if (known !== again) throw new Error(`${known} and ${again} differ`)
  if (Math.abs(ours - theirs) > 1e-9 * ours) throw new Error(`${ours} and ${theirs} differ`)
  const times = {
    encode: [] as number[],
    encodeTheirs: [] as number[],
    decode: [] as number[],
    decodeKnown: [] as number[],
    decodeTheirs: [] as number[],
  }
  for (let round = 0; round < ROUNDS; round++) {
    times.encode.push(spent(encode))
    times.encodeTheirs.push(
      spent(() => {
        for (const each of objects) ProtobufMetricsSerializer.serializeRequest(each)
      }),
    )
    times.decode.push(spent((nth) => sumOfOurs(bodies[nth]!)))
    times.decodeKnown.push(spent((nth) => sumOfKnown(bodies[nth]!, layouts)))
    times.decodeTheirs.push(spent((nth) => decodeTheirs(bodies[nth]!)))
  }
  const ms = (name: keyof typeof times) => median(times[name])!
  const packed = bodies.map(
    (body) => zstdCompressSync(body, { params: { [constants.ZSTD_c_compressionLevel]: 1 } }).length,
  )
  return {
    points: POINTS,
    encodeUs: ms('encode') * 1_000,
    encodeRatio: ms('encodeTheirs') / ms('encode'),
    decodeUs: ms('decode') * 1_000,
    decodeHitUs: ms('decodeKnown') * 1_000,
    decodeHitRatio: ms('decodeTheirs') / ms('decodeKnown'),
    decodeMissRatio: ms('decodeTheirs') / ms('decode'),
    bytesPerPoint: median(packed)! / POINTS,
  }
}
