import fc from 'fast-check'
import { expect, test } from 'vitest'
import { eachIncrease, increase, inOrder, type Samples } from '../../../judge/slo/increments.ts'

const samples = (...points: readonly (readonly [number, number])[]): Samples => ({
  times: Float64Array.from(points, ([time]) => time),
  values: Float64Array.from(points, ([, value]) => value),
})

type Visited = [from: number, to: number, amount: number]
function visited(of: Samples, bornAfterMs?: number, bridgeMs = 1_000): Visited[] {
  const visits: Visited[] = []
  eachIncrease(of, { bridgeMs, bornAfterMs }, (...visit) => visits.push(visit))
  return visits
}

test('from one sample to the next', () => {
  const f = (previous: number, value: number, want: number) =>
    expect(increase(previous, value)).toBe(want)
  f(5, 5, 0)
  f(5, 7.5, 2.5)
  f(5, 3, 3)
  f(5, 0, 0)
})

test('amounts lie between their samples; the first sample only starts the count', () => {
  expect(visited(samples([0, 100], [10, 105], [20, 105], [30, 2]))).toEqual([
    [0, 10, 5],
    [10, 20, 0],
    [20, 30, 2],
  ])
  expect(visited(samples([0, 100]))).toEqual([])
  expect(visited(samples())).toEqual([])
})

test('a series born after a known scrape counted from 0', () => {
  expect(visited(samples([20, 3], [30, 4]), 10)).toEqual([
    [10, 20, 3],
    [20, 30, 1],
  ])
})

test('a silence that is too long is not bridged', () => {
  const silent = samples([0, 1], [1_000, 2], [2_001, 5], [2_100, 6])
  expect(visited(silent)).toEqual([
    [0, 1_000, 1],
    [2_001, 2_100, 1],
  ])
})

test('NaN is no sample, and a time that came twice counts once', () => {
  expect(visited(samples([0, 1], [5, Number.NaN], [10, 4], [10, 4]))).toEqual([[0, 10, 3]])
})

const anySamples = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 500 }), fc.oneof(fc.double(), fc.integer())))
  .map((points) => samples(...points))

test('order does not matter, and nothing negative is counted where nothing negative came', () => {
  const points = fc.uniqueArray(fc.tuple(fc.nat(10_000), fc.nat(1_000)), {
    selector: ([time]) => time,
  })
  fc.assert(
    fc.property(
      points.chain((given) =>
        fc.tuple(fc.constant(given), fc.shuffledSubarray(given, { minLength: given.length })),
      ),
      ([given, shuffled]) => {
        const visits = visited(samples(...given), undefined, 20_000)
        expect(visited(samples(...shuffled), undefined, 20_000)).toEqual(visits)
        for (const [from, to, amount] of visits) {
          expect(from).toBeLessThan(to)
          expect(amount).toBeGreaterThanOrEqual(0)
        }
      },
    ),
  )
})

test('whatever comes, what is left is ascending and without NaN', () => {
  fc.assert(
    fc.property(anySamples, (given) => {
      const { times, values } = inOrder(given)
      expect([...values].some(Number.isNaN)).toBe(false)
      expect([...times]).toEqual([...new Set(times)].toSorted((a, b) => a - b))
    }),
  )
})
