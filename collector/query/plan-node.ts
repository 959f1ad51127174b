/** A plan as data: what is asked of a source, and what is done with the answers, at which times. */
import type { Aggregate, Binary, Grouping, Span } from './language/tree.ts'
import type { Grid } from './grid/grid.ts'
import type { Labels } from './grid/labels.ts'
import type { Taken } from './grid/range/newest.ts'
import type { Windows } from './grid/range/windows.ts'
import type { Leaf } from './leaf.ts'

/** All that is asked of the source, and what is done with the answers. */
export interface Plan {
  readonly root: PlanNode
  readonly leaves: readonly Leaf[]
}

export type PlanNode = { readonly grid: Grid } & (
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'string'; readonly text: string }
  /** An instant selector. */
  | {
      readonly kind: 'newest'
      readonly leaf: number
      readonly windows: Windows
      readonly taken: Taken
    }
  /** A function of a range. */
  | {
      readonly kind: 'range'
      readonly function: string
      readonly of: RangeInput
      readonly windows: Windows
      readonly parameters: readonly PlanNode[]
      /** From the end of the window to the time of the step, where the first parameter is from then. */
      readonly ahead?: { readonly firstMs: number; readonly strideMs: number }
      /** Of every argument. */
      readonly spans: readonly Span[]
    }
  | { readonly kind: 'absent'; readonly of: PlanNode; readonly labels: Labels }
  | {
      readonly kind: 'call'
      readonly function: string
      readonly args: readonly PlanNode[]
      readonly spans: readonly Span[]
    }
  | {
      readonly kind: 'aggregate'
      readonly operator: Aggregate['operator']
      readonly grouping: Grouping
      readonly of: PlanNode
      readonly parameter?: PlanNode
      readonly parameterSpan?: Span
    }
  | {
      readonly kind: 'binary'
      readonly operator: Binary['operator']
      readonly left: PlanNode
      readonly right: PlanNode
      readonly isBool: boolean
      readonly matching?: Binary['matching']
    }
  | { readonly kind: 'negate'; readonly of: PlanNode }
  /** What has the same value at all steps: its one value, at each of them. */
  | { readonly kind: 'widen'; readonly of: PlanNode }
  /** The samples of a range themselves, which only an instant query gives out. */
  | { readonly kind: 'samples'; readonly of: RangeInput; readonly windows: Windows }
)

export type RangeInput =
  | { readonly kind: 'leaf'; readonly leaf: number }
  | { readonly kind: 'subquery'; readonly of: PlanNode }
  /** A subquery without a single step. */
  | { readonly kind: 'nothing' }
