/** A PromQL text that has to be a plain selector: a metric name and label matchers. */
import { parse } from './language/parse.ts'
import { check } from './language/check.ts'
import type { Binary, Expr, Matcher, Span } from './language/tree.ts'
import { BadQuery, NotSupported, NotSupportedYet, QueryError } from './query-error.ts'

export interface Selector {
  readonly name: string
  readonly matchers: readonly Matcher[]
}

/** What a person would call what is more than a selector. */
const CONSTRUCTS: Readonly<Record<Exclude<Expr['kind'], 'selector'>, string>> = {
  aggregate: 'an aggregation',
  binary: 'an operator',
  call: 'a function',
  number: 'a number',
  parens: 'an expression in parentheses',
  range: 'a range',
  string: 'a string',
  subquery: 'a subquery',
  unary: 'a sign',
}

/** Throws BadQuery or NotSupportedYet, with the column. */
export function parseSelector(text: string): Selector {
  const expr = parsed(text)
  if (expr.kind !== 'selector') {
    throw tooMuch(text, CONSTRUCTS[expr.kind], offendingPart(expr))
  }
  const { span, name, matchers } = expr
  if (expr.offsetMs !== 0) throw tooMuch(text, 'an offset', span)
  if (expr.at !== undefined) throw tooMuch(text, 'the @ modifier', span)
  if (matchers.some(({ label }) => label === '__name__')) {
    throw tooMuch(text, 'a pattern of metric names', span)
  }
  if (name === undefined) throw tooMuch(text, 'a selector without a metric name', span)
  return { name, matchers }
}

function parsed(text: string): Expr {
  try {
    const expr = parse(text)
    check(expr, text)
    return expr
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    const { from, to } = error.span ?? { from: 0, to: text.length }
    if (error instanceof NotSupported) throw tooMuch(text, 'an extension', { from, to })
    // The column is said in front already.
    throw new BadQuery(from + 1, error.message.replace(/^.*?: parse error: /s, ''))
  }
}

/** The operator of a binary expression and the suffix of a selector; else the whole. */
function offendingPart(expr: Expr): Span {
  switch (expr.kind) {
    case 'binary':
      return operatorOf(expr)
    case 'range':
      return { from: expr.selector.span.to, to: expr.span.to }
    case 'subquery':
      return { from: expr.of.span.to, to: expr.span.to }
    default:
      return expr.span
  }
}

const operatorOf = ({ left, right }: Binary): Span => ({ from: left.span.to, to: right.span.from })

function tooMuch(text: string, what: string, { from, to }: Span): NotSupportedYet {
  const part = text.slice(from, to)
  const column = from + 1 + (part.length - part.trimStart().length)
  return new NotSupportedYet(column, `${what} (${JSON.stringify(excerpt(part.trim()))})`)
}

const excerpt = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text)
