/** Generated expressions about what both sides have, of what Prometheus 2.42 knows. */
import fc from 'fast-check'
import { QueryError } from '../../../../collector/query/query-error.ts'
import type { Expr } from '../../../../collector/query/language/tree.ts'
import { parse } from '../../../../collector/query/language/parse.ts'
import { expressionsAbout, type Vocabulary } from '../expressions.ts'

/** `seconds` is a time at which all is there, not that of a sample. */
const vocabularies = (seconds: number): Vocabulary[] => [
  {
    names: ['m', 'n', 'c_total'],
    matchers: ['', '{a="1"}', '{b!="x"}', '{a=~"1|3"}', '{a="2",b="y"}'],
    others: ['m', 'none'],
    labels: ['a', 'b'],
    values: ['1', 'x'],
    times: [seconds, seconds - 180],
  },
  {
    names: ['node_cpu_seconds_total', 'node_cpu_guest_seconds_total'],
    matchers: ['', '{cpu="0"}', '{mode!="idle"}', '{mode=~"user|nice"}', '{mode="user"}'],
    others: ['node_schedstat_running_seconds_total', 'node_load1'],
    labels: ['cpu', 'mode'],
    values: ['0', 'us'],
    times: [seconds, seconds - 180],
  },
  {
    names: [
      'container_memory_usage_bytes',
      'container_memory_working_set_bytes',
      'container_processes',
    ],
    matchers: ['', '{name=~"shop-.+"}', '{name!=""}', '{name="shop-web"}'],
    others: ['container_cpu_usage_seconds_total', 'jvm_memory_used_bytes'],
    labels: ['name', 'image'],
    values: ['shop-web', 'candor'],
    times: [seconds, seconds - 180],
  },
  {
    names: ['http_requests_total', 'http_request_duration_seconds_count'],
    matchers: ['', '{code="200"}', '{handler="/cart"}', '{instance="shop-1"}'],
    others: ['build_info', 'http_request_duration_seconds_sum'],
    labels: ['instance', 'code'],
    values: ['shop-1', '5'],
    times: [seconds, seconds - 180],
  },
]

/** `count` different ones of each vocabulary, the same for the same seed. */
export function generatedExpressions(seconds: number, count: number, seed: number): string[] {
  return vocabularies(seconds).flatMap((words) => {
    const found = new Set<string>()
    for (let n = 0; found.size < count; n++) {
      const texts = fc.sample(expressionsAbout(words), { numRuns: count, seed: seed + n })
      for (const text of texts) {
        if (found.size < count && isKnownThen(text)) found.add(text)
      }
    }
    return [...found]
  })
}

const NEW = /\b(?:first_over_time|mad_over_time|ts_of_\w+|limitk|limit_ratio)\b/
/**
 * What exceptions.ts is about and is not to be found again in each expression that has it, and what depends
 * on the last digit of a number or on which of equal values comes first.
 */
const APART = [
  /by \(__name__\)/,
  /\batan2\b/,
  /\b(?:minute|day_of_week)\b/,
  /\b(?:predict_linear|quantile_over_time)\(.*@/,
  /count_values[^"]*"v", (?!\w+(?:\{[^}]*\})?\))/,
  /\b(?:topk|bottomk)\b/,
]
const isApart = (text: string): boolean => APART.some((each) => each.test(text))
const MOST_LENGTH = 400

const isKnownThen = (text: string): boolean =>
  text.length < MOST_LENGTH && !NEW.test(text) && !isApart(text) && !hasNestedSubqueries(text)

/** In one another times of the inner one lie where its windows begin. */
function hasNestedSubqueries(text: string): boolean {
  try {
    return hasSubqueries(parse(text), 2)
  } catch (error) {
    // What stands in parentheses behind group_left are labels, which neither side takes an expression for.
    if (error instanceof QueryError) return false
    throw error
  }
}

function hasSubqueries(expr: Expr, deep: number): boolean {
  const left = expr.kind === 'subquery' ? deep - 1 : deep
  return left === 0 || partsOf(expr).some((part) => hasSubqueries(part, left))
}

function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'aggregate':
      return expr.parameter === undefined ? [expr.of] : [expr.of, expr.parameter]
    case 'binary':
      return [expr.left, expr.right]
    case 'call':
      return expr.args
    case 'parens':
    case 'subquery':
    case 'unary':
      return [expr.of]
    default:
      return []
  }
}
