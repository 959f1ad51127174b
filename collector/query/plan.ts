/**
 * From what a text says to what is to be done: each node gets the times at which it is evaluated (offset, @
 * and the grids of subqueries are worked out here), what does not change from step to step is evaluated once,
 * and what is asked of the store is a list of leaves, each once.
 */
import { constantOf, Fixed, withoutParens } from './constant.ts'
import { labelsOfAbsent } from './grid/absent.ts'
import { stepsOf, type Grid } from './grid/grid.ts'
import { METRIC_NAME } from './grid/labels.ts'
import { rangeFunctions } from './grid/range/functions.ts'
import type { Taken } from './grid/range/newest.ts'
import type { Windows } from './grid/range/windows.ts'
import type {
  Aggregate,
  Call,
  Expr,
  Grouping,
  RangeSelector,
  Subquery,
  VectorSelector,
} from './language/tree.ts'
import type { Leaf, PushedAggregation } from './leaf.ts'
import type { Plan, PlanNode, RangeInput } from './plan-node.ts'
import { subqueryGrid, windowsAt } from './plan-times.ts'

export interface PlanOptions {
  readonly lookbackMs: number
  /** Step of subqueries that name none. */
  readonly subqueryStepMs: number
}

export function planOf(expr: Expr, grid: Grid, options: PlanOptions): Plan {
  const planner = new Planner(grid, options)
  const root = planner.node(expr, grid)
  return { root, leaves: planner.leaves }
}

class Planner {
  readonly leaves: Leaf[] = []
  readonly #places = new Map<string, number>()
  readonly #query: Grid
  readonly #options: PlanOptions
  readonly #fixed = new Fixed()

  constructor(query: Grid, options: PlanOptions) {
    this.#query = query
    this.#options = options
  }

