/** What the store computes is what is computed from samples, for any series and any grid. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { GridSeries, SampleSeries } from '../../../../collector/query/grid/grid.ts'
import { aggregate } from '../../../../collector/query/grid/aggregate.ts'
import { overRange, rangeFunctions } from '../../../../collector/query/grid/range/functions.ts'
import { newest } from '../../../../collector/query/grid/range/newest.ts'
import { markersOf, windowsOf } from '../../../../collector/query/grid/range/windows.ts'
import type { Leaf } from '../../../../collector/query/leaf.ts'
import { Notes } from '../../../../collector/query/notes.ts'
import { LabelsCache } from '../../../../collector/query/leaf/labels-cache.ts'
import { isOfFinite, type PushedAsk, pushedAsks } from '../../../../collector/query/leaf/pushed.ts'
import { StoreSource } from '../../../../collector/query/leaf/store-source.ts'
import { ColumnBatch } from '../../../../collector/store/columns.ts'
import { type OpenedStore, openedStore } from '../../find/opened-store.ts'
import {
  addContainer,
  addNarrow,
  finite,
  type Sampled,
  sampleSeries,
  samplesFrom,
} from './sampled.ts'
import { someLimits } from './some-limits.ts'

const T0 = 1_790_000_000_000
const SERIES = 12
const EXTRAPOLATED: ReadonlySet<PushedAsk> = new Set(['rate', 'increase', 'delta'])
const RUNS = process.env['LONG'] === undefined ? 25 : 2_000

let opened: OpenedStore
let narrow: Sampled[]
/** Without infinities; some have no number at times, and end. */
let numbers: Sampled[]
let typed: (Sampled & { readonly endedMs: number | undefined })[]

beforeAll(async () => {
  opened = await openedStore()
  const seed = 20_261_121
  narrow = fc
    .sample(samplesFrom(T0), { numRuns: SERIES, seed })
    .map((samples, i) => ({ labels: { __name__: 'any', i: String(i) }, samples }))
  numbers = narrow.map(({ labels, samples }) => ({
    labels: { ...labels, __name__: 'finite' },
    samples: samples.map(([ms, each]) => [
      ms,
      each === Infinity || each === -Infinity ? 'end' : each,
    ]),
  }))
  typed = fc.sample(samplesFrom(T0, finite), { numRuns: SERIES, seed }).map((samples, i) => {
    const lastMs = samples.at(-1)![0]
    return {
      labels: {
        __name__: 'container_cpu_usage_seconds_total',
        cpu: 'total',
        job: 'candor',
        id: `/c/${i}`,
        instance: 'm1',
      },
      samples,
      endedMs: i % 3 === 0 ? lastMs + 7_000 : undefined,
    }
  })
  const batches = [new ColumnBatch(), new ColumnBatch()]
  for (const [b, batch] of batches.entries()) {
    for (const each of [...narrow, ...numbers]) {
      // Half of what the first batch has comes once more.
      const from = b * Math.floor(each.samples.length / 3)
      const to = b === 0 ? Math.ceil((each.samples.length * 2) / 3) : each.samples.length
      if (from < to) addNarrow(batch, { ...each, samples: each.samples.slice(from, to) })
    }
    for (const [i, { labels, samples, endedMs }] of typed.entries()) {
      const attributes = { 'host.name': labels['instance']!, 'candor.cgroup.path': labels['id']! }
      const from = b * Math.floor(samples.length / 3)
      addContainer(batch, BigInt(i + 1), attributes, samples.slice(from), endedMs)
    }
    await opened.store.insertRows(batch)
  }
})
afterAll(() => opened[Symbol.asyncDispose]())

const source = (pushes: boolean) =>
  new StoreSource({
    store: opened.store,
    tenant: '',
    limits: someLimits,
    cache: new LabelsCache(1_000),
    trusted: new Set(pushedAsks),
    pushes,
  })

function expected(ask: PushedAsk, all: readonly Sampled[], leaf: Leaf): GridSeries[] {
  const windows = windowsOf(leaf.grid, leaf.windowMs)
  return all.flatMap((each) => {
    const series = sampleSeries(each)
    const found =
      ask === 'newest'
        ? newest(series, windows)
        : overRange(rangeFunctions[ask]!, series, windows, [])
    return found ?? []
  })
}

