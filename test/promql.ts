/** What a PromQL expression selects, for tests that hold expressions against the catalogue. */
import { parser } from '@prometheus-io/lezer-promql'

type Node = ReturnType<typeof parser.parse>['topNode']

export interface Selected {
  readonly name: string
  /** Label → `op"value"`. */
  readonly matchers: ReadonlyMap<string, string>
  /** The function right around it, `rate` in `rate(x[5m])`; undefined where there is none. */
  readonly inside: string | undefined
  /** The text between the brackets of `x[5m]`. */
  readonly range: string | undefined
}

/** Grafana's variables stand where Prometheus wants a duration. */
const withoutVariables = (expr: string) =>
  expr.replaceAll('$__rate_interval', '5m').replaceAll('$__interval', '1m')

/** All selectors of an expression; throws where it is not PromQL. */
export function selected(expr: string): Selected[] {
  const text = withoutVariables(expr)
  const of = (node: Node | null) => (node === null ? undefined : text.slice(node.from, node.to))
  const found: Selected[] = []
  parser.parse(text).iterate({
    enter({ type, node }) {
      if (type.isError) throw new SyntaxError(`column ${node.from + 1} of ${text}`)
      if (type.name !== 'VectorSelector') return
      const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []
      const matrix = node.parent?.name === 'MatrixSelector' ? node.parent : undefined
      const call = (matrix ?? node).parent?.parent
      found.push({
        name: of(node.getChild('Identifier')) ?? '',
        matchers: new Map(
          matchers.map((each) => [
            of(each.getChild('LabelName'))!,
            `${of(each.getChild('MatchOp'))}${of(each.getChild('StringLiteral'))}`,
          ]),
        ),
        inside: call?.name === 'FunctionCall' ? of(call.getChild('FunctionIdentifier')) : undefined,
        range: of(matrix?.getChild('DurationExpr') ?? null),
      })
    },
  })
  return found
}
