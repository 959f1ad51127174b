/**
 * PromQL as a tree, or why it is none. The grammar is Prometheus' own (lezer-promql), so its tables follow the
 * language; how tightly operators bind and what Prometheus refuses beyond syntax is seen to here.
 */
import type { SyntaxNode } from '@lezer/common'
import { parser } from '@prometheus-io/lezer-promql'
import { limits } from '../../../catalog/limit.ts'
import { isSetOperator } from './check.ts'
import { isDuration, readNumber } from './duration.ts'
import { functions } from './functions.ts'
import { combine, type Part } from './operators.ts'
import { Selectors } from './selector.ts'
import { quote, unquote } from './string-literal.ts'
import { badString, fault, notSupported, tooDeep, unexpected } from './syntax-error.ts'
import { childrenOf, spanOf } from './syntax-tree.ts'
import type { AggregateOperator, BinaryOperator, Expr, Grouping, Matching, Span } from './tree.ts'
import { typeOf } from './type.ts'

const strict = parser.configure({ strict: true })

/** Throws QueryError of kind bad_data, in Prometheus' words where it has some. */
export function parse(text: string): Expr {
  const whole = { from: 0, to: text.length }
  if (Buffer.byteLength(text) > limits.queryBytes.value) {
    throw fault(text, whole, `the query is longer than ${limits.queryBytes.value} bytes`)
  }
  if (!text.isWellFormed()) throw fault(text, whole, 'invalid UTF-8 rune')
  const [top] = childrenOf(syntaxTree(text))
  return new Reading(text).expr(top!, 0)
}

function syntaxTree(text: string): SyntaxNode {
  try {
    return strict.parse(text).topNode
  } catch (error) {
    const at =
      error instanceof SyntaxError ? /^No parse at (\d+)$/.exec(error.message)?.[1] : undefined
    if (at === undefined) throw error
    throw unexpected(text, Number(at))
  }
}

interface OperatorNode {
  readonly node: SyntaxNode
  readonly name: BinaryOperator
  readonly modifiers: readonly SyntaxNode[]
}

/** Nodes that follow what they are about. */
const SUFFIXES = new Set([
  'AnchoredExpr',
  'MatrixSelector',
  'OffsetExpr',
  'SmoothedExpr',
  'StepInvariantExpr',
  'SubqueryExpr',
])
const AGGREGATES_WITH_PARAMETER: ReadonlySet<AggregateOperator> = new Set([
  'bottomk',
  'count_values',
  'limit_ratio',
  'limitk',
  'quantile',
  'topk',
])
const ONE_TO_ONE: Matching = { isOn: false, labels: [], cardinality: 'one-to-one', include: [] }

class Reading {
  readonly #text: string
  readonly #selectors: Selectors

  constructor(text: string) {
    this.#text = text
    this.#selectors = new Selectors(text)
  }

