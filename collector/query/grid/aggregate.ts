/**
 * Aggregations of series by their labels, each step for itself.
 * Source: prometheus/promql, engine.go, aggregation.
 */
import type { AggregateOperator, Grouping } from '../language/tree.ts'
import type { Notes } from '../notes.ts'
import { QueryError } from '../query-error.ts'
import { countValues } from './count-values.ts'
import { folds } from './fold.ts'
import type { GridSeries } from './grid.ts'
import { type Group, groupsOf } from './grouping.ts'
import { formatShort } from './number-text.ts'
import { quantileAtEachStep } from './quantile.ts'
import { firstOf, largestOf, leastOf, ratioOf } from './ranked.ts'

export interface AggregateOptions {
  /** k, φ or a ratio: a value a step. */
  readonly parameter?: Float64Array
  /** Of count_values. */
  readonly label?: string
  readonly notes: Notes
}

/** Throws QueryError of kind execution where the parameter is of no use. */
export function aggregate(
  operator: AggregateOperator,
  series: readonly GridSeries[],
  grouping: Grouping,
  steps: number,
  { parameter = new Float64Array(steps), label = '', notes }: AggregateOptions,
): GridSeries[] {
  switch (operator) {
    case 'avg':
    case 'count':
    case 'group':
    case 'max':
    case 'min':
    case 'stddev':
    case 'stdvar':
    case 'sum': {
      const fold = folds[operator]
      return eachGroup(series, grouping, (group) => fold(group.series, steps))
    }
    case 'quantile':
      noteQuantiles(parameter, notes)
      return eachGroup(series, grouping, (group) =>
        quantileAtEachStep(group.series, parameter, steps),
      )
    case 'count_values':
      return countValues(series, grouping, label, steps)
    case 'topk':
    case 'bottomk':
    case 'limitk': {
      const ks = counts(parameter)
      if (ks === undefined) return []
      const chosen = operator === 'topk' ? largestOf : operator === 'bottomk' ? leastOf : firstOf
      return groupsOf(series, grouping).flatMap((group) => chosen(group.series, ks, steps))
    }
    case 'limit_ratio':
      return hasRatios(parameter, notes) ? ratioOf(series, parameter) : []
  }
}

type Values = Pick<GridSeries, 'values' | 'present'>

const eachGroup = (
  series: readonly GridSeries[],
  grouping: Grouping,
  of: (group: Group) => Values,
): GridSeries[] =>
  groupsOf(series, grouping).map((group) => ({
    labels: group.labels,
    dropsName: false,
    ...of(group),
  }))

const LEAST_INT64 = -(2 ** 63)
const MOST_INT64 = 2 ** 63

/** Whole numbers of series; undefined where none is asked for at any step. */
function counts(parameter: Float64Array): Float64Array | undefined {
  let isAny = false
  for (const k of parameter) {
    if (Number.isNaN(k)) throw new QueryError('execution', 'Parameter value is NaN')
    if (k <= LEAST_INT64) throw beyondInt64(k, 'underflows')
    if (k >= MOST_INT64) throw beyondInt64(k, 'overflows')
    isAny ||= k >= 1
  }
  return isAny ? parameter.map(Math.trunc) : undefined
}

const beyondInt64 = (k: number, how: string) =>
  new QueryError('execution', `Scalar value ${formatShort(k)} ${how} int64`)

function hasRatios(parameter: Float64Array, notes: Notes): boolean {
  let isAny = false
  for (const ratio of parameter) {
    if (Number.isNaN(ratio)) throw new QueryError('execution', 'Ratio value is NaN')
    if (Math.abs(ratio) > 1) {
      notes.warn(
        `ratio value should be between -1 and 1, got ${formatShort(ratio)}, capping to ${Math.sign(ratio)}`,
      )
    }
    isAny ||= ratio !== 0
  }
  return isAny
}

function noteQuantiles(parameter: Float64Array, notes: Notes): void {
  for (const q of parameter) {
    if (q >= 0 && q <= 1) continue
    notes.warn(`quantile value should be between 0 and 1, got ${formatShort(q)}`)
  }
}
