/** What holds for any expression: a step of a range is an instant, and who computes makes no difference. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { QueryAnswer } from '../../../collector/query/answer.ts'
import { instantQuery, rangeQuery } from '../../../collector/query/engine.ts'
import type { Grid } from '../../../collector/query/grid/grid.ts'
import type { LeafSource } from '../../../collector/query/leaf.ts'
import { QueryError } from '../../../collector/query/query-error.ts'
import { expressionArb, seriesArb } from './expressions.ts'
import { expressions } from './language/grammar.ts'
import { computingSource, samplesSource } from './memory-source.ts'

const LONG = process.env['LONG'] === '1'
const numRuns = LONG ? 20_000 : 500

const NAMES = ['a', 'x_1', 'le', 'job', 'rate', 'a.b']

const gridArb: fc.Arbitrary<Grid> = fc
  .record({
    startMs: fc.constantFrom(0, 15_000, 60_000, 123_456),
    stepMs: fc.constantFrom(1_000, 20_000, 60_000, 200_000),
    steps: fc.integer({ min: 0, max: 5 }),
  })
  .map(({ startMs, stepMs, steps }) => ({ startMs, stepMs, endMs: startMs + steps * stepMs }))

/** Series and values by the time, or why there are none. */
async function asked(
  ask: () => Promise<QueryAnswer>,
): Promise<ReadonlyMap<number, readonly string[]> | 'failed'> {
  try {
    return byTime(await ask())
  } catch (error) {
    if (error instanceof QueryError) return 'failed'
    throw error
  }
}

function byTime({ value }: QueryAnswer): ReadonlyMap<number, readonly string[]> {
  const found = new Map<number, string[]>()
  const add = (timeMs: number, text: string) => {
    found.set(timeMs, [...(found.get(timeMs) ?? []), text])
  }
  if (value.type === 'vector') {
    for (const { labels, point } of value.samples) add(point[0], `${labels.key} ${point[1]}`)
  }
  if (value.type === 'matrix') {
    for (const { labels, times, values } of value.series) {
      for (const [i, time] of times.entries()) add(time, `${labels.key} ${values[i]}`)
    }
  }
  for (const texts of found.values()) texts.sort()
  return found
}

const timesOf = ({ startMs, endMs, stepMs }: Grid): number[] =>
  Array.from({ length: (endMs - startMs) / stepMs + 1 }, (_, step) => startMs + step * stepMs)

async function instants(text: string, grid: Grid, source: LeafSource) {
  const all = new Map<number, readonly string[]>()
  for (const timeMs of timesOf(grid)) {
    const one = await asked(() => instantQuery(text, timeMs, source))
    if (one === 'failed') return 'failed'
    for (const [time, texts] of one) all.set(time, texts)
  }
  return all
}

test('each step of a range is what an instant query says then', async () => {
  await fc.assert(
    fc.asyncProperty(seriesArb, expressionArb, gridArb, async (series, text, grid) => {
      const source = samplesSource(series)
      const range = await asked(() => rangeQuery(text, grid, source))
      expect(range).toEqual(await instants(text, grid, source))
    }),
    { numRuns },
  )
})

test('a source that computes makes no difference', async () => {
  await fc.assert(
    fc.asyncProperty(seriesArb, expressionArb, gridArb, async (series, text, grid) => {
      const [plain, computed] = await Promise.all(
        [samplesSource(series), computingSource(series)].map((source) =>
          asked(() => rangeQuery(text, grid, source)),
        ),
      )
      expect(computed).toEqual(plain)
    }),
    { numRuns },
  )
})

test('pieces put together are the whole', async () => {
  await fc.assert(
    fc.asyncProperty(seriesArb, expressionArb, gridArb, async (series, text, grid) => {
      const source = samplesSource(series)
      const [whole, pieces] = await Promise.all(
        [1e9, 8].map((sliceValues) => asked(() => rangeQuery(text, grid, source, { sliceValues }))),
      )
      expect(pieces).toEqual(whole)
    }),
    { numRuns },
  )
})

test('most expressions have an answer, and many are not empty', async () => {
  const said = { answers: 0, series: 0 }
  const all = fc.sample(fc.tuple(seriesArb, expressionArb, gridArb), { numRuns: 400, seed: 7 })
  for (const [series, text, grid] of all) {
    const answer = await asked(() => rangeQuery(text, grid, samplesSource(series)))
    if (answer === 'failed') continue
    said.answers++
    if (answer.size > 0) said.series++
  }
  expect(said.answers).toBeGreaterThan(200)
  expect(said.series).toBeGreaterThan(150)
})

test('whatever the grammar allows has an answer or an error that says why', async () => {
  const options = { maxSamples: 20_000, subqueryStepMs: 60_000 }
  await fc.assert(
    fc.asyncProperty(seriesArb, expressions.any, gridArb, async (series, text, grid) => {
      // Their names are among those of the expressions.
      const known = series.map((one, i) => ({
        ...one,
        labels: one.labels.with('__name__', NAMES[i % NAMES.length]!).with('le', String(i)),
      }))
      const source = samplesSource(known)
      await asked(() => rangeQuery(text, grid, source, options))
      await asked(() => instantQuery(text, grid.startMs, source, options))
    }),
    { numRuns },
  )
})
