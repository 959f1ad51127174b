/** A visitor of remote write that keeps all it is told. */
import type { Distribution } from '../../wire/distribution.ts'
import {
  decodeWriteV1,
  decodeWriteV2,
  type WriteRejection,
  type WriteVisitor,
} from '../../wire/remote-write.ts'
import type { MetricType } from '../../wire/remote-write-fields.ts'
import type { WriteSeries } from '../../wire/remote-write-labels.ts'

export interface WriteRecording {
  /** `name{labels}` and its type where it was told, with all samples: `ms value`. */
  readonly series: { readonly of: WriteSeries; readonly type: MetricType; readonly items: Item[] }[]
  readonly metadata: Record<string, MetricType>
  readonly rejected: Record<string, number>
}
export type Item =
  | readonly [timeMs: number, value: number | 'ended']
  | readonly [timeMs: number, distribution: Distribution | 'ended']

export function recordWrite(version: 1 | 2, body: Uint8Array): WriteRecording {
  const recording: WriteRecording = { series: [], metadata: {}, rejected: {} }
  const { series, metadata, rejected } = recording
  const visitor: WriteVisitor = {
    series: (of, type) => series.push({ of, type, items: [] }),
    sample: (timeMs, value, hasEnded) =>
      series.at(-1)!.items.push([timeMs, hasEnded ? 'ended' : value]),
    histogram: (timeMs, distribution) =>
      series.at(-1)!.items.push([timeMs, distribution ?? 'ended']),
    metadata: (family, type) => {
      metadata[family] = type
    },
    rejected: (item, count, reason: WriteRejection) => {
      rejected[`${item} ${reason}`] = (rejected[`${item} ${reason}`] ?? 0) + count
    },
  }
  if (version === 1) decodeWriteV1(body, visitor)
  else decodeWriteV2(body, visitor)
  return recording
}
