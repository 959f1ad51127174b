/** absent and absent_over_time: a series in place of what is not there. */
import type { Expr } from '../language/tree.ts'
import type { GridSeries } from './grid.ts'
import { Labels, METRIC_NAME } from './labels.ts'

/** 1 at each step at which no series has a value. */
export function absent(
  series: readonly GridSeries[],
  labels: Labels,
  steps: number,
): readonly GridSeries[] {
  const present = new Uint8Array(steps).fill(1)
  for (const one of series) {
    for (let step = 0; step < present.length; step++) {
      if (one.present[step] === 1) present[step] = 0
    }
  }
  if (!present.includes(1)) return []
  const values = new Float64Array(present.length).fill(1)
  return [{ labels, dropsName: true, values, present }]
}

/** What must be equal in a series that is not there; a label that is asked for twice is not known. */
export function labelsOfAbsent(expr: Expr): Labels {
  const selector = expr.kind === 'range' ? expr.selector : expr
  if (selector.kind !== 'selector') return Labels.NONE
  const known = new Map<string, string>()
  const seen = new Set<string>()
  for (const { label, operator, value } of selector.matchers) {
    if (label === METRIC_NAME) continue
    if (operator === '=' && !seen.has(label)) known.set(label, value)
    else known.delete(label)
    if (operator === '=') seen.add(label)
  }
  return Labels.of(known)
}
