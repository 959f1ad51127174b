/**
 * What a counter counted, pair of samples by pair: exact, additive, without extrapolation.
 *
 * Between two samples of one series the counter grew by `value − previous`; where it fell it was
 * reset and counts from 0, so it grew by `value`. Every amount belongs to the time between its two
 * samples, left-open: (from, to]. Prometheus' rate() extrapolates to the edges of its window instead,
 * so the two differ by up to one scrape in each window.
 *
 * The first sample of a series only starts the count, unless the series is known to be born after a
 * scrape of the same target that did not have it yet: then it counted from 0 since that scrape. An
 * error counter that appears with its first error would lose that error otherwise.
 *
 * Units: times in unix ms, amounts in what the counter counts.
 */
export interface Samples {
  readonly times: Float64Array
  readonly values: Float64Array
}

/** An amount that was counted in (fromMs, toMs]. */
type Visit = (fromMs: number, toMs: number, amount: number) => void

export const increase = (previous: number, value: number): number =>
  value < previous ? value : value - previous

interface CountOptions {
  /** A silence longer than this is not bridged: when within it the counter grew is not known. */
  readonly bridgeMs: number
  /** Time of the last scrape of the target before the series was born; absent when unknown. */
  readonly bornAfterMs?: number | undefined
}

export function eachIncrease(samples: Samples, options: CountOptions, visit: Visit): void {
  const { times, values } = inOrder(samples)
  if (times.length === 0) return
  if (options.bornAfterMs !== undefined && options.bornAfterMs < times[0]!) {
    visit(options.bornAfterMs, times[0]!, values[0]!)
  }
  for (let i = 1; i < times.length; i++) {
    if (times[i]! - times[i - 1]! > options.bridgeMs) continue
    visit(times[i - 1]!, times[i]!, increase(values[i - 1]!, values[i]!))
  }
}

/** By time, each time once (the larger value wins), without NaN. */
export function inOrder(samples: Samples): Samples {
  const { times, values } = samples
  let ordered = true
  for (let i = 0; i < times.length && ordered; i++) {
    ordered = !Number.isNaN(values[i]!) && (i === 0 || times[i - 1]! < times[i]!)
  }
  if (ordered) return samples
  const latest = new Map<number, number>()
  for (let i = 0; i < times.length; i++) {
    const value = values[i]!
    const seen = latest.get(times[i]!)
    if (!Number.isNaN(value) && (seen === undefined || value > seen)) latest.set(times[i]!, value)
  }
  const sorted = [...latest].sort(([a], [b]) => a - b)
  return {
    times: Float64Array.from(sorted, ([time]) => time),
    values: Float64Array.from(sorted, ([, value]) => value),
  }
}
