/** Series whose labels became the same: one series where they take turns, an error where they meet. */
import { QueryError } from '../query-error.ts'
import type { GridSeries } from './grid.ts'
import type { Labels } from './labels.ts'

/** In the order in which each set of labels comes first. */
export function mergeSameLabels(series: readonly GridSeries[]): readonly GridSeries[] {
  const byKey = new Map<string, GridSeries>()
  let isMerged = false
  for (const one of series) {
    const { key } = one.labels
    const other = byKey.get(key)
    if (other !== undefined) isMerged = true
    byKey.set(key, other === undefined ? one : merged(other, one))
  }
  return isMerged ? [...byKey.values()] : series
}

function merged(a: GridSeries, b: GridSeries): GridSeries {
  const values = a.values.slice()
  const present = a.present.slice()
  for (let step = 0; step < present.length; step++) {
    if (b.present[step] === 0) continue
    if (present[step] === 1) {
      throw new QueryError('execution', 'vector cannot contain metrics with the same labelset')
    }
    values[step] = b.values[step]!
    present[step] = 1
  }
  return { ...a, values, present }
}

/** As the result names them: here names are dropped that functions no longer stand for. */
export function withFinalLabels(series: readonly GridSeries[]): readonly GridSeries[] {
  return mergeSameLabels(
    series.map((one) =>
      one.dropsName ? { ...one, labels: finalLabels(one), dropsName: false } : one,
    ),
  )
}

export const finalLabels = ({
  labels,
  dropsName,
}: Pick<GridSeries, 'labels' | 'dropsName'>): Labels => (dropsName ? labels.withoutName() : labels)
