/** What of an expression is known before it is evaluated: its value, or that it is the same at each step. */
import { scalarScalar } from './grid/binary.ts'
import { dateFunctions } from './grid/dates.ts'
import type { Call, Expr } from './language/tree.ts'

/** Of an expression of numbers alone. */
export function constantOf(expr: Expr): number | undefined {
  switch (expr.kind) {
    case 'number':
      return expr.value
    case 'parens':
      return constantOf(expr.of)
    case 'unary': {
      const value = constantOf(expr.of)
      return value === undefined || expr.operator === '+' ? value : -value
    }
    case 'binary': {
      const left = constantOf(expr.left)
      const right = left === undefined ? undefined : constantOf(expr.right)
      if (left === undefined || right === undefined) return undefined
      const [value] = scalarScalar(expr.operator, Float64Array.of(left), Float64Array.of(right))
      return value
    }
    default:
      return undefined
  }
}

export function withoutParens(expr: Expr): Expr {
  return expr.kind === 'parens' ? withoutParens(expr.of) : expr
}

export class Fixed {
  readonly #known = new Map<Expr, boolean>()

  /** Whether it has the same value at whatever step. */
  isFixed(expr: Expr): boolean {
    const known = this.#known.get(expr)
    if (known !== undefined) return known
    const isFixed = this.#findFixed(expr)
    this.#known.set(expr, isFixed)
    return isFixed
  }

  #findFixed(expr: Expr): boolean {
    switch (expr.kind) {
      case 'number':
      case 'string':
        return true
      case 'selector':
      case 'subquery':
        return expr.at !== undefined
      case 'range':
        return expr.selector.at !== undefined
      case 'parens':
      case 'unary':
        return this.isFixed(expr.of)
      case 'binary':
        return this.isFixed(expr.left) && this.isFixed(expr.right)
      case 'aggregate':
        return (
          this.isFixed(expr.of) && (expr.parameter === undefined || this.isFixed(expr.parameter))
        )
      case 'call':
        return !looksAtTime(expr) && expr.args.every((arg) => this.isFixed(arg))
    }
  }
}

/** Whether the time of the step itself is in the result. */
function looksAtTime({ function: name, args }: Call): boolean {
  if (name === 'time' || name === 'predict_linear') return true
  if (name === 'timestamp') return withoutParens(args[0]!).kind !== 'selector'
  return name in dateFunctions && args.length === 0
}