const withEnds = (all: typeof typed): Sampled[] =>
  all.map(({ labels, samples, endedMs }) => ({
    labels,
    samples: endedMs === undefined ? samples : [...samples, [endedMs, 'end'] as const],
  }))

/** Values by series, present ones as they are. */
const plain = (all: readonly GridSeries[]) =>
  new Map(
    all.map(({ labels, values, present, dropsName }) => [
      labels.key,
      {
        dropsName,
        values: Array.from(values, (value, i) => (present[i] === 1 ? value : undefined)),
      },
    ]),
  )

/**
 * Whether a sample is 1.1 times the distance of samples away from an end of its window, to the millisecond:
 * on which side of that border it is, is a matter of how its terms are rounded.
 */
function isOnBorder(
  { times, values }: SampleSeries,
  { grid, windowMs }: Leaf,
  step: number,
): boolean {
  const endMs = grid.startMs + step * grid.stepMs
  const isEnd = markersOf(values)
  const inside = times.filter((ms, i) => ms > endMs - windowMs && ms <= endMs && !isEnd(i))
  const [first, last] = [inside[0]!, inside.at(-1)!]
  const border = (1.1 * (last - first)) / (inside.length - 1)
  const isNear = (ms: number) => Math.abs(ms - border) < 1e-6
  return isNear(first - endMs + windowMs) || isNear(endMs - last)
}

function expectClose(
  found: readonly GridSeries[],
  wanted: readonly GridSeries[],
  isEither: (key: string, step: number) => boolean,
): void {
  const [a, b] = [plain(found), plain(wanted)]
  expect([...a.keys()].toSorted()).toEqual([...b.keys()].toSorted())
  for (const [key, { values, dropsName }] of b) {
    const its = a.get(key)!
    expect(its.dropsName).toBe(dropsName)
    for (const [step, value] of values.entries()) {
      const other = its.values[step]
      const isSame =
        Object.is(value, other) ||
        (value !== undefined &&
          other !== undefined &&
          (value === other ||
            (Number.isNaN(value) && Number.isNaN(other)) ||
            Math.abs(value - other) <= 1e-9 * Math.max(Math.abs(value), Math.abs(other))))
      if (!isSame && !isEither(key, step))
        expect({ key, step, value: other }).toEqual({ key, step, value })
    }
  }
}

const leafOf = (name: string) =>
  fc
    .record({
      ask: fc.constantFrom(...pushedAsks),
      startMs: fc.integer({ min: T0, max: T0 + 900_000 }),
      steps: fc.integer({ min: 1, max: 40 }),
      stepMs: fc.oneof(
        fc.constantFrom(1_000, 15_000, 60_000),
        fc.integer({ min: 1, max: 100_000 }),
      ),
      windowMs: fc.oneof(fc.constantFrom(60_000, 300_000), fc.integer({ min: 1, max: 700_000 })),
    })
    .map(({ ask, startMs, steps, stepMs, windowMs }): { ask: PushedAsk; leaf: Leaf } => ({
      ask,
      leaf: {
        name,
        matchers: [],
        windowMs,
        grid: { startMs, endMs: startMs + (steps - 1) * stepMs, stepMs },
        ask:
          ask === 'newest' ? { kind: 'newest' } : { kind: 'function', name: ask, parameters: [] },
      },
    }))

describe('values over a grid are those of the samples', () => {
  const f = (name: string, all: () => readonly Sampled[]) =>
    fc.assert(
      fc.asyncProperty(leafOf(name), async ({ ask, leaf }) => {
        const answer = await source(true).answer(leaf)
        // Of a counter that was infinite the store knows no more.
        if (answer.kind === 'samples' && name === 'any' && isOfFinite(ask)) return
        if (answer.kind !== 'values') throw new Error('they were not pushed')
        const byKey = new Map(
          all()
            .map((each) => sampleSeries(each))
            .map((each) => [each.labels.key, each]),
        )
        expectClose(
          answer.series,
          expected(ask, all(), leaf),
          (key, step) => EXTRAPOLATED.has(ask) && isOnBorder(byKey.get(key)!, leaf, step),
        )
      }),
      { numRuns: RUNS },
    )
  test('of narrow series', () => f('any', () => narrow), 60_000 + RUNS * 100)
  test('of narrow series of numbers', () => f('finite', () => numbers), 60_000 + RUNS * 100)
  test(
    'of a typed table',
    () => f('container_cpu_usage_seconds_total', () => withEnds(typed)),
    60_000 + RUNS * 100,
  )
})

