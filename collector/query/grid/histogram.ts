/**
 * Histograms whose buckets are series with a label `le`: each counts what is at most that.
 * Source: prometheus/promql, quantile.go.
 */
import type { Notes } from '../notes.ts'
import { scalarOf, seriesOf, vectorOf } from './arguments.ts'
import { Buckets, fractionOf, quantileOf } from './buckets.ts'
import { stepsOf, type GridSeries } from './grid.ts'
import { METRIC_NAME, type Labels } from './labels.ts'
import { formatShort } from './number-text.ts'
import type { InstantFunction } from './value.ts'

const BOUND_LABEL = 'le'
const BOUND = new Set([BOUND_LABEL])
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const INFINITE = /^([+-]?)inf(?:inity)?$/i

interface Histogram {
  readonly labels: Labels
  readonly dropsName: true
  /** Ascending. */
  readonly buckets: readonly { readonly bound: number; readonly series: GridSeries }[]
}

/** As Go's ParseFloat reads it; undefined where it does not. */
function boundOf(text: string): number | undefined {
  if (NUMBER.test(text)) return Number(text)
  const infinite = INFINITE.exec(text)
  if (infinite !== null) return infinite[1] === '-' ? -Infinity : Infinity
  return /^nan$/i.test(text) ? Number.NaN : undefined
}

function histogramsOf(
  series: readonly GridSeries[],
  notes: Notes,
  argument: number,
): readonly Histogram[] {
  const found = new Map<
    string,
    { labels: Labels; buckets: { bound: number; series: GridSeries }[] }
  >()
  for (const one of series) {
    const text = one.labels.get(BOUND_LABEL)
    const bound = boundOf(text)
    if (bound === undefined) {
      const [le, name] = [text, one.labels.get(METRIC_NAME)].map((part) => JSON.stringify(part))
      notes.warn(
        `bucket label "le" is missing or has a malformed value of ${le} for metric name ${name}`,
        argument,
      )
      continue
    }
    const labels = one.labels.without(BOUND)
    const known = found.get(labels.key)
    if (known === undefined) found.set(labels.key, { labels, buckets: [{ bound, series: one }] })
    else known.buckets.push({ bound, series: one })
  }
  return [...found.values()].map(({ labels, buckets }) => ({
    labels,
    dropsName: true,
    buckets: buckets.sort((a, b) => a.bound - b.bound),
  }))
}

/** `of` each histogram at each step at which it has a bucket. */
function eachStep(
  histograms: readonly Histogram[],
  steps: number,
  of: (buckets: Buckets, step: number, histogram: Histogram) => number,
) {
  const series = histograms.map((histogram): GridSeries => {
    const values = new Float64Array(steps)
    const present = new Uint8Array(steps)
    const buckets = new Buckets(histogram.buckets.length)
    for (let step = 0; step < steps; step++) {
      buckets.clear()
      for (const { bound, series } of histogram.buckets) {
        if (series.present[step] === 1) buckets.add(bound, series.values[step]!)
      }
      if (buckets.length === 0) continue
      values[step] = of(buckets, step, histogram)
      present[step] = 1
    }
    return { labels: histogram.labels, dropsName: true, values, present }
  })
  return vectorOf(series.filter(({ present }) => present.includes(1)))
}

const histogramQuantile: InstantFunction = ([quantile, vector], { grid, notes }) => {
  const qs = scalarOf(quantile)
  for (const q of qs) {
    if (q >= 0 && q <= 1) continue
    notes.warn(`quantile value should be between 0 and 1, got ${formatShort(q)}`)
  }
  const histograms = histogramsOf(seriesOf(vector), notes, 1)
  return eachStep(histograms, stepsOf(grid), (buckets, step, { labels }) => {
    const { value, isForced } = quantileOf(qs[step]!, buckets)
    if (isForced) {
      const name = JSON.stringify(labels.get(METRIC_NAME))
      notes.info(
        `input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile) for metric name ${name}`,
        1,
      )
    }
    return value
  })
}

const histogramFraction: InstantFunction = ([lower, upper, vector], { grid, notes }) => {
  const [from, to] = [scalarOf(lower), scalarOf(upper)]
  const histograms = histogramsOf(seriesOf(vector), notes, 2)
  return eachStep(histograms, stepsOf(grid), (buckets, step) =>
    fractionOf(from[step]!, to[step]!, buckets),
  )
}

export const histogramFunctions: Readonly<Record<string, InstantFunction>> = {
  histogram_fraction: histogramFraction,
  histogram_quantile: histogramQuantile,
}