  expr(node: SyntaxNode, depth: number): Expr {
    this.#bounded(node, depth)
    if (!SUFFIXES.has(node.name) && node.name !== 'BinaryExpr' && node.name !== 'UnaryExpr') {
      if (node.name !== 'NumberDurationLiteral') return this.#operand(node, depth)
    }
    return combine(this.#parts(node, depth), {
      suffixed: (expr, suffix: SyntaxNode) => this.#selectors.suffixed(expr, suffix),
      signed: (operator, expr, { from }) => signed(operator, expr, { from, to: expr.span.to }),
      binary: (operator: OperatorNode, left, right) => this.#binary(operator, left, right),
      tooDeep: (more) => this.#bounded(node, depth + more),
    })
  }

  /** What the grammar has put into trees of operators, signs and suffixes, from left to right. */
  #parts(top: SyntaxNode, depth: number): Part<OperatorNode, SyntaxNode>[] {
    const parts: Part<OperatorNode, SyntaxNode>[] = []
    const pending: (SyntaxNode | Part<OperatorNode, SyntaxNode>)[] = [top]
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if ('kind' in next) {
        parts.push(next)
        continue
      }
      const children = childrenOf(next)
      this.#bounded(next, depth + pending.length / 2)
      if (next.name === 'BinaryExpr') {
        pending.push(children.at(-1)!, this.#operator(children), children[0]!)
      } else if (next.name === 'UnaryExpr') {
        const operator = this.#of(children[0]!) as '+' | '-'
        pending.push(children[1]!, { kind: 'sign', operator, span: children[0]! })
      } else if (SUFFIXES.has(next.name)) {
        pending.push({ kind: 'suffix', suffix: next }, children[0]!)
      } else if (next.name === 'NumberDurationLiteral') {
        parts.push(...this.#number(next))
      } else parts.push({ kind: 'operand', expr: this.#operand(next, depth) })
    }
    return parts
  }

  #operator([, node, ...rest]: readonly SyntaxNode[]): Part<OperatorNode, SyntaxNode> {
    if (node!.name === 'TrimUpper' || node!.name === 'TrimLower') {
      throw notSupported(this.#text, node!, `operator ${quote(this.#of(node!))} is`)
    }
    const name = this.#of(node!).toLowerCase() as BinaryOperator
    return { kind: 'operator', name, operator: { node: node!, name, modifiers: rest.slice(0, -1) } }
  }

  #operand(node: SyntaxNode, depth: number): Expr {
    const children = childrenOf(node)
    switch (node.name) {
      case 'ParenExpr':
        return { kind: 'parens', span: spanOf(node), of: this.expr(children[0]!, depth + 1) }
      case 'StringLiteral':
        return { kind: 'string', span: spanOf(node), value: this.#string(node) }
      case 'VectorSelector':
        return this.#selectors.selector(node)
      case 'FunctionCall':
        return this.#call(node, children, depth)
      case 'AggregateExpr':
        return this.#aggregate(node, children, depth)
      default:
        throw notSupported(this.#text, node, `${node.name} is`)
    }
  }

  /** With its sign, where the grammar has taken one for a part of the number. */
  #number(node: SyntaxNode): Part<OperatorNode, SyntaxNode>[] {
    const first = this.#text[node.from]
    const comment = node.getChildren('LineComment').at(-1)
    const isSigned = first === '+' || first === '-'
    const start = comment?.to ?? node.from + (isSigned ? 1 : 0)
    const literal = this.#text.slice(start, node.to).trim()
    const value = readNumber(literal)
    if (value === Infinity && !/^inf$/i.test(literal)) {
      const message = `error parsing number: strconv.ParseFloat: parsing ${quote(literal)}: value out of range`
      throw fault(this.#text, node, message)
    }
    const span = { from: node.to - literal.length, to: node.to }
    const number = { kind: 'number', span, value } as const
    const expr: Expr = isDuration(literal) ? { ...number, isDuration: true } : number
    const sign = {
      kind: 'sign',
      operator: first as '+' | '-',
      span: { from: node.from, to: node.from + 1 },
    } as const
    return [...(isSigned ? [sign] : []), { kind: 'operand', expr }]
  }

  #call(node: SyntaxNode, [identifier, body]: readonly SyntaxNode[], depth: number): Expr {
    const name = this.#of(identifier!)
    if (!Object.hasOwn(functions, name)) {
      throw fault(this.#text, identifier!, `unknown function with name ${quote(name)}`)
    }
    if (!functions[name]!.supported) {
      throw notSupported(this.#text, identifier!, `function ${quote(name)} is`)
    }
    const args = childrenOf(body!).map((argument) => this.expr(argument, depth + 1))
    return { kind: 'call', span: spanOf(node), function: name, args }
  }

  #aggregate(node: SyntaxNode, children: readonly SyntaxNode[], depth: number): Expr {
    const operator = this.#of(children[0]!).toLowerCase() as AggregateOperator
    const modifier = children.find(({ name }) => name === 'AggregateModifier')
    const body = children.find(({ name }) => name === 'FunctionCallBody')!
    const args = childrenOf(body).map((argument) => this.expr(argument, depth + 1))
    if (args.length === 0) {
      throw fault(this.#text, node, 'no arguments for aggregate expression provided')
    }
    const expected = AGGREGATES_WITH_PARAMETER.has(operator) ? 2 : 1
    if (args.length !== expected) {
      const message = `wrong number of arguments for aggregate expression provided, expected ${expected}, got ${args.length}`
      throw fault(this.#text, node, message)
    }
    return {
      kind: 'aggregate',
      span: spanOf(node),
      operator,
      of: args.at(-1)!,
      ...(expected === 2 && { parameter: args[0]! }),
      grouping: this.#grouping(modifier),
    }
  }

  #grouping(modifier: SyntaxNode | undefined): Grouping {
    if (modifier === undefined) return { isWithout: false, labels: [] }
    const [word, labels] = childrenOf(modifier)
    return { isWithout: word!.name === 'Without', labels: this.#labels(labels!) }
  }

  #binary({ name, modifiers }: OperatorNode, left: Expr, right: Expr): Expr {
    const fill = modifiers.find((node) => node.name === 'FillModifier')
    if (fill !== undefined) throw notSupported(this.#text, fill, 'binop fill modifiers are')
    const clause = modifiers.find((node) => node.name === 'MatchingModifierClause')
    const matching = clause === undefined ? ONE_TO_ONE : this.#matching(clause)
    const span = { from: left.span.from, to: right.span.to }
    const isBool = modifiers.some((node) => node.name === 'BoolModifier')
    const binary = { kind: 'binary', span, operator: name, left, right, isBool } as const
    if (typeOf(left) !== 'vector' || typeOf(right) !== 'vector') {
      if (matching.labels.length === 0) return binary
      throw fault(this.#text, span, 'vector matching only allowed between instant vectors')
    }
    const isManyToMany = isSetOperator(name) && matching.cardinality === 'one-to-one'
    return {
      ...binary,
      matching: isManyToMany ? { ...matching, cardinality: 'many-to-many' } : matching,
    }
  }

  #matching(clause: SyntaxNode): Matching {
    const [word, labels, group, include] = childrenOf(clause)
    return {
      isOn: word!.name === 'On',
      labels: this.#labels(labels!),
      cardinality:
        group === undefined
          ? 'one-to-one'
          : group.name === 'GroupLeft'
            ? 'many-to-one'
            : 'one-to-many',
      include: include === undefined ? [] : this.#labels(include),
    }
  }

  #labels(list: SyntaxNode): string[] {
    return childrenOf(list).map((label) => {
      if (label.name === 'LabelName') return this.#of(label)
      const name = this.#string(label)
      if (name !== '') return name
      throw fault(
        this.#text,
        label,
        `unexpected string ${quote('""')} in grouping opts, expected label`,
      )
    })
  }

  #string(node: SyntaxNode): string {
    const value = unquote(this.#of(node))
    if (value === undefined) throw badString(this.#text, node)
    return value
  }

  #bounded(node: Span, depth: number): void {
    if (depth > limits.queryDepth.value) throw tooDeep(this.#text, node)
  }

  #of({ from, to }: Span): string {
    return this.#text.slice(from, to)
  }
}

/** A sign before a number is a part of it. */
function signed(operator: '+' | '-', of: Expr, span: Span): Expr {
  if (of.kind !== 'number') return { kind: 'unary', span, operator, of }
  return { ...of, span, value: operator === '-' ? -of.value : of.value }
}
