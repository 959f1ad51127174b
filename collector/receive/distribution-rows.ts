/**
 * Rows of histograms and summaries. What has bounds is the series that Prometheus makes of it:
 * NAME_bucket by `le`, each with what all below it hold too, NAME_sum and NAME_count; a summary NAME by
 * `quantile`. An exponential histogram is a row of histogram under NAME, and NAME_sum and NAME_count.
 * Minimum and maximum are not kept: since the start of a process they say little.
 */
import type { MetricKind } from '../../catalog/metric.ts'
import type { Distribution, ExplicitHistogram, Summary } from '../../wire/distribution.ts'
import { plainNumber } from '../../wire/names.ts'
import { type LabelPairs, type NarrowRows, narrowSeries, type NarrowSeries } from './narrow-rows.ts'
import { byName } from './source.ts'

/** Series that are remembered of one distribution; the ids of further ones are made again. */
const PARTS_MAX = 64
/** Bounds and counts that take as much memory as a series does. */
const NUMBERS_OF_SERIES = 32

/** Of which nothing was ever told, not even its form. */
const UNTOLD: Distribution = {
  form: 'exponential',
  count: 0,
  sum: 0,
  scale: 0,
  zeroThreshold: 0,
  zeroCount: 0,
  positive: { indexes: [], counts: [] },
  negative: { indexes: [], counts: [] },
  isGauge: false,
}

/** One of the series that a distribution is. */
interface Part {
  readonly suffix: '' | '_bucket' | '_sum' | '_count'
  /** Label that tells it from others of the same name. */
  readonly label?: readonly [name: 'le' | 'quantile', value: string]
  readonly kind: MetricKind
  readonly value: number
}

export class DistributionSeries {
  readonly #tenant: string
  readonly #name: string
  readonly #labels: LabelPairs
  readonly #grow: (series: number) => void
  readonly #parts = new Map<string, NarrowSeries>()
  /** The newest, whose series end when somebody says no more than that it has ended. */
  #last: Distribution | undefined
  /** What the largest took, in series. */
  #lastSize = 0

  /** `grow` is told of memory that is taken, in that of so many series. */
  constructor(
    tenant: string,
    name: string,
    labels: LabelPairs,
    grow: (series: number) => void = () => {},
  ) {
    this.#tenant = tenant
    this.#name = name
    this.#labels = labels
    this.#grow = grow
  }

  add(rows: NarrowRows, atMs: number, distribution: Distribution): void {
    this.#remember(distribution)
    if (distribution.form === 'exponential') {
      rows.histogram(this.#series({ suffix: '' }), atMs, distribution)
    }
    for (const part of partsOf(distribution)) {
      rows.point(this.#series(part), part.kind, atMs, part.value)
    }
  }

  #remember(distribution: Distribution): void {
    this.#last = distribution
    const size = Math.ceil(numbersIn(distribution) / NUMBERS_OF_SERIES)
    if (size > this.#lastSize) this.#grow(size - this.#lastSize)
    this.#lastSize = Math.max(size, this.#lastSize)
  }

  /** `told` is all that is known of it, its form and bounds; without it that is what was last. */
  end(rows: NarrowRows, atMs: number, told: Distribution = this.#last ?? UNTOLD): void {
    const last = this.#last?.form === told.form && !hasParts(told) ? this.#last : told
    if (last.form === 'exponential') rows.endHistogram(this.#series({ suffix: '' }), atMs)
    for (const part of partsOf(last)) rows.endPoints(this.#series(part), part.kind, atMs)
  }

  #series({ suffix, label }: Pick<Part, 'suffix' | 'label'>): NarrowSeries {
    const key = label === undefined ? suffix : `${suffix} ${label[1]}`
    let series = this.#parts.get(key)
    if (series === undefined) {
      const labels = label === undefined ? this.#labels : withLabel(this.#labels, label)
      series = narrowSeries(this.#tenant, this.#name + suffix, labels)
      if (this.#parts.size < PARTS_MAX) {
        this.#parts.set(key, series)
        this.#grow(1)
      }
    }
    return series
  }
}

function numbersIn(distribution: Distribution): number {
  switch (distribution.form) {
    case 'explicit':
      return distribution.bounds.length + distribution.counts.length
    case 'exponential':
      return 2 * (distribution.positive.counts.length + distribution.negative.counts.length)
    case 'summary':
      return 2 * distribution.quantiles.length
  }
}

const hasParts = (distribution: Distribution): boolean =>
  (distribution.form === 'explicit' && distribution.bounds.length > 0) ||
  (distribution.form === 'summary' && distribution.quantiles.length > 0)

/** A label of the same name gives way, as it does in Prometheus. */
const withLabel = (labels: LabelPairs, label: readonly [string, string]): LabelPairs =>
  [...labels.filter(([name]) => name !== label[0]), label].toSorted(byName)

function* partsOf(distribution: Distribution): Generator<Part> {
  const { form, count, sum } = distribution
  const kind = form !== 'summary' && distribution.isGauge ? 'gauge' : 'counter'
  if (form === 'explicit') yield* bucketsOf(distribution, kind)
  if (form === 'summary') yield* quantilesOf(distribution)
  if (sum !== undefined) yield { suffix: '_sum', kind, value: sum }
  yield { suffix: '_count', kind, value: count }
}

function* bucketsOf(
  { count, bounds, counts }: ExplicitHistogram,
  kind: MetricKind,
): Generator<Part> {
  let below = 0
  for (const [i, bound] of bounds.entries()) {
    below += counts[i] ?? 0
    if (bound === Infinity) continue
    yield { suffix: '_bucket', label: ['le', plainNumber(bound)], kind, value: below }
  }
  yield { suffix: '_bucket', label: ['le', '+Inf'], kind, value: count }
}

function* quantilesOf({ quantiles }: Summary): Generator<Part> {
  for (const { quantile, value } of quantiles) {
    yield { suffix: '', label: ['quantile', plainNumber(quantile)], kind: 'gauge', value }
  }
}
