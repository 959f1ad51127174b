/**
 * Operands and operators of an expression, in the order of the text, put together by Prometheus' precedence. The
 * grammar's own tree is right in what an operand is, but lets a sign or a suffix such as `offset 5m` take more
 * or less of its neighbours than Prometheus does.
 */
import type { BinaryOperator, Expr, Span } from './tree.ts'

export type Part<Operator, Suffix> =
  | { readonly kind: 'sign'; readonly operator: '+' | '-'; readonly span: Span }
  | { readonly kind: 'operand'; readonly expr: Expr }
  | { readonly kind: 'suffix'; readonly suffix: Suffix }
  | { readonly kind: 'operator'; readonly name: BinaryOperator; readonly operator: Operator }

export interface Builder<Operator, Suffix> {
  suffixed(expr: Expr, suffix: Suffix): Expr
  signed(operator: '+' | '-', expr: Expr, span: Span): Expr
  binary(operator: Operator, left: Expr, right: Expr): Expr
  /** Called for each part that is put around others; throws when it is one too many. */
  tooDeep(depth: number): void
}

const POWER = 6
const PRECEDENCE: Readonly<Record<BinaryOperator, number>> = {
  or: 1,
  and: 2,
  unless: 2,
  '==': 3,
  '!=': 3,
  '<': 3,
  '<=': 3,
  '>': 3,
  '>=': 3,
  '+': 4,
  '-': 4,
  '*': 5,
  '/': 5,
  '%': 5,
  atan2: 5,
  '^': POWER,
}

/** Of parts that the grammar let through: operands stand where operands must. */
export function combine<Operator, Suffix>(
  parts: readonly Part<Operator, Suffix>[],
  build: Builder<Operator, Suffix>,
): Expr {
  let at = 0

  const operand = (depth: number): Expr => {
    build.tooDeep(depth)
    const part = parts[at++]
    // A sign takes what binds more tightly than a product: -a^b is -(a^b).
    if (part?.kind === 'sign') {
      return build.signed(part.operator, climb(POWER, depth + 1), part.span)
    }
    if (part?.kind !== 'operand') throw new Error('an operand is expected')
    let { expr } = part
    for (let next = parts[at]; next?.kind === 'suffix'; next = parts[++at]) {
      expr = build.suffixed(expr, next.suffix)
    }
    return expr
  }

  const climb = (lowest: number, depth: number): Expr => {
    let left = operand(depth)
    for (let chained = depth; ; chained++) {
      const part = parts[at]
      if (part?.kind !== 'operator') return left
      const precedence = PRECEDENCE[part.name]
      if (precedence < lowest) return left
      build.tooDeep(chained)
      at++
      const right = climb(precedence === POWER ? POWER : precedence + 1, depth + 1)
      left = build.binary(part.operator, left, right)
    }
  }
  return climb(0, 0)
}
