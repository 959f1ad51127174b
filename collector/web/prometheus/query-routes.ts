/** /api/v1/query, query_range, format_query, parse_query: PromQL. */
import type { FastifyInstance } from 'fastify'
import { limits } from '../../../catalog/limit.ts'
import { check } from '../../query/language/check.ts'
import { parse } from '../../query/language/parse.ts'
import { print } from '../../query/language/print.ts'
import { treeJson } from '../../query/language/tree-json.ts'
import type { Expr } from '../../query/language/tree.ts'
import type { AskOptions, Queries } from '../../query/queries.ts'
import type { Of } from '../of.ts'
import { encodeAnswer } from './encode.ts'
import { QueryError } from '../../query/query-error.ts'
import { invalid, naming } from './parameters.ts'
import { type Asked, prometheusRoute, success } from './route.ts'

export function queryRoutes(app: FastifyInstance, of: Of<Queries>, now: () => number): void {
  prometheusRoute(app, '/api/v1/query', 'PromQL at one time', async (asked) => {
    const { parameters, request } = asked
    const text = parameters.required('query')
    const timeMs = parameters.timeMs('time') ?? now()
    const queries = of(request)
    const options = optionsOf(asked)
    return encodeAnswer(await naming('query', () => queries.instant(text, timeMs, options)))
  })
  prometheusRoute(app, '/api/v1/query_range', 'PromQL over a range of time', async (asked) => {
    const { parameters, request } = asked
    const text = parameters.required('query')
    const grid = gridOf(asked)
    const queries = of(request)
    const options = optionsOf(asked)
    return encodeAnswer(await naming('query', () => queries.range(text, grid, options)))
  })
  prometheusRoute(app, '/api/v1/explain_query', 'How a query would be answered', async (asked) => {
    const { parameters, request } = asked
    const text = parameters.required('query')
    const isRange = parameters.timeMs('start') !== undefined
    const at = isRange ? gridOf(asked) : (parameters.timeMs('time') ?? now())
    const queries = of(request)
    const options = optionsOf(asked)
    return success({ text: await naming('query', () => queries.explain(text, at, options)) })
  })
  prometheusRoute(app, '/api/v1/format_query', 'A query, laid out', async ({ parameters }) =>
    naming('query', () => success(print(checked(parameters.required('query'))))),
  )
  prometheusRoute(app, '/api/v1/parse_query', 'A query as a tree', async ({ parameters }) =>
    naming('query', () => success(treeJson(checked(parameters.required('query'))))),
  )
}

/** Throws QueryError. */
export function checked(text: string): Expr {
  const expr = parse(text)
  check(expr, text)
  return expr
}

const MOST_STEPS = limits.querySteps.value

function gridOf({ parameters }: Asked) {
  parameters.required('start')
  parameters.required('end')
  parameters.required('step')
  const startMs = parameters.timeMs('start')!
  const endMs = parameters.timeMs('end')!
  const stepMs = parameters.durationMs('step')!
  if (endMs < startMs) throw invalid('end', 'end timestamp must not be before start time')
  if (stepMs <= 0) {
    throw invalid(
      'step',
      'zero or negative query resolution step widths are not accepted. Try a positive integer',
    )
  }
  if ((endMs - startMs) / stepMs > MOST_STEPS) {
    throw new QueryError(
      'bad_data',
      `exceeded maximum resolution of ${MOST_STEPS.toLocaleString('en')} points per timeseries. Try decreasing the query resolution (?step=XX)`,
    )
  }
  return { startMs, endMs, stepMs }
}

/** A time that is over is none to wait; a look-back that is none is the usual one, as in Prometheus. */
export function optionsOf({ parameters, signal }: Asked): AskOptions {
  const timeoutMs = parameters.durationMs('timeout')
  const lookbackMs = parameters.durationMs('lookback_delta')
  const limit = parameters.limit('limit')
  return {
    signal,
    ...(timeoutMs !== undefined && { timeoutMs: Math.max(0, timeoutMs) }),
    ...(lookbackMs !== undefined && lookbackMs > 0 && { lookbackMs }),
    ...(limit !== undefined && { limit }),
  }
}
