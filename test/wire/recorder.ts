/** A visitor that keeps all it is told. */
import type { Distribution } from '../../wire/distribution.ts'
import { decodeMetrics } from '../../wire/otlp-decode.ts'
import type { OtlpKind } from '../../wire/otlp-visitor.ts'
import { MalformedMessage } from '../../wire/protobuf.ts'

export interface Point {
  readonly resource: Readonly<Record<string, string>>
  readonly metric: string
  readonly unit: string
  readonly kind: OtlpKind
  readonly attributes: Readonly<Record<string, string>>
  readonly timeMs: number
  readonly startMs: number | undefined
  readonly value: number
  readonly unrecorded: boolean
}

export interface RecordedDistribution extends Omit<Point, 'value'> {
  readonly distribution: Distribution
}

export interface Recording {
  readonly resources: ReadonlyMap<string, string>[]
  readonly metrics: { readonly name: string; readonly unit: string; readonly kind: OtlpKind }[]
  readonly points: Point[]
  readonly distributions: RecordedDistribution[]
  readonly rejected: Record<string, number>
}

export function record(body: Uint8Array): Recording {
  const recording: Recording = {
    resources: [],
    metrics: [],
    points: [],
    distributions: [],
    rejected: {},
  }
  const { resources, metrics, points, distributions, rejected } = recording
  const common = (attributes: ReadonlyMap<string, string>) => {
    const { name, unit, kind } = metrics.at(-1)!
    return {
      resource: Object.fromEntries(resources.at(-1)!),
      metric: name,
      unit,
      kind,
      attributes: Object.fromEntries(attributes),
    }
  }
  decodeMetrics(body, {
    resource: (attributes) => resources.push(attributes),
    metric: (name, unit, kind) => metrics.push({ name, unit, kind }),
    point: (attributes, timeMs, startMs, value, unrecorded) => {
      points.push({ ...common(attributes), timeMs, startMs, value, unrecorded })
    },
    distribution: (attributes, timeMs, startMs, distribution, unrecorded) => {
      distributions.push({ ...common(attributes), timeMs, startMs, distribution, unrecorded })
    },
    rejected: (count, reason) => {
      rejected[reason] = (rejected[reason] ?? 0) + count
    },
  })
  return recording
}

/** What reading gives, or `malformed` where it throws that; any other error is a bug and is thrown. */
export function readOrMalformed<T>(read: () => T): T | 'malformed' {
  try {
    return read()
  } catch (error) {
    if (error instanceof MalformedMessage) return 'malformed'
    throw error
  }
}
