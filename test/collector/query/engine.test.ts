import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { evaluateQuery, instantQuery, rangeQuery } from '../../../collector/query/engine.ts'
import type { SampleSeries } from '../../../collector/query/grid/grid.ts'
import { Labels } from '../../../collector/query/grid/labels.ts'
import { parse } from '../../../collector/query/language/parse.ts'
import type { LeafSource } from '../../../collector/query/leaf.ts'
import { QueryError } from '../../../collector/query/query-error.ts'
import { samplesSource } from './memory-source.ts'

const GRID = { startMs: 0, endMs: 600_000, stepMs: 1_000 }

/** So many series with a sample each second of ten minutes. */
const many = (count: number): SampleSeries[] =>
  Array.from({ length: count }, (_, i) => ({
    labels: Labels.of({ __name__: 'x_total', i: String(i) }),
    times: Float64Array.from({ length: 600 }, (_, second) => second * 1_000),
    values: Float64Array.from({ length: 600 }, (_, second) => second * 1.5 + i),
  }))

const failing = (error: Error): LeafSource => ({ answer: () => Promise.reject(error) })

describe('limits', () => {
  const source = samplesSource(many(10))

  test.each([
    ['samples of a leaf', 'x_total[10m]', { maxSamples: 5_000 }],
    ['values of an answer', 'x_total', { maxSamples: 6_000 }],
    ['steps of a subquery', 'vector(1)[100y:1s]', { maxSamples: 6_000 }],
    ['steps of a leaf', 'sum_over_time(x_total[1y:1s])', { maxSamples: 6_000 }],
  ])('of %s', async (_, text, options) => {
    const evaluation = text.includes('[10m]')
      ? instantQuery(text, 600_000, source, options)
      : rangeQuery(
          text.startsWith('vector') ? `sum_over_time(${text})` : text,
          GRID,
          source,
          options,
        )
    await expect(evaluation).rejects.toMatchObject({
      kind: 'execution',
      message: 'query processing would load too many samples into memory in query execution',
    })
  })

  test('of series', async () => {
    await expect(rangeQuery('x_total', GRID, source, { maxSeries: 9 })).rejects.toThrow(
      'a selector has more than 9 series; narrow it',
    )
    await expect(rangeQuery('x_total', GRID, source, { maxSeries: 10 })).resolves.toBeDefined()
  })

  test('of steps', async () => {
    const endMs = 11_000_000
    const grid = { startMs: 0, endMs, stepMs: 1_000 }
    await expect(rangeQuery('1', grid, source)).resolves.toBeDefined()
    await expect(rangeQuery('1', { ...grid, endMs: endMs + 1_000 }, source)).rejects.toMatchObject({
      kind: 'bad_data',
    })
  })

  test.each([
    [{ startMs: 1, endMs: 0, stepMs: 1 }, 'end timestamp must not be before start time'],
    [{ startMs: 0, endMs: 1, stepMs: 0 }, 'zero or negative query resolution step widths'],
  ])('of a grid %o', async (grid, message) => {
    await expect(rangeQuery('1', grid, source)).rejects.toThrow(message)
  })
})

describe('an end before the end', () => {
  test('by who asked', async () => {
    const controller = new AbortController()
    controller.abort()
    const { signal } = controller
    const asked = instantQuery('sum(x_total)', 0, samplesSource(many(1)), { signal })
    await expect(asked).rejects.toMatchObject({ kind: 'canceled' })
  })

  test('in the midst of it', async () => {
    const controller = new AbortController()
    const source = samplesSource(many(300))
    const text = 'sum(stddev_over_time(x_total[5m])) + sum(mad_over_time(x_total[5m]))'
    const asked = rangeQuery(text, GRID, source, { signal: controller.signal })
    await setImmediate()
    controller.abort()
    await expect(asked).rejects.toMatchObject({ kind: 'canceled' })
  })

  test('by time', async () => {
    const source = samplesSource(many(300))
    const asked = rangeQuery('mad_over_time(x_total[5m])', GRID, source, { timeoutMs: 1 })
    await expect(asked).rejects.toMatchObject({ kind: 'timeout' })
  })

  test.each([2 ** 31, 2 ** 33])(
    'not by a time of %i ms, for which there is no timer',
    async (timeoutMs) => {
      const source = samplesSource(many(100))
      const asked = rangeQuery('mad_over_time(x_total[5m])', GRID, source, { timeoutMs })
      await expect(asked).resolves.toMatchObject({ value: { series: { length: 100 } } })
    },
  )

  test('of one leaf ends the others', async () => {
    let given: AbortSignal | undefined
    const source: LeafSource = {
      answer: ({ name }, signal) => {
        if (name === 'bad') return Promise.reject(new QueryError('execution', 'no such luck'))
        given = signal
        return Promise.resolve({ kind: 'samples', series: [] })
      },
    }
    await expect(instantQuery('good + bad', 0, source)).rejects.toThrow('no such luck')
    expect(given?.aborted).toBe(true)
  })

  test('a fault of the source is no answer', async () => {
    await expect(instantQuery('x', 0, failing(new TypeError('broken')))).rejects.toThrow(TypeError)
  })
})

