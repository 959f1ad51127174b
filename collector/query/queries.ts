/** All that can be asked of the samples of one tenant, whoever asks and however. */
import type { QueryAnswer } from './answer.ts'
import type { Grid } from './grid/grid.ts'
import type { Labels } from './grid/labels.ts'

export interface AskOptions {
  readonly signal?: AbortSignal
  /** Shorter than what the collector allows; longer is not to be had. */
  readonly timeoutMs?: number
  readonly lookbackMs?: number
  /** Series of an answer, or items of a list; what is more is cut off with a warning. */
  readonly limit?: number
}

/** [fromMs, toMs], Unix ms. */
export interface Between {
  readonly fromMs: number
  readonly toMs: number
}

export interface Listed<T> {
  readonly items: readonly T[]
  /** There are more, which `limit` has cut off. */
  readonly isCut: boolean
}

export interface MetricMetadata {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly unit: string
}

export interface Cardinality {
  readonly series: number
  /** Different pairs of a label and a value. */
  readonly pairs: number
  /** Of the newest and the oldest sample, Unix ms; 0 where there is none. */
  readonly fromMs: number
  readonly toMs: number
  /** The largest, by series. */
  readonly byName: readonly { readonly name: string; readonly value: number }[]
  readonly byLabel: readonly { readonly name: string; readonly value: number }[]
  readonly byPair: readonly { readonly name: string; readonly value: number }[]
}

/** Each throws QueryError, or StoreError where the store is out of order. */
export interface Queries {
  instant(text: string, timeMs: number, options?: AskOptions): Promise<QueryAnswer>
  range(text: string, grid: Grid, options?: AskOptions): Promise<QueryAnswer>
  /** How a query would be answered, for people: its plan, and what the store would be asked. */
  explain(text: string, at: number | Grid, options?: AskOptions): Promise<string>
  /** Of each selector in turn; a series is listed once. */
  series(
    selectors: readonly string[],
    between: Between,
    options?: AskOptions,
  ): Promise<Listed<Labels>>
  /** Without selectors those of all series. */
  labelNames(
    selectors: readonly string[],
    between: Between,
    options?: AskOptions,
  ): Promise<Listed<string>>
  labelValues(
    label: string,
    selectors: readonly string[],
    between: Between,
    options?: AskOptions,
  ): Promise<Listed<string>>
  metadata(metric: string | undefined, options?: AskOptions): Promise<Listed<MetricMetadata>>
  cardinality(options?: AskOptions): Promise<Cardinality>
}
