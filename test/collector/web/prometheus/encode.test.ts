import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { QueryValue } from '../../../../collector/query/answer.ts'
import { Labels } from '../../../../collector/query/grid/labels.ts'
import {
  encodeAnswer,
  encodeValue,
  gathered,
  formatTime,
  formatValue,
} from '../../../../collector/web/prometheus/encode.ts'

// As strconv.FormatFloat(value, 'f' or 'e', -1, 64) writes them, which the API's encoder calls.
test.each([
  [0, '0'],
  [-0, '-0'],
  [1.5, '1.5'],
  [-3, '-3'],
  [1e20, '100000000000000000000'],
  [1e21, '1e+21'],
  [1.25e-6, '0.00000125'],
  [1e-7, '1e-07'],
  [5e-324, '5e-324'],
  [Number.MAX_VALUE, '1.7976931348623157e+308'],
  [0.1 + 0.2, '0.30000000000000004'],
  [Number.NaN, 'NaN'],
  [Infinity, '+Inf'],
  [-Infinity, '-Inf'],
])('%d is %s', (value, text) => {
  expect(formatValue(value)).toBe(text)
})

test.each([
  [0, '0'],
  [1_435_781_451_781, '1435781451.781'],
  [1_435_781_451_050, '1435781451.050'],
  [1_500, '1.500'],
  [-500, '-0.500'],
  [-1_500, '-1.500'],
])('%d ms are %s s', (ms, text) => {
  expect(formatTime(ms)).toBe(text)
  expect(Number(text)).toBe(ms / 1_000)
})

const read = (value: QueryValue): unknown => JSON.parse([...encodeValue(value)].join(''))
const labels = Labels.of({ __name__: 'up', odd: '"\\\n\u2028' })

test('each kind of value has its shape', () => {
  expect(read({ type: 'scalar', point: [1_000, Number.NaN] })).toEqual({
    resultType: 'scalar',
    result: [1, 'NaN'],
  })
  expect(read({ type: 'string', timeMs: 1_500, text: 'a"b' })).toEqual({
    resultType: 'string',
    result: [1.5, 'a"b'],
  })
  expect(read({ type: 'vector', samples: [{ labels, point: [1_000, 1] }] })).toEqual({
    resultType: 'vector',
    result: [{ metric: { __name__: 'up', odd: '"\\\n\u2028' }, value: [1, '1'] }],
  })
  expect(read({ type: 'vector', samples: [] })).toEqual({ resultType: 'vector', result: [] })
  expect(
    read({
      type: 'matrix',
      series: [
        { labels: Labels.NONE, times: Float64Array.of(0, 1_000), values: Float64Array.of(1, 2) },
        { labels, times: Float64Array.of(0), values: Float64Array.of(Infinity) },
      ],
    }),
  ).toEqual({
    resultType: 'matrix',
    result: [
      {
        metric: {},
        values: [
          [0, '1'],
          [1, '2'],
        ],
      },
      { metric: labels.toObject(), values: [[0, '+Inf']] },
    ],
  })
})

test('a large answer comes in pieces, which together are one document', () => {
  const times = Float64Array.from({ length: 11_000 }, (_, i) => i * 15_000)
  const value: QueryValue = {
    type: 'matrix',
    series: Array.from({ length: 5 }, (_, i) => ({
      labels: Labels.of({ i: String(i) }),
      times,
      values: times.map((time) => time / 7),
    })),
  }
  const pieces = [...gathered(encodeValue(value))]
  expect(pieces.length).toBeGreaterThan(5)
  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(70_000)
  expect(JSON.parse(pieces.join(''))).toMatchObject({ result: { length: 5 } })
})

test('notes are there only where there are any', () => {
  const value: QueryValue = { type: 'scalar', point: [0, 1] }
  expect([...encodeAnswer({ value, warnings: [], infos: [] })].join('')).toBe(
    '{"status":"success","data":{"resultType":"scalar","result":[0,"1"]}}',
  )
  expect(
    JSON.parse([...encodeAnswer({ value, warnings: ['w'], infos: ['i'] })].join('')),
  ).toMatchObject({ warnings: ['w'], infos: ['i'] })
})

test('every number reads back as itself', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (value) => {
      const text = formatValue(value)
      expect(Number(text.replace('Inf', 'Infinity'))).toBe(value)
    }),
  )
})
