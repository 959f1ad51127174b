/**
 * A tree as parse_query answers it, for the view of trees in Prometheus' own web pages.
 * Source: prometheus/web/api/v1, translate_ast.go.
 */
import { METRIC_NAME } from '../grid/labels.ts'
import { formatNumber } from '../grid/number-text.ts'
import { functions } from './functions.ts'
import type { At, Binary, Expr, VectorSelector } from './tree.ts'

export type TreeJson = Readonly<Record<string, unknown>>

export function treeJson(expr: Expr): TreeJson {
  switch (expr.kind) {
    case 'number':
      return { type: 'numberLiteral', val: formatNumber(expr.value) }
    case 'string':
      return { type: 'stringLiteral', val: expr.value }
    case 'selector':
      return { type: 'vectorSelector', ...selectorJson(expr) }
    case 'range':
      return { type: 'matrixSelector', ...selectorJson(expr.selector), range: expr.rangeMs }
    case 'subquery':
      return {
        type: 'subquery',
        expr: treeJson(expr.of),
        range: expr.rangeMs,
        offset: expr.offsetMs,
        step: expr.stepMs ?? 0,
        ...timeJson(expr.at),
      }
    case 'parens':
      return { type: 'parenExpr', expr: treeJson(expr.of) }
    case 'unary':
      return { type: 'unaryExpr', op: expr.operator, expr: treeJson(expr.of) }
    case 'binary':
      return {
        type: 'binaryExpr',
        op: expr.operator,
        lhs: treeJson(expr.left),
        rhs: treeJson(expr.right),
        matching: matchingJson(expr),
        bool: expr.isBool,
      }
    case 'aggregate':
      return {
        type: 'aggregation',
        op: expr.operator,
        expr: treeJson(expr.of),
        param: expr.parameter === undefined ? null : treeJson(expr.parameter),
        grouping: expr.grouping.labels,
        without: expr.grouping.isWithout,
      }
    case 'call': {
      const { args, variadic, returns } = functions[expr.function]!
      return {
        type: 'call',
        func: { name: expr.function, argTypes: args, variadic, returnType: returns },
        args: expr.args.map(treeJson),
      }
    }
  }
}

function selectorJson({ name, matchers, offsetMs, at }: VectorSelector): TreeJson {
  const all =
    name === undefined
      ? matchers
      : [...matchers, { label: METRIC_NAME, operator: '=', value: name } as const]
  return {
    name: name ?? '',
    offset: offsetMs,
    matchers: all.map(({ label, operator, value }) => ({ name: label, value, type: operator })),
    ...timeJson(at),
    anchored: false,
    smoothed: false,
  }
}

const timeJson = (at: At | undefined): TreeJson => ({
  timestamp: typeof at === 'number' ? at : null,
  startOrEnd: typeof at === 'string' ? at : null,
})

function matchingJson({ matching }: Binary): TreeJson | null {
  if (matching === undefined) return null
  const { cardinality, labels, isOn, include } = matching
  return {
    card: cardinality,
    labels,
    on: isOn,
    include,
    fillValues: { lhs: null, rhs: null },
  }
}
