/**
 * What applications of a shop might send: counters that start anew, histograms, gauges that are no number at
 * times, series that end and come back, labels of a hostile hand. All of it follows from a seed.
 */
import fc from 'fast-check'
import { type SampleSeries, STALE_BITS } from '../../../../collector/query/grid/grid.ts'
import { Labels } from '../../../../collector/query/grid/labels.ts'
import { seriesArb } from '../expressions.ts'

type Value = number | 'end' | undefined
const EVERY_MS = 15_000
/** Of whole seconds, so that no sample lies where a window of whole seconds begins or ends. */
export const PHASE_MS = 333
const BOUNDS = ['0.005', '0.025', '0.1', '0.5', '2.5', '+Inf']

/** Numbers in [0, 1) that are the same in each run. */
function* randoms(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    yield state / 2 ** 32
  }
}

/** `of` gives the value of each sample, from `fromMs` on; undefined is a gap. */
function seriesOf(
  labels: Readonly<Record<string, string>>,
  fromMs: number,
  all: readonly Value[],
): SampleSeries {
  const kept = [...all.entries()].filter(([, value]) => value !== undefined)
  const values = new Float64Array(kept.length)
  const bits = new BigUint64Array(values.buffer)
  for (const [i, [, value]] of kept.entries()) {
    if (value === 'end') bits[i] = STALE_BITS
    else values[i] = value!
  }
  const times = Float64Array.from(kept, ([i]) => fromMs + i * EVERY_MS)
  return { labels: Labels.of(labels), times, values }
}

/** `count` samples each, every 15 s from `fromMs` on, which is whole seconds. */
export function applicationSeries(fromMs: number, count: number): SampleSeries[] {
  const startMs = fromMs + PHASE_MS
  const random = randoms(20_261_121)
  const next = () => random.next().value
  const times = <T>(of: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => of(i))
  const add = (labels: Record<string, string>, values: readonly Value[]) =>
    seriesOf(labels, startMs, values)
  /** A counter that starts anew at a time, and is not there before another. */
  const counter = (perSample: number, resetsAt = -1, startsAt = 0) => {
    // Far from nothing: see exceptions.ts for what begins near it.
    let sum = 1_000
    return times((i): Value => {
      if (i < startsAt) return undefined
      sum = i === resetsAt ? 0 : sum + Math.floor(next() * perSample * 2)
      return sum
    })
  }
  const requests = ['shop-1', 'shop-2'].flatMap((instance, n) =>
    ['200', '404', '500'].flatMap((code, c) =>
      ['/cart', '/pay'].map((handler, h) =>
        add(
          { __name__: 'http_requests_total', job: 'shop', instance, code, handler },
          counter([40, 5, 1][c]! + h, [-1, 120][n], c === 2 && n === 1 ? 130 : 0),
        ),
      ),
    ),
  )
  const histogram = (name: string, instance: string, bounds = BOUNDS) => {
    let [sum, total] = [0, 0]
    const counts = bounds.map(() => 0)
    const taken = times(() => {
      for (let n = Math.floor(next() * 20); n > 0; n--) {
        const seconds = next() ** 4 * 4
        sum += seconds
        total += 1
        for (const [b, bound] of bounds.entries()) {
          if (seconds <= Number(bound.replace('+', '')) || bound === '+Inf') counts[b]! += 1
        }
      }
      return { sum, total, counts: [...counts] }
    })
    const labels = { job: 'shop', instance }
    return [
      ...bounds.map((le, b) =>
        add(
          { __name__: `${name}_bucket`, ...labels, le },
          taken.map(({ counts }) => counts[b]!),
        ),
      ),
      add(
        { __name__: `${name}_sum`, ...labels },
        taken.map(({ sum }) => sum),
      ),
      add(
        { __name__: `${name}_count`, ...labels },
        taken.map(({ total }) => total),
      ),
    ]
  }
  const odd = (i: number): Value =>
    [1.5, Number.NaN, -2, Infinity, 0, -Infinity, 3e-7][Math.floor(i / 3) % 7]
  return [
    ...requests,
    ...histogram('http_request_duration_seconds', 'shop-1'),
    ...histogram('http_request_duration_seconds', 'shop-2'),
    ...histogram('open_seconds', 'shop-1', BOUNDS.slice(0, -1)),
    // Buckets that do not rise, as after a lost scrape.
    ...BOUNDS.map((le, b) =>
      add(
        { __name__: 'torn_bucket', le },
        times((i) => [3, 9, 8, 20, 19, 30][b]! * i),
      ),
    ),
    add(
      { __name__: 'torn_bucket', le: 'wide' },
      times((i) => i),
    ),
    ...['a', 'b'].map((queue, q) =>
      add(
        { __name__: 'queue_depth', job: 'shop', queue },
        times((i) => (q === 0 ? Math.round(Math.sin(i / 5) * 40) : odd(i))),
      ),
    ),
    ...['1.4', '1.5'].map((version, v) =>
      add(
        { __name__: 'build_info', job: 'shop', instance: `shop-${v + 1}`, version },
        times(() => 1),
      ),
    ),
    // It ends, comes back, and has a hole that is longer than the look-back.
    add(
      { __name__: 'blinks', job: 'shop' },
      times((i) => (i > 150 && i < 172 ? undefined : i % 11 === 10 ? 'end' : i / 4)),
    ),
    add(
      { __name__: 'ends_total', job: 'shop' },
      times((i) => (i > count - 25 ? undefined : i === count - 25 ? 'end' : i * 3)),
    ),
    add(
      { __name__: 'young_total', job: 'shop' },
      times((i) => (i < count - 22 ? undefined : 2 + (i - count + 22) * 3)),
    ),
    add(
      { __name__: 'flat', job: 'shop' },
      times(() => 7.25),
    ),
    add(
      { __name__: 'whole_seconds', job: 'shop' },
      times((i) => startMs / 1_000 + i * 3_600),
    ),
    add(
      { __name__: 'tiny', job: 'shop' },
      times((i) => (i % 2) * 5e-324),
    ),
    ...['a', 'b'].map((which) =>
      add(
        { __name__: 'huge', job: 'shop', which },
        times((i) => 1.1e308 + i * 1e300),
      ),
    ),
    ...HOSTILE.map((text, i) =>
      add(
        { __name__: 'hostile', text, nth: String(i) },
        times((n) => n * (i + 1)),
      ),
    ),
    ...grammarSeries(startMs + (count - 80) * EVERY_MS),
  ]
}

export const HOSTILE = [
  `it's "quoted"`,
  'back\\slash \\n',
  'new\nline',
  "'); DROP TABLE point; --",
  '{x:String}',
  '日本 😀',
  'a.b*c+(d)[e]$',
]

/** Of the words that generated expressions are made of: fifteen minutes after `atMs` and five before. */
function grammarSeries(atMs: number): SampleSeries[] {
  const [all] = fc.sample(seriesArb, { numRuns: 1, seed: 42 })
  return all!.map(({ labels, times, values }) => ({
    labels,
    times: times.map((time) => atMs + time),
    values,
  }))
}
