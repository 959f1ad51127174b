/** What a query gives: values by kind, and what Prometheus says beside them. */
import type { Labels } from './grid/labels.ts'

/** [Unix ms, value] */
export type Point = readonly [timeMs: number, value: number]

export type QueryValue =
  | { readonly type: 'scalar'; readonly point: Point }
  | { readonly type: 'string'; readonly timeMs: number; readonly text: string }
  | {
      readonly type: 'vector'
      readonly samples: readonly { readonly labels: Labels; readonly point: Point }[]
    }
  /** Ordered by labels, points by time. */
  | {
      readonly type: 'matrix'
      readonly series: readonly {
        readonly labels: Labels
        readonly times: Float64Array
        readonly values: Float64Array
      }[]
    }

export interface QueryAnswer {
  readonly value: QueryValue
  /** What may make the result wrong, each once, in Prometheus' words. */
  readonly warnings: readonly string[]
  readonly infos: readonly string[]
}
