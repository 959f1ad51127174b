import { describe, expect, test } from 'vitest'
import { explain } from '../../../collector/query/explain.ts'
import { parse } from '../../../collector/query/language/parse.ts'
import { subqueryGrid } from '../../../collector/query/plan-times.ts'
import { planOf } from '../../../collector/query/plan.ts'

const OPTIONS = { lookbackMs: 300_000, subqueryStepMs: 60_000 }
const RANGE = { startMs: 600_000, endMs: 720_000, stepMs: 60_000 }

const planned = (text: string) => planOf(parse(text), RANGE, OPTIONS)
const leaves = (text: string) => planned(text).leaves
const gridsOf = (text: string) =>
  leaves(text).map(({ grid: { startMs, endMs } }) => [startMs / 60_000, endMs / 60_000])

describe('leaves', () => {
  test('a selector asks for the newest sample of the look-back', () => {
    expect(leaves('x{a="1"}')).toEqual([
      {
        name: 'x',
        matchers: [{ label: 'a', operator: '=', value: '1' }],
        grid: RANGE,
        windowMs: 300_000,
        ask: { kind: 'newest' },
      },
    ])
  })

  test('a function of a range is asked as such, with parameters that are constant', () => {
    const [leaf] = leaves('quantile_over_time(0.5 + 0.25, x[1m])')
    expect(leaf).toMatchObject({
      windowMs: 60_000,
      ask: { kind: 'function', name: 'quantile_over_time', parameters: [0.75] },
    })
  })

  test('a parameter that is not, leaves it to who asks', () => {
    const leaf = leaves('quantile_over_time(scalar(q), x[1m])').find(({ name }) => name === 'x')
    expect(leaf?.ask.kind).toBe('samples')
  })

  test('equal ones are one', () => {
    expect(leaves('sum(rate(x_total[1m])) / sum(rate(x_total[1m]))')).toHaveLength(1)
    expect(leaves('x + x offset 1m')).toHaveLength(2)
    expect(leaves('x - x @ 720')).toHaveLength(2)
    expect(leaves('rate(x_total[1m]) - rate(x_total[2m])')).toHaveLength(2)
  })

  test.each([
    ['sum(x)', 'sum'],
    ['avg by (a) ((x))', 'avg'],
    ['max(rate(x_total[1m]))', 'max'],
    ['group by (__name__) (last_over_time({__name__=~".+"}[1m]))', 'group'],
    ['absent(x)', 'group'],
    ['absent_over_time(x[1m])', 'group'],
  ])('of %s the aggregation is offered', (text, operator) => {
    expect(leaves(text).map(({ aggregation }) => aggregation?.operator)).toEqual([operator])
  })

  test.each([
    ['topk(1, x)'],
    ['stddev(x)'],
    ['sum(abs(x))'],
    ['sum(rate(x_total[5m:1m]))'],
    // Names that a group is by, or that are to be doubted, would be gone.
    ['sum by (__name__) (delta(x[1m]))'],
    ['sum by (__name__) (rate({__name__=~".+_total"}[1m]))'],
    ['sum(rate({a="1"}[1m]))'],
  ])('of %s it is not', (text) => {
    expect(leaves(text).map(({ aggregation }) => aggregation)).toEqual([undefined])
  })
})

describe('times', () => {
  test.each([
    ['x', [[10, 12]]],
    ['x offset 2m', [[8, 10]]],
    ['x offset -2m', [[12, 14]]],
    ['x @ 300', [[5, 5]]],
    ['x @ 300 offset 1m', [[4, 4]]],
    ['x @ start()', [[10, 10]]],
    ['x @ end()', [[12, 12]]],
    ['rate(x_total[5m] offset 1m)', [[9, 11]]],
    ['sum_over_time(x[3m:1m])', [[8, 12]]],
    ['sum_over_time(x[3m:2m])', [[8, 12]]],
    ['sum_over_time(x[3m:])', [[8, 12]]],
    ['sum_over_time(x[3m:1m] offset 5m)', [[3, 7]]],
    ['sum_over_time(x[3m:1m] @ 300)', [[3, 5]]],
    ['sum_over_time((x offset 1m)[3m:1m])', [[7, 11]]],
    // The end is that of the query, also within a subquery.
    ['sum_over_time((x @ end())[3m:1m])', [[12, 12]]],
    ['max_over_time(rate(x_total[2m])[3m:1m])', [[8, 12]]],
  ])('%s', (text, grids) => {
    expect(gridsOf(text)).toEqual(grids)
  })

  test.each([
    [0, 60_000, 60_000, 0],
    [30_000, 60_000, 60_000, 0],
    [60_001, 60_000, 60_000, 60_000],
    [0, 300_000, 7_000, -294_000],
    [-1, 10, 3, -9],
  ])('a subquery at %i over %i each %i starts at %i', (startMs, rangeMs, stepMs, first) => {
    const outer = { startMs, endMs: startMs, stepMs: 1 }
    expect(subqueryGrid(outer, rangeMs, stepMs).startMs).toBe(first)
  })
})

describe('what is the same at each step is evaluated once', () => {
  test.each([
    ['sum(x @ 300)', 'widen'],
    ['rate(x_total[1m] @ 300) * 2', 'widen'],
    ['vector(1)', 'widen'],
    ['x @ 300', 'widen'],
    ['timestamp(x @ 300)', 'widen'],
    ['timestamp(-x @ 300)', 'call'],
    ['predict_linear(x[1m] @ 300, 60)', 'range'],
    ['time() + 0', 'binary'],
    ['hour()', 'call'],
    ['hour(x @ 300)', 'widen'],
    ['1 + 1', 'number'],
    ['x @ 300 + x', 'binary'],
  ])('%s', (text, kind) => {
    expect(planned(text).root.kind).toBe(kind)
  })
})

test('a plan says what is done and what is asked', () => {
  const text =
    'topk(2, sum by (job) (rate(x_total{code=~"5.."}[5m])) / on (job) group_left (owner) -y @ 300) > bool 1'
  expect(explain(planned(text))).toEqual([
    '> bool · 3 steps',
    '  topk · 3 steps',
    '    2 · 3 steps',
    '    / on (job) group_left (owner) · 3 steps',
    '      sum by (job) · 3 steps',
    '        rate of leaf 1 · 3 steps',
    '      the same at each step · 3 steps',
    '        negative · 1 step',
    '          newest value of leaf 2 · 1 step',
    '  1 · 3 steps',
    'leaf 1: rate of x_total{code=~"5.."} over 5m, then sum by (job) · 3 steps from 1970-01-01T00:10:00.000Z to 1970-01-01T00:12:00.000Z each 1m',
    'leaf 2: newest of y over 5m · 1 step at 1970-01-01T00:05:00.000Z',
  ])
})

test('a subquery is a plan of its own', () => {
  expect(explain(planned('max_over_time(absent(x)[2m:1m])')).slice(0, 3)).toEqual([
    'max_over_time of a subquery · 3 steps',
    '  absent · 4 steps',
    '    newest value of leaf 1 · 4 steps',
  ])
})
