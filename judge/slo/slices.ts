/**
 * Slices: (good, total) of one SLO in one short interval. Every figure of an SLO is a sum of slices.
 *
 * Borders are absolute, multiples of the slice length since 1970, so that any two computations of
 * one slice agree and storing it again changes nothing. A slice counts once it is closed and points
 * had time to arrive. A slice in which nothing was sampled is not measured and is not a slice of
 * zeros: total 0 means that the service was watched and nobody came.
 *
 * Units: times in unix ms, good and total in events (counters) or samples (thresholds).
 */
import { eachIncrease, inOrder, type Samples } from './increments.ts'

export interface Slices {
  readonly startMs: number
  readonly sliceMs: number
  readonly good: Float64Array
  readonly total: Float64Array
  /** 1 where something was sampled. */
  readonly measured: Uint8Array
}

/** One series of an indicator. */
export interface IndicatorSeries extends Samples {
  /** What was scraped (job and instance): series of one target are sampled together. */
  readonly target: string
  /** The first sample here is the first that the series ever had. */
  readonly born: boolean
}

export type Operator = 'lte' | 'gte' | 'lt' | 'gt'

/** Series of a ratio: either the good or the bad events, and all events. */
export interface RatioSeries {
  readonly part: 'good' | 'bad'
  readonly partSeries: readonly IndicatorSeries[]
  readonly totalSeries: readonly IndicatorSeries[]
  /** Running totals; otherwise each sample is an amount of its own. */
  readonly counter: boolean
  readonly bridgeMs: number
}

export interface ThresholdSeries {
  readonly operator: Operator
  readonly value: number
  readonly series: readonly Samples[]
}

/** End of the newest slice that is closed, with the time that points may take to arrive. */
export const closedEnd = (nowMs: number, sliceMs: number, ingestDelayMs: number): number =>
  Math.floor((nowMs - ingestDelayMs) / sliceMs) * sliceMs

export const sliceStart = (timeMs: number, sliceMs: number): number =>
  Math.floor(timeMs / sliceMs) * sliceMs

/** Slices of [startMs, endMs), both of them borders. */
function emptySlices(startMs: number, endMs: number, sliceMs: number): Slices {
  const count = Math.max(0, Math.round((endMs - startMs) / sliceMs))
  return {
    startMs,
    sliceMs,
    good: new Float64Array(count),
    total: new Float64Array(count),
    measured: new Uint8Array(count),
  }
}

export function ratioSlices(
  ratio: RatioSeries,
  startMs: number,
  endMs: number,
  sliceMs: number,
): Slices {
  const slices = emptySlices(startMs, endMs, sliceMs)
  const part = new Float64Array(slices.good.length)
  const scrapes = scrapeTimes([...ratio.partSeries, ...ratio.totalSeries])
  const add = (series: IndicatorSeries, into: Float64Array, measured?: Uint8Array) => {
    if (ratio.counter) {
      const bornAfterMs = series.born ? scrapeBefore(scrapes, series, ratio.bridgeMs) : undefined
      eachIncrease(series, { bridgeMs: ratio.bridgeMs, bornAfterMs }, (from, to, amount) => {
        spread(slices, into, from, to, amount, measured)
      })
    } else {
      eachSample(slices, series, (index, value) => {
        into[index]! += Math.max(0, value)
        if (measured !== undefined) measured[index] = 1
      })
    }
  }
  for (const series of ratio.totalSeries) add(series, slices.total, slices.measured)
  for (const series of ratio.partSeries) add(series, part)
  for (let i = 0; i < part.length; i++) {
    slices.good[i] = ratio.part === 'good' ? part[i]! : Math.max(0, slices.total[i]! - part[i]!)
  }
  return slices
}

/** Each sample is one event, good when it is on the right side of the threshold. */
export function thresholdSlices(
  threshold: ThresholdSeries,
  startMs: number,
  endMs: number,
  sliceMs: number,
): Slices {
  const slices = emptySlices(startMs, endMs, sliceMs)
  for (const series of threshold.series) {
    eachSample(slices, series, (index, value) => {
      slices.total[index]! += 1
      slices.measured[index] = 1
      if (holds(value, threshold.operator, threshold.value)) slices.good[index]! += 1
    })
  }
  return slices
}

export function holds(value: number, operator: Operator, limit: number): boolean {
  switch (operator) {
    case 'lte':
      return value <= limit
    case 'gte':
      return value >= limit
    case 'lt':
      return value < limit
    case 'gt':
      return value > limit
  }
}

/** Splits an amount over the slices that (fromMs, toMs] touches, by share of time. */
function spread(
  slices: Slices,
  into: Float64Array,
  fromMs: number,
  toMs: number,
  amount: number,
  measured: Uint8Array | undefined,
): void {
  const { startMs, sliceMs } = slices
  const first = Math.max(0, Math.floor((fromMs - startMs) / sliceMs))
  const last = Math.min(into.length - 1, Math.ceil((toMs - startMs) / sliceMs) - 1)
  for (let i = first; i <= last; i++) {
    const left = Math.max(fromMs, startMs + i * sliceMs)
    const right = Math.min(toMs, startMs + (i + 1) * sliceMs)
    into[i]! += (amount * (right - left)) / (toMs - fromMs)
    if (measured !== undefined) measured[i] = 1
  }
}

function eachSample(
  slices: Slices,
  samples: Samples,
  visit: (index: number, value: number) => void,
): void {
  const { times, values } = inOrder(samples)
  for (let i = 0; i < times.length; i++) {
    const index = Math.floor((times[i]! - slices.startMs) / slices.sliceMs)
    if (index >= 0 && index < slices.good.length) visit(index, values[i]!)
  }
}

/** When each target was scraped, by any of its series. */
function scrapeTimes(series: readonly IndicatorSeries[]): ReadonlyMap<string, Float64Array> {
  const targets = new Set<string>()
  for (const { target, born } of series) if (born) targets.add(target)
  const times = new Map<string, Set<number>>()
  for (const each of series) {
    if (!targets.has(each.target)) continue
    const seen = times.get(each.target) ?? new Set()
    for (const time of each.times) seen.add(time)
    times.set(each.target, seen)
  }
  return new Map([...times].map(([target, seen]) => [target, Float64Array.from(seen).sort()]))
}

function scrapeBefore(
  scrapes: ReadonlyMap<string, Float64Array>,
  series: IndicatorSeries,
  bridgeMs: number,
): number | undefined {
  const birthMs = inOrder(series).times[0]
  if (birthMs === undefined) return undefined
  const before = scrapes.get(series.target)?.findLast((time) => time < birthMs)
  return before !== undefined && birthMs - before <= bridgeMs ? before : undefined
}
