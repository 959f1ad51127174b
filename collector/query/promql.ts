/**
 * A PromQL selector out of its text: a metric name and label matchers. The grammar is Prometheus'
 * own (lezer-promql), so what is more than a selector is told from what is wrong.
 */
import { parser } from '@prometheus-io/lezer-promql'
import type { SyntaxNode } from '@lezer/common'
import { limits } from '../../catalog/limit.ts'
import { BadQuery, NotSupportedYet } from './query-error.ts'
import { unquote } from './string-literal.ts'

type MatchOperator = '=' | '!=' | '=~' | '!~'

export interface Matcher {
  readonly label: string
  readonly operator: MatchOperator
  readonly value: string
}

export interface Selector {
  readonly name: string
  readonly matchers: readonly Matcher[]
}

/** What a person would call the nodes that are more than a selector. */
const CONSTRUCTS: Readonly<Record<string, string>> = {
  AggregateExpr: 'an aggregation',
  AnchoredExpr: 'an anchored selector',
  BinaryExpr: 'an operator',
  FunctionCall: 'a function',
  MatrixSelector: 'a range',
  NumberDurationLiteral: 'a number',
  OffsetExpr: 'an offset',
  ParenExpr: 'an expression in parentheses',
  SmoothedExpr: 'a smoothed selector',
  StepInvariantExpr: 'the @ modifier',
  StringLiteral: 'a string',
  SubqueryExpr: 'a subquery',
  UnaryExpr: 'a sign',
}

/** Throws BadQuery or NotSupportedYet, with the column. */
export function parseSelector(text: string): Selector {
  if (Buffer.byteLength(text) > limits.queryBytes.value) {
    throw new BadQuery(1, `the query is longer than ${limits.queryBytes.value} bytes`)
  }
  const tree = parser.parse(text)
  tree.iterate({
    enter(node) {
      if (node.type.isError) throw syntaxError(text, node.from)
    },
  })
  let expression = tree.topNode.firstChild
  while (expression?.name === 'LineComment') expression = expression.nextSibling
  if (expression === null) throw syntaxError(text, text.length)
  if (expression.name !== 'VectorSelector') {
    const what = CONSTRUCTS[expression.name] ?? expression.name
    const offending = offendingPart(expression)
    const part = JSON.stringify(excerpt(text.slice(offending.from, offending.to)))
    throw new NotSupportedYet(offending.from + 1, `${what} (${part})`)
  }
  return readSelector(text, expression)
}

function readSelector(text: string, node: SyntaxNode): Selector {
  const of = (child: SyntaxNode) => text.slice(child.from, child.to)
  let name: string | undefined
  const nameIs = (found: string, at: number) => {
    if (name !== undefined) throw new BadQuery(at + 1, 'a second metric name')
    name = found
  }
  const matchers: Matcher[] = []
  const identifier = node.getChild('Identifier')
  if (identifier !== null) nameIs(of(identifier), identifier.from)

  const list = node.getChild('LabelMatchers')
  for (let child = list?.firstChild ?? null; child !== null; child = child.nextSibling) {
    const quoted = child.name === 'QuotedLabelName' ? child : child.getChild('QuotedLabelName')
    const plain = child.getChild('LabelName')
    const operator = child.getChild('MatchOp')
    if (operator === null) {
      if (quoted !== null) nameIs(literal(text, quoted), quoted.from)
      continue
    }
    const matcher: Matcher = {
      label: plain === null ? literal(text, quoted!) : of(plain), // the grammar has no third form
      operator: of(operator) as MatchOperator,
      value: literal(text, child.getChild('StringLiteral')!), // a matcher without a value is an error node
    }
    if (matcher.label !== '__name__') matchers.push(matcher)
    else if (matcher.operator === '=') nameIs(matcher.value, child.from)
    else throw new NotSupportedYet(child.from + 1, `a pattern of metric names (${of(child)})`)
  }
  if (name !== undefined && name !== '') return { name, matchers }
  const column = node.from + 1
  if (matchers.every(matchesEmpty)) throw new BadQuery(column, 'the selector matches every series')
  throw new NotSupportedYet(column, 'a selector without a metric name')
}

/** Whether a series that has not the label matches; patterns are judged by their usual forms only. */
function matchesEmpty({ operator, value }: Matcher): boolean {
  if (operator === '=') return value === ''
  if (operator === '!=') return value !== ''
  const all = value === '' || value === '.*'
  return operator === '=~' ? all : !all
}

function literal(text: string, node: SyntaxNode): string {
  const value = unquote(text.slice(node.from, node.to))
  if (value === undefined) {
    throw new BadQuery(
      node.from + 1,
      `an unknown escape in ${excerpt(text.slice(node.from, node.to))}`,
    )
  }
  return value
}

/** The operator of a binary expression and the suffix of a selector; else where the expression starts. */
function offendingPart(node: SyntaxNode): { from: number; to: number } {
  switch (node.name) {
    case 'BinaryExpr':
      return node.firstChild?.nextSibling ?? node
    case 'MatrixSelector':
    case 'SubqueryExpr':
    case 'OffsetExpr':
    case 'StepInvariantExpr':
    case 'AnchoredExpr':
    case 'SmoothedExpr': {
      const inner = node.firstChild
      return inner === null ? node : { from: inner.to, to: node.to }
    }
    default:
      return node
  }
}

function syntaxError(text: string, at: number): BadQuery {
  const rest = text.slice(at).trimStart()
  const column = rest === '' ? text.trimEnd().length + 1 : text.length - rest.length + 1
  return new BadQuery(
    column,
    rest === '' ? 'unexpected end of the query' : `unexpected ${JSON.stringify(excerpt(rest))}`,
  )
}

const excerpt = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text)