describe('groups are those of the values', () => {
  const operators = ['sum', 'avg', 'min', 'max', 'count', 'group'] as const
  const groupings = (labels: readonly string[]) =>
    fc.record({
      isWithout: fc.boolean(),
      labels: fc.subarray([...labels]),
    })
  const f = (
    name: string,
    all: () => readonly Sampled[],
    labels: readonly string[],
    cannot: readonly PushedAsk[],
  ) => {
    let grouped = 0
    return fc
      .assert(
        fc.asyncProperty(
          leafOf(name),
          fc.constantFrom(...operators),
          groupings(labels),
          async ({ ask, leaf }, operator, grouping) => {
            const answer = await source(true).answer({
              ...leaf,
              aggregation: { operator, grouping },
            })
            if (answer.kind !== 'values') throw new Error('they were not pushed')
            if (!answer.isAggregated) return
            expect(cannot).not.toContain(ask)
            grouped += 1
            const values = expected(ask, all(), leaf)
            const { length } = answer.series[0]?.values ?? values[0]?.values ?? []
            const wanted = aggregate(operator, values, grouping, length, { notes: new Notes() })
            const border = all().some((each) =>
              Array.from({ length }, (_, step) => step).some((step) =>
                isOnBorder(sampleSeries(each), leaf, step),
              ),
            )
            expectClose(answer.series, wanted, () => EXTRAPOLATED.has(ask) && border)
          },
        ),
        { numRuns: RUNS * 2 },
      )
      .then(() => expect(grouped).toBeGreaterThan(0))
  }
  test(
    'of narrow series of numbers',
    () => f('finite', () => numbers, ['i'], ['newest']),
    60_000 + RUNS * 200,
  )
  test(
    'of a typed table',
    () => f('container_cpu_usage_seconds_total', () => withEnds(typed), ['id', 'instance'], []),
    60_000 + RUNS * 200,
  )
})

describe('samples are as they were sent', () => {
  const f = (name: string, all: () => readonly Sampled[]) =>
    fc.assert(
      fc.asyncProperty(leafOf(name), async ({ leaf }) => {
        const answer = await source(false).answer({ ...leaf, ask: { kind: 'samples' } })
        if (answer.kind !== 'samples') throw new Error('they were pushed')
        const { startMs, endMs, stepMs } = leaf.grid
        const lastMs = startMs + Math.floor((endMs - startMs) / stepMs) * stepMs
        const wanted = all()
          .map((each) => sampleSeries(each, startMs - leaf.windowMs, lastMs))
          .filter(({ times, values }) => times.length > 0 && values.length > 0)
        const bits = ({ times, values }: { times: Float64Array; values: Float64Array }) => ({
          times: [...times],
          values: [...new BigUint64Array(values.slice().buffer)],
        })
        const byKey = (list: readonly SampleSeries[]) =>
          list.toSorted((a, b) => (a.labels.key < b.labels.key ? -1 : 1))
        const found = byKey(answer.series)
        const sorted = byKey(wanted)
        // A mark whose sample before is not in range ends nothing there.
        const relevant = (list: readonly SampleSeries[]) =>
          list.filter(({ times, values }) => times.length > 1 || !Number.isNaN(values[0]!))
        expect(relevant(found).map(({ labels }) => labels.key)).toEqual(
          relevant(sorted).map(({ labels }) => labels.key),
        )
        expect(relevant(found).map(bits)).toEqual(relevant(sorted).map(bits))
      }),
      { numRuns: RUNS },
    )
  test('of narrow series', () => f('any', () => narrow), 60_000 + RUNS * 100)
  test(
    'of a typed table',
    () => f('container_cpu_usage_seconds_total', () => withEnds(typed)),
    60_000 + RUNS * 100,
  )
})
