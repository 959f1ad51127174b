/** count_values: how many series have each value, which becomes a label. */
import { limits } from '../../../catalog/limit.ts'
import type { Grouping } from '../language/tree.ts'
import { QueryError } from '../query-error.ts'
import type { GridSeries } from './grid.ts'
import { groupLabels } from './grouping.ts'
import type { Labels } from './labels.ts'
import { formatNumber } from './number-text.ts'

interface Counted {
  readonly labels: Labels
  readonly dropsName: false
  readonly values: Float64Array
  readonly present: Uint8Array
}

export function countValues(
  series: readonly GridSeries[],
  grouping: Grouping,
  label: string,
  steps: number,
): GridSeries[] {
  if (label === '') throw new QueryError('execution', 'invalid label name ""')
  // `without` drops the label too where it names it; `by` has it always.
  const labelsOf = groupLabels(
    grouping.isWithout ? grouping : { ...grouping, labels: [...grouping.labels, label] },
  )
  const counted = new Map<string, Counted>()
  for (const { labels, values, present } of series) {
    let last: Counted | undefined
    let lastValue = 0
    for (let step = 0; step < steps; step++) {
      if (present[step] === 0) continue
      const value = values[step]!
      if (last === undefined || !Object.is(value, lastValue)) {
        last = countOf(counted, labelsOf(labels.with(label, formatNumber(value))), steps)
        lastValue = value
      }
      last.values[step]!++
      last.present[step] = 1
    }
  }
  return [...counted.values()]
}

function countOf(counted: Map<string, Counted>, labels: Labels, steps: number): Counted {
  const known = counted.get(labels.key)
  if (known !== undefined) return known
  if ((counted.size + 1) * steps > limits.querySamples.value) {
    throw new QueryError(
      'execution',
      'query processing would load too many samples into memory in query execution',
    )
  }
  const one: Counted = {
    labels,
    dropsName: false,
    values: new Float64Array(steps),
    present: new Uint8Array(steps),
  }
  counted.set(labels.key, one)
  return one
}
