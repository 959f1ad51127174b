/** Samples in memory as a source of leaves; by default it leaves all computing to who asks. */
import { aggregate } from '../../../collector/query/grid/aggregate.ts'
import { stepsOf, type SampleSeries } from '../../../collector/query/grid/grid.ts'
import { METRIC_NAME, type Labels } from '../../../collector/query/grid/labels.ts'
import { compilePattern } from '../../../collector/query/grid/pattern.ts'
import { overRange, rangeFunctions } from '../../../collector/query/grid/range/functions.ts'
import { newest } from '../../../collector/query/grid/range/newest.ts'
import { windowsOf } from '../../../collector/query/grid/range/windows.ts'
import type { Matcher } from '../../../collector/query/language/tree.ts'
import type { Leaf, LeafAnswer, LeafSource } from '../../../collector/query/leaf.ts'
import { Notes } from '../../../collector/query/notes.ts'

/** Answers with samples alone. */
export const samplesSource = (series: readonly SampleSeries[]): LeafSource => ({
  answer: (leaf) => Promise.resolve(samplesFor(series, leaf)),
})

/** Computes all that can be asked of a source, the aggregation too. */
export const computingSource = (series: readonly SampleSeries[]): LeafSource => ({
  answer: (leaf) => Promise.resolve(valuesFor(series, leaf)),
})

function samplesFor(all: readonly SampleSeries[], leaf: Leaf) {
  const { grid, windowMs } = leaf
  const series = all
    .filter(({ labels }) => isAsked(leaf, labels))
    .map((one) => between(one, grid.startMs - windowMs, grid.endMs))
    .filter(({ times }) => times.length > 0)
  return { kind: 'samples', series } as const
}

function valuesFor(all: readonly SampleSeries[], leaf: Leaf): LeafAnswer {
  const { ask, aggregation, grid, windowMs } = leaf
  const samples = samplesFor(all, leaf)
  if (ask.kind === 'samples') return samples
  const windows = windowsOf(grid, windowMs)
  const of = (one: SampleSeries) => {
    if (ask.kind === 'newest') return newest(one, windows)
    const parameters = ask.parameters.map((value) => () => value)
    return overRange(rangeFunctions[ask.name]!, one, windows, parameters)
  }
  const series = samples.series.flatMap((one) => of(one) ?? [])
  if (aggregation === undefined) return { kind: 'values', series, isAggregated: false }
  const { operator, grouping } = aggregation
  const groups = aggregate(operator, series, grouping, stepsOf(grid), { notes: new Notes() })
  return { kind: 'values', series: groups, isAggregated: true }
}

const isAsked = ({ name, matchers }: Leaf, labels: Labels): boolean =>
  (name === undefined || labels.get(METRIC_NAME) === name) &&
  matchers.every((matcher) => matches(matcher, labels.get(matcher.label)))

function matches({ operator, value }: Matcher, found: string): boolean {
  switch (operator) {
    case '=':
      return found === value
    case '!=':
      return found !== value
    case '=~':
      return compilePattern(value).matches(found)
    case '!~':
      return !compilePattern(value).matches(found)
  }
}

function between(series: SampleSeries, afterMs: number, toMs: number): SampleSeries {
  const { times, values } = series
  let from = 0
  while (from < times.length && times[from]! <= afterMs) from++
  let to = from
  while (to < times.length && times[to]! <= toMs) to++
  return { ...series, times: times.slice(from, to), values: values.slice(from, to) }
}
