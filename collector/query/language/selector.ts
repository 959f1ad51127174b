/** Selectors of a text, and what follows them: ranges, subqueries, offset and @. */
import type { SyntaxNode } from '@lezer/common'
import { METRIC_NAME } from '../grid/labels.ts'
import { formatNumber } from '../grid/number-text.ts'
import { compilePattern } from '../grid/pattern.ts'
import { isDuration, MAX_DURATION_MS, readDuration, readNumber } from './duration.ts'
import { quote, unquote } from './string-literal.ts'
import { badString, fault, notSupported } from './syntax-error.ts'
import { childrenOf, spanOf } from './syntax-tree.ts'
import type {
  At,
  Expr,
  Matcher,
  MatchOperator,
  RangeSelector,
  Span,
  Subquery,
  VectorSelector,
} from './tree.ts'

/** Go's int64, of which @ takes what lies between. */
const MOST_SECONDS = 2 ** 63

export class Selectors {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  selector(node: SyntaxNode): VectorSelector {
    const span = spanOf(node)
    const identifier = node.getChild('Identifier')
    const outside = identifier === null ? undefined : this.#of(identifier)
    const list = node.getChild('LabelMatchers')
    const { quoted, matchers } = this.#matchers(list === null ? [] : childrenOf(list))
    const given = outside ?? quoted
    if (given !== undefined) {
      const second = matchers.find(({ label }) => label === METRIC_NAME)?.value
      if (second !== undefined) throw this.#setTwice(span, given, second)
      if (outside !== undefined && quoted !== undefined) throw this.#setTwice(span, outside, quoted)
    }
    const at = matchers.findIndex(
      ({ label, operator, value }) => label === METRIC_NAME && operator === '=' && value !== '',
    )
    const name = given ?? matchers[at]?.value
    const others = given === undefined ? matchers.filter((_, i) => i !== at) : matchers
    if (name === '') return this.#unnamed(span, others)
    const base = { kind: 'selector', span, matchers: others, offsetMs: 0 } as const
    return name === undefined ? base : { ...base, name }
  }

