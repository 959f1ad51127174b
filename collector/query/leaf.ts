/**
 * What a plan asks of where the samples are, and what it gets. Whoever answers may always answer with
 * samples: the functions and aggregations that it can compute itself are a matter of speed, never of the
 * result, and a source that has no store at all can stand in.
 */
import type { Grouping, Matcher } from './language/tree.ts'
import type { Grid, GridSeries, SampleSeries } from './grid/grid.ts'

/** Aggregations that can be carried out where the samples are. */
export type PushedAggregation = 'sum' | 'avg' | 'min' | 'max' | 'count' | 'group'

/**
 * newest: the newest sample of each series in (t − windowMs, t] at each step t, unless it marks an end ·
 * function: one of PromQL's functions of a range over the samples in (t − windowMs, t], marks left out ·
 * samples: all that lie in a window of any step, marks among them
 */
export type Ask =
  | { readonly kind: 'newest' }
  | { readonly kind: 'function'; readonly name: string; readonly parameters: readonly number[] }
  | { readonly kind: 'samples' }

/** Offset and @ are in the grid already. */
export interface Leaf {
  readonly name?: string
  readonly matchers: readonly Matcher[]
  readonly grid: Grid
  /** Above 0: the look-back of a selector, the range of a range. */
  readonly windowMs: number
  readonly ask: Ask
  /** Of what `ask` gives. */
  readonly aggregation?: { readonly operator: PushedAggregation; readonly grouping: Grouping }
}

/**
 * values: what was asked for, of every series that has a value at some step; with `isAggregated`, of every
 * group. samples: of every series that has one in any window; the rest is for who asked.
 */
export type LeafAnswer = {
  /** What is to be said of where it comes from. */
  readonly infos?: readonly string[]
} & (
  | {
      readonly kind: 'values'
      readonly series: readonly GridSeries[]
      readonly isAggregated: boolean
    }
  | { readonly kind: 'samples'; readonly series: readonly SampleSeries[] }
)

export interface LeafSource {
  /** Throws QueryError of kind execution, timeout or canceled. */
  answer(leaf: Leaf, signal?: AbortSignal): Promise<LeafAnswer>
}