  node(expr: Expr, grid: Grid): PlanNode {
    const constant = constantOf(expr)
    if (constant !== undefined) return { kind: 'number', grid, value: constant }
    if (expr.kind === 'string') return { kind: 'string', grid, text: expr.value }
    if (stepsOf(grid) > 1 && this.#fixed.isFixed(expr)) {
      return { kind: 'widen', grid, of: this.#open(expr, onlyFirst(grid)) }
    }
    return this.#open(expr, grid)
  }

  #open(expr: Expr, grid: Grid): PlanNode {
    switch (expr.kind) {
      case 'parens':
        return this.node(expr.of, grid)
      case 'unary': {
        const of = this.node(expr.of, grid)
        return expr.operator === '+' ? of : { kind: 'negate', grid, of }
      }
      case 'selector':
        return this.#selector(expr, grid, 'value')
      case 'range':
      case 'subquery':
        return { kind: 'samples', grid, ...this.#input(expr, grid, { kind: 'samples' }) }
      case 'aggregate':
        return this.#aggregate(expr, grid)
      case 'call':
        return this.#call(expr, grid)
      case 'binary':
        return {
          kind: 'binary',
          grid,
          operator: expr.operator,
          left: this.node(expr.left, grid),
          right: this.node(expr.right, grid),
          isBool: expr.isBool,
          ...(expr.matching === undefined ? {} : { matching: expr.matching }),
        }
      case 'number':
        return { kind: 'number', grid, value: expr.value }
      case 'string':
        return { kind: 'string', grid, text: expr.value }
    }
  }

  #selector(
    selector: VectorSelector,
    grid: Grid,
    taken: Taken,
    aggregation?: Leaf['aggregation'],
  ): PlanNode {
    const { lookbackMs } = this.#options
    const moved = this.#moved(selector, grid)
    const leaf = this.#leaf({
      ...asked(selector),
      grid: moved,
      windowMs: lookbackMs,
      ask: { kind: taken === 'time' ? 'samples' : 'newest' },
      ...(aggregation === undefined ? {} : { aggregation }),
    })
    return { kind: 'newest', grid, leaf, windows: windowsAt(grid, moved, lookbackMs), taken }
  }

  #aggregate(expr: Aggregate, grid: Grid): PlanNode {
    const { operator, grouping, parameter } = expr
    return {
      kind: 'aggregate',
      grid,
      operator,
      grouping,
      of: isPushed(operator)
        ? this.#aggregated(expr.of, grid, { operator, grouping })
        : this.node(expr.of, grid),
      ...(parameter === undefined
        ? {}
        : { parameter: this.node(parameter, grid), parameterSpan: parameter.span }),
    }
  }

  /** What is to be aggregated; where it is a leaf, the source is offered to do so. */
  #aggregated(
    expr: Expr,
    grid: Grid,
    aggregation: { operator: PushedAggregation; grouping: Grouping },
  ): PlanNode {
    const of = withoutParens(expr)
    if (of.kind === 'selector') return this.#selector(of, grid, 'value', aggregation)
    if (of.kind !== 'call') return this.node(of, grid)
    const range = rangeFunctions[of.function]
    // Names that an answer no longer has would be missing in a group by them, and in what is said of them.
    const needsNames =
      range === undefined ||
      (range.keepsName !== true &&
        !aggregation.grouping.isWithout &&
        aggregation.grouping.labels.includes(METRIC_NAME)) ||
      (range.isOfCounter === true && rangeIn(of)?.selector.name === undefined)
    return needsNames ? this.node(of, grid) : this.#range(of, grid, of.function, aggregation)
  }

  #call(call: Call, grid: Grid): PlanNode {
    const { function: name, args } = call
    if (name in rangeFunctions) return this.#range(call, grid, name)
    const spans = args.map(({ span }) => span)
    const only = args[0] === undefined ? undefined : withoutParens(args[0])
    const anySeries = { operator: 'group', grouping: { isWithout: false, labels: [] } } as const
    if (name === 'absent' && only !== undefined) {
      const of = this.#aggregated(only, grid, anySeries)
      return { kind: 'absent', grid, of, labels: labelsOfAbsent(only) }
    }
    if (name === 'absent_over_time' && only !== undefined) {
      const of = this.#range(call, grid, 'present_over_time', anySeries)
      return { kind: 'absent', grid, of, labels: labelsOfAbsent(only) }
    }
    if (name === 'timestamp' && only?.kind === 'selector') {
      return this.#selector(only, grid, 'time')
    }
    const nodes = args.map((arg) => this.node(arg, grid))
    return { kind: 'call', grid, function: name, args: nodes, spans }
  }

  #range(call: Call, grid: Grid, name: string, aggregation?: Leaf['aggregation']): PlanNode {
    const at = call.args.findIndex((arg) => isRange(withoutParens(arg)))
    const range = withoutParens(call.args[at]!) as RangeSelector | Subquery
    const rest = call.args.filter((_, i) => i !== at)
    const moved = this.#moved(range.kind === 'range' ? range.selector : range, grid)
    const constants = rest.map(constantOf)
    const isAhead = name === 'predict_linear'
    const aheadMs = isAhead ? grid.startMs - moved.startMs : 0
    if (aheadMs !== 0 && constants[0] !== undefined) constants[0] += aheadMs / 1000
    const isSame = stepsOf(grid) === stepsOf(moved)
    const isConstant = constants.every((constant) => constant !== undefined)
    const ask: Leaf['ask'] =
      isSame && isConstant ? { kind: 'function', name, parameters: constants } : { kind: 'samples' }
    return {
      kind: 'range',
      grid,
      function: name,
      ...this.#input(range, grid, ask, ask.kind === 'function' ? aggregation : undefined),
      parameters: rest.map((arg) => this.node(arg, grid)),
      ...(isAhead ? { ahead: { firstMs: aheadMs, strideMs: isSame ? 0 : grid.stepMs } } : {}),
      spans: call.args.map(({ span }) => span),
    }
  }

  #input(
    range: RangeSelector | Subquery,
    grid: Grid,
    ask: Leaf['ask'],
    aggregation?: Leaf['aggregation'],
  ): { readonly of: RangeInput; readonly windows: Windows } {
    const { rangeMs } = range
    if (range.kind === 'range') {
      const { selector } = range
      const moved = this.#moved(selector, grid)
      const leaf = this.#leaf({
        ...asked(selector),
        grid: moved,
        windowMs: rangeMs,
        ask,
        ...(aggregation === undefined ? {} : { aggregation }),
      })
      return { of: { kind: 'leaf', leaf }, windows: windowsAt(grid, moved, rangeMs) }
    }
    const moved = this.#moved(range, grid)
    const windows = windowsAt(grid, moved, rangeMs)
    const inner = subqueryGrid(moved, rangeMs, range.stepMs ?? this.#options.subqueryStepMs)
    if (stepsOf(inner) === 0) return { of: { kind: 'nothing' }, windows }
    return { of: { kind: 'subquery', of: this.node(range.of, inner) }, windows }
  }

  #moved({ offsetMs, at }: VectorSelector | Subquery, grid: Grid): Grid {
    if (at === undefined) {
      return { ...grid, startMs: grid.startMs - offsetMs, endMs: grid.endMs - offsetMs }
    }
    const { startMs, endMs } = this.#query
    const timeMs = (at === 'start' ? startMs : at === 'end' ? endMs : at) - offsetMs
    return { startMs: timeMs, endMs: timeMs, stepMs: grid.stepMs }
  }

  #leaf(leaf: Leaf): number {
    // Numbers as text, since JSON has no NaN and no infinity.
    const key = JSON.stringify(leaf, (_, value: unknown) =>
      typeof value === 'number' ? String(value) : value,
    )
    const known = this.#places.get(key)
    if (known !== undefined) return known
    this.#places.set(key, this.leaves.length)
    return this.leaves.push(leaf) - 1
  }
}

const PUSHED: ReadonlySet<string> = new Set<PushedAggregation>([
  'avg',
  'count',
  'group',
  'max',
  'min',
  'sum',
])
const isPushed = (operator: string): operator is PushedAggregation => PUSHED.has(operator)

const asked = ({ name, matchers }: VectorSelector) => ({
  ...(name === undefined ? {} : { name }),
  matchers,
})

const isRange = (expr: Expr): expr is RangeSelector | Subquery =>
  expr.kind === 'range' || expr.kind === 'subquery'

const rangeIn = ({ args }: Call): RangeSelector | undefined =>
  args.map(withoutParens).find((arg) => arg.kind === 'range')

const onlyFirst = (grid: Grid): Grid => ({ ...grid, endMs: grid.startMs })
