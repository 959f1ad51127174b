/** What an expression gives, by its form alone: whether its parts fit is for check.ts to say. */
import { functions } from './functions.ts'
import type { Expr, ValueType } from './tree.ts'

export function typeOf(expr: Expr): ValueType {
  switch (expr.kind) {
    case 'number':
      return 'scalar'
    case 'string':
      return 'string'
    case 'range':
    case 'subquery':
      return 'matrix'
    case 'selector':
    case 'aggregate':
      return 'vector'
    case 'parens':
    case 'unary':
      return typeOf(expr.of)
    case 'call':
      return functions[expr.function]!.returns
    case 'binary':
      return typeOf(expr.left) === 'scalar' && typeOf(expr.right) === 'scalar' ? 'scalar' : 'vector'
  }
}
