/** Series by the labels that a grouping leaves of theirs. */
import type { Grouping } from '../language/tree.ts'
import type { GridSeries } from './grid.ts'
import { METRIC_NAME, Labels } from './labels.ts'

/** Series that are one in the result, in the order in which they came. */
export interface Group {
  readonly labels: Labels
  readonly series: readonly GridSeries[]
}

/** The labels that a group has; names are kept only where they are asked for. */
export function groupLabels({ isWithout, labels }: Grouping): (labels: Labels) => Labels {
  const names = new Set(labels)
  if (isWithout) {
    names.add(METRIC_NAME)
    return (of) => of.without(names)
  }
  return names.size === 0 ? () => Labels.NONE : (of) => of.only(names)
}

export function groupsOf(series: readonly GridSeries[], grouping: Grouping): Group[] {
  const labelsOf = groupLabels(grouping)
  const groups = new Map<string, { labels: Labels; series: GridSeries[] }>()
  for (const one of series) {
    const labels = labelsOf(one.labels)
    const group = groups.get(labels.key)
    if (group === undefined) groups.set(labels.key, { labels, series: [one] })
    else group.series.push(one)
  }
  return [...groups.values()]
}
