/**
 * What a PromQL text says, as data: parse.ts makes it, check.ts tells whether its types fit, and all that
 * evaluates or prints a query reads it. Nothing in it knows of a store or of time.
 * Source: prometheus.io/docs/prometheus/latest/querying, Prometheus 3.
 */

/** What an expression gives at one time. */
export type ValueType = 'scalar' | 'vector' | 'matrix' | 'string'

/** Where it stands in the text, in UTF-16 units; `to` is the first that is no longer part of it. */
export interface Span {
  readonly from: number
  readonly to: number
}

export type MatchOperator = '=' | '!=' | '=~' | '!~'

export interface Matcher {
  readonly label: string
  readonly operator: MatchOperator
  /** A pattern is RE2's and matches whole values. */
  readonly value: string
}

/** `@`: a Unix time in ms, or an end of the range that is asked for. */
export type At = number | 'start' | 'end'

interface Shifted {
  /** `offset`; what is positive looks into the past. */
  readonly offsetMs: number
  readonly at?: At
}

export interface NumberLiteral {
  readonly kind: 'number'
  readonly span: Span
  readonly value: number
  /** Written as one, such as `5m`; the value is seconds. */
  readonly isDuration?: true
}
export interface StringLiteral {
  readonly kind: 'string'
  readonly span: Span
  readonly value: string
}
export interface VectorSelector extends Shifted {
  readonly kind: 'selector'
  readonly span: Span
  /** As written before the braces or quoted in them; the same as a matcher `__name__=`, which is never in `matchers` beside it. */
  readonly name?: string
  /** In the order of the text. */
  readonly matchers: readonly Matcher[]
}
/** `selector[range]`; offset and @ are those of the selector. */
export interface RangeSelector {
  readonly kind: 'range'
  readonly span: Span
  readonly selector: VectorSelector
  readonly rangeMs: number
}
export interface Subquery extends Shifted {
  readonly kind: 'subquery'
  readonly span: Span
  readonly of: Expr
  readonly rangeMs: number
  /** Absent: the default of who evaluates. */
  readonly stepMs?: number
}
export interface Parens {
  readonly kind: 'parens'
  readonly span: Span
  readonly of: Expr
}
export interface Unary {
  readonly kind: 'unary'
  readonly span: Span
  readonly operator: '+' | '-'
  readonly of: Expr
}

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '^' | 'atan2'
export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>='
export type SetOperator = 'and' | 'or' | 'unless'
export type BinaryOperator = ArithmeticOperator | ComparisonOperator | SetOperator

/** How series of both sides find each other. */
export interface Matching {
  /** `on(labels)`; otherwise `ignoring(labels)`, which is what an operator without either has of no labels. */
  readonly isOn: boolean
  readonly labels: readonly string[]
  /** `group_left` is many-to-one. Set operators are many-to-many. */
  readonly cardinality: 'one-to-one' | 'many-to-one' | 'one-to-many' | 'many-to-many'
  /** Labels of the "one" side that the result takes over. */
  readonly include: readonly string[]
}
export interface Binary {
  readonly kind: 'binary'
  readonly span: Span
  readonly operator: BinaryOperator
  readonly left: Expr
  readonly right: Expr
  /** Of a comparison: 0 and 1 in place of filtering. */
  readonly isBool: boolean
  /** Of vector with vector only; there it is always. */
  readonly matching?: Matching
}

export type AggregateOperator =
  | 'avg'
  | 'bottomk'
  | 'count'
  | 'count_values'
  | 'group'
  | 'limit_ratio'
  | 'limitk'
  | 'max'
  | 'min'
  | 'quantile'
  | 'stddev'
  | 'stdvar'
  | 'sum'
  | 'topk'

/** Without either word it is `by` no labels. */
export interface Grouping {
  readonly isWithout: boolean
  readonly labels: readonly string[]
}
export interface Aggregate {
  readonly kind: 'aggregate'
  readonly span: Span
  readonly operator: AggregateOperator
  readonly of: Expr
  /** k, φ, a ratio, or the label of count_values. */
  readonly parameter?: Expr
  readonly grouping: Grouping
}
export interface Call {
  readonly kind: 'call'
  readonly span: Span
  /** A key of the table in functions.ts. */
  readonly function: string
  readonly args: readonly Expr[]
}

export type Expr =
  | NumberLiteral
  | StringLiteral
  | VectorSelector
  | RangeSelector
  | Subquery
  | Parens
  | Unary
  | Binary
  | Aggregate
  | Call
