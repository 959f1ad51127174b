/** What is said beside the result of a function of a range, in Prometheus' words. */
import type { GridSeries } from './grid/grid.ts'
import { METRIC_NAME } from './grid/labels.ts'
import { formatShort } from './grid/number-text.ts'
import type { Notes } from './notes.ts'

const COUNTER_NAME = /_(?:total|sum|count|bucket)$/

export const namesOf = (series: readonly GridSeries[]): string[] =>
  series.map(({ labels }) => labels.get(METRIC_NAME))

/** Of what is taken for counters, names that are not those of counters. */
export function doubtCounters(names: readonly string[], notes: Notes): void {
  for (const metric of new Set(names)) {
    if (metric === '' || COUNTER_NAME.test(metric)) continue
    notes.info(
      `metric might not be a counter, name does not end in _total/_sum/_count/_bucket: ${JSON.stringify(metric)}`,
    )
  }
}

/** Of quantile_over_time, at steps at which it has a value. */
export function doubtQuantiles(
  q: (step: number) => number,
  series: readonly GridSeries[],
  notes: Notes,
): void {
  const steps = series[0]?.present.length ?? 0
  for (let step = 0; step < steps; step++) {
    const value = q(step)
    if (value >= 0 && value <= 1) continue
    if (!series.some(({ present }) => present[step] === 1)) continue
    notes.warn(`quantile value should be between 0 and 1, got ${formatShort(value)}`)
  }
}
