/** What an expression has been evaluated to, over all steps of its grid. */
import type { Notes } from '../notes.ts'
import type { Grid, GridSeries } from './grid.ts'

export type GridValue =
  /** One value a step. */
  | { readonly type: 'scalar'; readonly values: Float64Array }
  | { readonly type: 'vector'; readonly series: readonly GridSeries[] }
  | { readonly type: 'string'; readonly text: string }

/** A function of what its arguments are at each step; those that look at a range are elsewhere. */
export type InstantFunction = (args: readonly GridValue[], of: FunctionContext) => GridValue

export interface FunctionContext {
  readonly grid: Grid
  readonly notes: Notes
}