test('other work goes on while a long query is evaluated', async () => {
  let turns = 0
  const done = new AbortController()
  const counting = (async () => {
    while (!done.signal.aborted) {
      await setImmediate()
      turns++
    }
  })()
  await rangeQuery('sum(stddev_over_time(x_total[1m]))', GRID, samplesSource(many(200)))
  done.abort()
  await counting
  // 200 series of 600 windows of 60 samples are many slices; without any there would be a handful of turns.
  expect(turns).toBeGreaterThan(5)
})

test('nothing is asked before types are known to fit', async () => {
  const source = failing(new Error('asked'))
  await expect(instantQuery('rate(x_total)', 0, source)).rejects.toMatchObject({ kind: 'bad_data' })
  await expect(rangeQuery('x_total[5m]', GRID, source)).rejects.toMatchObject({ kind: 'bad_data' })
})

test('other users get values over the grid, with final labels', async () => {
  const grid = { startMs: 60_000, endMs: 120_000, stepMs: 60_000 }
  const { value } = await evaluateQuery(parse('rate(x_total[1m])'), grid, samplesSource(many(1)))
  expect(value).toMatchObject({
    type: 'vector',
    series: [{ labels: Labels.of({ i: '0' }), values: Float64Array.of(1.5, 1.5) }],
  })
})

test('a note says where, if the text is known', async () => {
  const series = [{ ...many(1)[0]!, labels: Labels.of({ __name__: 'level' }) }]
  const text = 'vector(1) or\n  rate(level[1m])'
  const grid = { startMs: 60_000, endMs: 60_000, stepMs: 1 }
  const doubt =
    'PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "level"'
  const { infos } = await instantQuery(text, 60_000, samplesSource(series))
  expect(infos).toEqual([`${doubt} (2:8)`])
  const { notes } = await evaluateQuery(parse(text), grid, samplesSource(series))
  expect(notes.infos).toEqual([doubt])
})

test('the look-back and the step of subqueries are for who asks to choose', async () => {
  const source = samplesSource(many(1))
  const far = await instantQuery('x_total', 700_000, source, { lookbackMs: 60_000 })
  expect(far.value).toMatchObject({ samples: [] })
  const text = 'count_over_time(x_total[5m:])'
  const fine = await instantQuery(text, 600_000, source, { subqueryStepMs: 10_000 })
  expect(fine.value).toMatchObject({ samples: [{ point: [600_000, 30] }] })
})

test('of many notes some are told, the others are counted', async () => {
  const series = Array.from({ length: 12 }, (_, i) => ({
    labels: Labels.of({ __name__: `gauge_${i}` }),
    times: Float64Array.of(1, 2),
    values: Float64Array.of(1, 2),
  }))
  const text = 'rate({__name__=~"gauge_.+"}[5m]) or vector(1)'
  const { infos } = await instantQuery(`count(${text})`, 10, samplesSource(series))
  expect(infos).toHaveLength(11)
  expect(infos[0]).toBe(
    'PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "gauge_0" (1:12)',
  )
  expect(infos[10]).toBe('2 more info annotations omitted')
})

test.each(['topk', 'bottomk', 'limitk'])(
  '%s takes the same of equals, in whatever order a source tells them',
  async (operator) => {
    const all = many(20)
    const equal = all.map((one) => ({ ...one, values: new Float64Array(600).fill(1) }))
    const answers = await Promise.all(
      [equal, equal.toReversed()].map((series) =>
        rangeQuery(`${operator}(3, x_total)`, GRID, samplesSource(series)),
      ),
    )
    expect(answers[0]!.value).toEqual(answers[1]!.value)
  },
)