  /** `{""}` asks for series without a name. */
  #unnamed(span: Span, matchers: readonly Matcher[]): VectorSelector {
    const nameless: Matcher = { label: METRIC_NAME, operator: '=', value: '' }
    return { kind: 'selector', span, matchers: [nameless, ...matchers], offsetMs: 0 }
  }

  #matchers(nodes: readonly SyntaxNode[]): { quoted?: string; matchers: readonly Matcher[] } {
    let quoted: string | undefined
    const matchers: Matcher[] = []
    for (const node of nodes) {
      if (node.name === 'QuotedLabelName') {
        const name = this.#string(node)
        if (quoted !== undefined) throw this.#setTwice(spanOf(node), quoted, name)
        quoted = name
      } else matchers.push(this.#matcher(node))
    }
    return quoted === undefined ? { matchers } : { quoted, matchers }
  }

  #matcher(node: SyntaxNode): Matcher {
    const [label, operator, literal] = childrenOf(node)
    const matcher: Matcher = {
      label: label!.name === 'LabelName' ? this.#of(label!) : this.#string(label!),
      operator: this.#of(operator!) as MatchOperator,
      value: this.#string(literal!),
    }
    if (matcher.label === '') throw fault(this.#text, label!, 'invalid label name ""')
    if (matcher.operator === '=~' || matcher.operator === '!~') {
      const problem = compilePattern(matcher.value).problem
      if (problem !== undefined) throw fault(this.#text, node, problem)
    }
    return matcher
  }

  /** `expr` with what `node`, whose first child it is in the text, puts behind it. */
  suffixed(expr: Expr, node: SyntaxNode): Expr {
    const [, ...parts] = childrenOf(node)
    switch (node.name) {
      case 'MatrixSelector':
        return this.#range(expr, node, parts[0]!)
      case 'SubqueryExpr':
        return this.#subquery(expr, node, parts)
      case 'OffsetExpr':
        return this.#offset(expr, node, parts[1]!)
      case 'StepInvariantExpr':
        return this.#at(expr, node, parts[1]!)
      case 'AnchoredExpr':
        throw notSupported(this.#text, parts[0]!, 'anchored modifier is')
      default:
        throw notSupported(this.#text, parts[0]!, 'smoothed modifier is')
    }
  }

  #range(expr: Expr, node: SyntaxNode, duration: SyntaxNode): RangeSelector {
    const brackets = { from: this.#text.indexOf('[', expr.span.to), to: node.to }
    if (expr.kind !== 'selector') {
      throw fault(this.#text, brackets, 'ranges only allowed for vector selectors')
    }
    if (expr.offsetMs !== 0) {
      throw fault(this.#text, brackets, 'no offset modifiers allowed before range')
    }
    if (expr.at !== undefined) {
      throw fault(this.#text, brackets, 'no @ modifiers allowed before range')
    }
    const rangeMs = this.#positiveMs(duration)
    return { kind: 'range', span: { from: expr.span.from, to: node.to }, selector: expr, rangeMs }
  }

  #subquery(of: Expr, node: SyntaxNode, [range, step]: readonly SyntaxNode[]): Subquery {
    const span = { from: of.span.from, to: node.to }
    const rangeMs = this.#positiveMs(range!)
    const subquery: Subquery = { kind: 'subquery', span, of, rangeMs, offsetMs: 0 }
    return step === undefined ? subquery : { ...subquery, stepMs: this.#positiveMs(step) }
  }

  #offset(expr: Expr, node: SyntaxNode, duration: SyntaxNode): Expr {
    const offsetMs = this.#ms(duration)
    const before = shiftOf(expr)
    if (before === undefined) throw this.#noShift(expr, 'offset')
    if (before.offsetMs !== 0) {
      throw fault(this.#text, expr.span, 'offset may not be set multiple times')
    }
    return shifted(expr, { offsetMs }, node.to)
  }

  #at(expr: Expr, node: SyntaxNode, time: SyntaxNode): Expr {
    const before = shiftOf(expr)
    if (before === undefined) throw this.#noShift(expr, '@')
    if (before.at !== undefined) {
      throw fault(this.#text, expr.span, '@ <timestamp> may not be set multiple times')
    }
    return shifted(expr, { at: this.#time(expr, time) }, node.to)
  }

  #time(expr: Expr, node: SyntaxNode): At {
    if (node.name === 'AtModifierPreprocessors') {
      return this.#of(node).toLowerCase() === 'start' ? 'start' : 'end'
    }
    const [, sign, literal] = /^([+-]?)\s*(.*)$/s.exec(this.#of(node))!
    const seconds = readNumber(literal!) * (sign === '-' ? -1 : 1)
    if (Math.abs(seconds) < MOST_SECONDS) return Math.round(seconds * 1_000)
    const shown = Number.isFinite(seconds) ? `${BigInt(seconds)}.000000` : formatNumber(seconds)
    throw fault(this.#text, expr.span, `timestamp out of bounds for @ modifier: ${shown}`)
  }

  #positiveMs(node: SyntaxNode): number {
    const ms = this.#ms(node)
    if (ms > 0) return ms
    throw fault(this.#text, node, 'duration must be greater than 0')
  }

  #ms(node: SyntaxNode): number {
    const children = childrenOf(node)
    const [first, second] = children
    if (first?.name === 'UnaryOp' && second?.name === node.name) {
      return this.#ms(second) * (this.#of(first) === '-' ? -1 : 1)
    }
    if (
      first?.name !== 'NumberDurationLiteralInDurationContext' ||
      first.from !== node.from ||
      first.to !== node.to
    ) {
      throw notSupported(this.#text, node, 'duration expression is')
    }
    const literal = this.#of(first)
    const ms = isDuration(literal) ? readDuration(literal) : Math.round(readNumber(literal) * 1_000)
    if (ms <= MAX_DURATION_MS) return ms
    throw fault(this.#text, node, 'duration out of range')
  }

  #noShift(expr: Expr, modifier: 'offset' | '@') {
    const message = `${modifier} modifier must be preceded by an instant vector selector or range vector selector or a subquery`
    return fault(this.#text, expr.span, message)
  }

  #setTwice(span: Span, first: string, second: string) {
    const names = `${quote(first)} or ${quote(second)}`
    return fault(this.#text, span, `metric name must not be set twice: ${names}`)
  }

  #string(node: Span): string {
    const value = unquote(this.#of(node))
    if (value === undefined) throw badString(this.#text, node)
    return value
  }

  #of({ from, to }: Span): string {
    return this.#text.slice(from, to)
  }
}

/** What already moves an expression in time; undefined where nothing can. */
function shiftOf(expr: Expr): Pick<VectorSelector, 'offsetMs' | 'at'> | undefined {
  if (expr.kind === 'range') return expr.selector
  return expr.kind === 'selector' || expr.kind === 'subquery' ? expr : undefined
}

function shifted(expr: Expr, by: { offsetMs: number } | { at: At }, to: number): Expr {
  const span = { from: expr.span.from, to }
  if (expr.kind === 'range') return { ...expr, span, selector: { ...expr.selector, ...by } }
  if (expr.kind === 'selector' || expr.kind === 'subquery') return { ...expr, span, ...by }
  return expr
}
