import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { course, describeAnswer, type QueryData, seriesText } from '../../command/query-report.ts'

const shown = (data: QueryData, notes: readonly string[] = [], width = 80) =>
  stripVTControlCharacters(describeAnswer({ data, notes, width }))

test('a value a series, aligned, as PromQL writes them', () => {
  const data: QueryData = {
    resultType: 'vector',
    result: [
      { metric: { __name__: 'up' }, value: [0, '1'] },
      { metric: { __name__: 'up', instance: 'web-1' }, value: [0, '0.25'] },
      { metric: { instance: 'say "hi"\n' }, value: [0, 'NaN'] },
    ],
  }
  expect(shown(data)).toMatchInlineSnapshot(`
    "  up                            1
      up{instance="web-1"}       0.25
      {instance="say \\"hi\\"\\n"}   NaN"
  `)
})

test('what matches nothing says so, and notes stand below', () => {
  expect(shown({ resultType: 'vector', result: [] }, ['metric might not be a counter'])).toBe(
    '  no series\n  note  metric might not be a counter',
  )
  expect(shown({ resultType: 'matrix', result: [] })).toBe('  no series')
})

test('a scalar and a string are themselves', () => {
  expect(shown({ resultType: 'scalar', result: [0, '+Inf'] })).toBe('  +Inf')
  expect(shown({ resultType: 'string', result: [0, 'a\u001b[31mb'] })).toBe('  ab')
})

test('a range is the course of each series with its figures', () => {
  const values = Array.from({ length: 61 }, (_, i) => [i * 60, String(i)] as const)
  const data: QueryData = {
    resultType: 'matrix',
    result: [
      { metric: { __name__: 'up' }, values },
      { metric: { instance: 'gone' }, values: [[1_800, 'NaN']] },
    ],
  }
  expect(shown(data)).toMatchInlineSnapshot(`
    "  1970-01-01 00:00 to 1970-01-01 01:00 UTC
      up
        ▁▁▁▁▂▂▂▂▃▃▃▄▄▄▄▅▅▅▅▆▆▆▇▇▇▇████  min 0  mean 30  max 60  last 60
      {instance="gone"}
                                        no number"
  `)
})

test('a course has gaps where there is nothing, and is low where nothing changes', () => {
  const flat = [0, 10, 90, 100].map((time) => [time, '5'] as const)
  expect(course(flat, 0, 100, 10)).toBe('▁▁       ▁')
  expect(course([], 0, 100, 4)).toBe('    ')
  expect(course([[7, '1']], 7, 7, 4)).toBe('▁   ')
  expect(
    course(
      [
        [0, '+Inf'],
        [50, '-Inf'],
        [99, '2'],
      ],
      0,
      100,
      2,
    ),
  ).toBe(' ▁')
})

test('more series than a screen or two has are counted', () => {
  const result = Array.from({ length: 130 }, (_, i) => ({
    metric: { i: String(i) },
    value: [0, '1'] as const,
  }))
  expect(shown({ resultType: 'vector', result })).toContain('\n  … and 30 more series')
})

test('names that are not of letters are still told apart', () => {
  expect(seriesText({ __name__: 'up', 'a.b': 'c' })).toBe('up{a.b="c"}')
  expect(seriesText({})).toBe('{}')
})
