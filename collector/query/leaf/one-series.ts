/**
 * Series of several entities that have the same labels: a container that was started anew at its old path is
 * another entity, and yet what a scrape of the agent would find is one series. Where they take turns they
 * are made one; where both report at once they stay two, which is an error to who computes with them.
 */
import type { SampleSeries } from '../grid/grid.ts'
import { markersOf } from '../grid/range/windows.ts'
import { entityAttributes } from './places.ts'
import type { Entities } from './typed.ts'

/** Whether two entities of a place differ in nothing that labels tell. */
export function haveTwins({ place, matched }: Entities): boolean {
  const attributes = [...entityAttributes(place.table).values()]
  const seen = new Set<string>()
  for (const { known } of matched.values()) {
    seen.add(attributes.map((name) => known.attributes.get(name) ?? '').join('\0'))
  }
  return seen.size < matched.size
}

/** In the order in which each set of labels comes first. */
export function inTurns(all: readonly SampleSeries[]): SampleSeries[] {
  const byKey = new Map<string, SampleSeries[]>()
  for (const series of all) {
    if (series.times.length === 0) continue
    const same = byKey.get(series.labels.key)
    if (same === undefined) byKey.set(series.labels.key, [series])
    else same.push(series)
  }
  if (byKey.size === all.length) return [...all]
  return [...byKey.values()].flatMap((same) => (same.length === 1 ? same : joined(same)))
}

function joined(same: readonly SampleSeries[]): SampleSeries[] {
  const [first, ...later] = same.toSorted((a, b) => a.times[0]! - b.times[0]!)
  const found = [first!]
  for (const next of later) {
    const before = withoutLateEnd(found.at(-1)!, next.times[0]!)
    if (before.times.at(-1)! >= next.times[0]!) found.push(next)
    else found.splice(-1, 1, append(before, next))
  }
  return found
}

/** The end of one is often known only when the other has begun, which then is no gap. */
function withoutLateEnd(series: SampleSeries, nextMs: number): SampleSeries {
  const { times, values } = series
  const last = times.length - 1
  if (last === 0 || times[last]! < nextMs || !markersOf(values)(last)) return series
  return { ...series, times: times.subarray(0, last), values: values.subarray(0, last) }
}

/** By their bytes: a mark would not pass through a number. */
function append(a: SampleSeries, b: SampleSeries): SampleSeries {
  const times = new Float64Array(a.times.length + b.times.length)
  times.set(a.times)
  times.set(b.times, a.times.length)
  const bytes = new Uint8Array(times.byteLength)
  for (const [values, at] of [
    [a.values, 0],
    [b.values, a.values.byteLength],
  ] as const) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at)
  }
  return { labels: a.labels, times, values: new Float64Array(bytes.buffer) }
}
