/**
 * Whether the parts of an expression fit together, before anything is asked of a store.
 * Source: prometheus/promql/parser, checkAST.
 */
import { compilePattern } from '../grid/pattern.ts'
import { QueryError } from '../query-error.ts'
import { functions, type FunctionType } from './functions.ts'
import { quote } from './string-literal.ts'
import { positioned } from './syntax-error.ts'
import type {
  Aggregate,
  Binary,
  BinaryOperator,
  Call,
  Expr,
  Matcher,
  Span,
  ValueType,
  VectorSelector,
} from './tree.ts'
import { typeOf } from './type.ts'

/** As Prometheus calls them in front of people. */
const DOCUMENTED: Readonly<Record<ValueType, string>> = {
  scalar: 'scalar',
  vector: 'instant vector',
  matrix: 'range vector',
  string: 'string',
}
const COMPARISONS: ReadonlySet<BinaryOperator> = new Set(['==', '!=', '<', '<=', '>', '>='])
const SETS: ReadonlySet<BinaryOperator> = new Set(['and', 'or', 'unless'])

export const isComparison = (operator: BinaryOperator): boolean => COMPARISONS.has(operator)
export const isSetOperator = (operator: BinaryOperator): boolean => SETS.has(operator)

/** The type of the value; throws QueryError. With the text, the error says where in it. */
export function check(expr: Expr, text?: string): ValueType {
  return new Check(text).expr(expr)
}

class Check {
  readonly #text: string | undefined

  constructor(text: string | undefined) {
    this.#text = text
  }

  expr(expr: Expr): ValueType {
    switch (expr.kind) {
      case 'number':
      case 'string':
        break
      case 'selector':
        this.#selector(expr)
        break
      case 'range':
        this.#selector(expr.selector)
        break
      case 'subquery': {
        const type = this.expr(expr.of)
        if (type === 'vector') break
        throw this.#fault(
          expr.span,
          `subquery is only allowed on instant vector, got ${type} instead`,
        )
      }
      case 'parens':
        this.expr(expr.of)
        break
      case 'unary': {
        const type = this.expr(expr.of)
        if (type === 'scalar' || type === 'vector') break
        const got = quote(DOCUMENTED[type])
        const message = `unary expression only allowed on expressions of type scalar or instant vector, got ${got}`
        throw this.#fault(expr.span, message)
      }
      case 'binary':
        this.#binary(expr)
        break
      case 'aggregate':
        this.#aggregate(expr)
        break
      case 'call':
        this.#call(expr)
        break
    }
    return typeOf(expr)
  }

  #selector({ span, name, matchers }: VectorSelector): void {
    if (name !== undefined || matchers.some((matcher) => !matchesEmpty(matcher))) return
    throw this.#fault(span, 'vector selector must contain at least one non-empty matcher')
  }

  #binary({ span, operator, left, right, isBool, matching }: Binary): void {
    const types = [this.expr(left), this.expr(right)] as const
    const between = { from: left.span.to, to: right.span.from }
    const areScalars = types[0] === 'scalar' && types[1] === 'scalar'
    if (isBool && !isComparison(operator)) {
      throw this.#fault(between, 'bool modifier can only be used on comparison operators')
    }
    if (isComparison(operator) && !isBool && areScalars) {
      throw this.#fault(between, 'comparisons between scalars must use BOOL modifier')
    }
    const both = matching?.isOn
      ? matching.labels.find((label) => matching.include.includes(label))
      : undefined
    if (both !== undefined) {
      const message = `label ${quote(both)} must not occur in ON and GROUP clause at once`
      throw this.#fault(between, message)
    }
    for (const [i, side] of [left, right].entries()) {
      if (types[i] === 'scalar' || types[i] === 'vector') continue
      const message = 'binary expression must contain only scalar and instant vector types'
      throw this.#fault(side.span, message)
    }
    if (!isSetOperator(operator)) return
    if (types[0] === 'scalar' || types[1] === 'scalar') {
      const message = `set operator ${quote(operator)} not allowed in binary scalar expression`
      throw this.#fault(span, message)
    }
    if (matching?.cardinality === 'many-to-many') return
    throw this.#fault(span, `no grouping allowed for ${quote(operator)} operation`)
  }

  #aggregate({ operator, of, parameter }: Aggregate): void {
    this.#expect(of, 'vector', 'aggregation expression')
    if (parameter === undefined) return
    const type = operator === 'count_values' ? 'string' : 'scalar'
    this.#expect(parameter, type, 'aggregation parameter')
  }

  #call({ span, function: name, args }: Call): void {
    const type = functions[name]!
    const arity = arityProblem(name, type, args.length)
    if (arity !== undefined) throw this.#fault(span, arity)
    for (const [i, argument] of args.entries()) {
      const wanted = type.args[Math.min(i, type.args.length - 1)]!
      this.#expect(argument, wanted, `call to function ${quote(name)}`)
    }
  }

  #expect(expr: Expr, wanted: ValueType, where: string): void {
    const type = this.expr(expr)
    if (type === wanted) return
    const [want, got] = [DOCUMENTED[wanted], DOCUMENTED[type]]
    throw this.#fault(expr.span, `expected type ${want} in ${where}, got ${got}`)
  }

  #fault(span: Span, message: string): QueryError {
    const told =
      this.#text === undefined ? message : positioned(this.#text, this.#trimmed(span), message)
    return new QueryError('bad_data', told, { span })
  }

  /** Starts where something stands. */
  #trimmed({ from, to }: Span): Span {
    const blank = /^\s*/.exec(this.#text!.slice(from, to))![0].length
    return { from: from + blank, to }
  }
}

function arityProblem(
  name: string,
  { args, variadic }: FunctionType,
  got: number,
): string | undefined {
  const tail = `argument(s) in call to ${quote(name)}, got ${got}`
  if (variadic === 0) return args.length === got ? undefined : `expected ${args.length} ${tail}`
  const least = args.length - 1
  if (got < least) return `expected at least ${least} ${tail}`
  const most = least + variadic
  return variadic > 0 && got > most ? `expected at most ${most} ${tail}` : undefined
}

function matchesEmpty({ operator, value }: Matcher): boolean {
  switch (operator) {
    case '=':
      return value === ''
    case '!=':
      return value !== ''
    case '=~':
      return compilePattern(value).matches('')
    case '!~':
      return !compilePattern(value).matches('')
  }
}
