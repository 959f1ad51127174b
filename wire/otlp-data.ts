/** What the data of one OTLP metric is, before its points are read: kind, form of the points, how many. */
import {
  type DistributionForm,
  explicitForm,
  exponentialForm,
  summaryForm,
} from './otlp-distribution.ts'
import { CUMULATIVE, DATA, DELTA, METRIC, SUM } from './otlp-fields.ts'
import type { OtlpKind, Rejection } from './otlp-visitor.ts'
import { LENGTH, type Reader, tag, VARINT } from './protobuf.ts'

const SUM_TAG = tag(METRIC.sum, LENGTH)
const TEMPORALITY_TAG = tag(SUM.temporality, VARINT)
const MONOTONIC_TAG = tag(SUM.monotonic, VARINT)

export const POINT_TAG = tag(DATA.points, LENGTH)

/** One of the fields of a metric that hold its points; a sum says more itself. */
interface Data {
  readonly kind: OtlpKind | undefined
  /** Absent where the points are numbers. */
  readonly form?: DistributionForm
  readonly hasTemporality: boolean
}

/** By the tag of the field. */
const ALL: ReadonlyMap<number, Data> = new Map<number, Data>([
  [tag(METRIC.gauge, LENGTH), { kind: 'gauge', hasTemporality: false }],
  [SUM_TAG, { kind: undefined, hasTemporality: true }],
  [tag(METRIC.histogram, LENGTH), { kind: 'histogram', form: explicitForm, hasTemporality: true }],
  [
    tag(METRIC.exponentialHistogram, LENGTH),
    { kind: 'histogram', form: exponentialForm, hasTemporality: true },
  ],
  [tag(METRIC.summary, LENGTH), { kind: 'summary', form: summaryForm, hasTemporality: false }],
])

export const isData = (field: number): boolean => ALL.has(field)

export interface Survey {
  readonly points: number
  readonly kind: OtlpKind
  readonly form: DistributionForm | undefined
  readonly rejection: Rejection | undefined
}

/** What kind a metric has stands behind its points, and those must be counted to be refused. */
export function surveyData(reader: Reader, field: number, start: number, end: number): Survey {
  const { kind, form, hasTemporality } = ALL.get(field)!
  reader.position = start
  let points = 0
  let temporality = 0
  let monotonic = false
  while (reader.position < end) {
    const inner = reader.tag(end)
    if (inner === TEMPORALITY_TAG && hasTemporality) temporality = reader.varint(end)
    else if (inner === MONOTONIC_TAG && field === SUM_TAG) monotonic = reader.varint(end) !== 0
    else {
      if (inner === POINT_TAG) points += 1
      reader.skip(inner, end)
    }
  }
  const isCumulative = !hasTemporality || temporality === CUMULATIVE
  const reason = temporality === DELTA ? 'deltaTemporality' : 'noTemporality'
  return {
    points,
    kind: kind ?? (monotonic ? 'counter' : 'updown'),
    form,
    rejection: isCumulative ? undefined : reason,
  }
}
