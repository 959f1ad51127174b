import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aggregate } from '../../../../collector/query/grid/aggregate.ts'
import type { GridSeries } from '../../../../collector/query/grid/grid.ts'
import type { AggregateOperator } from '../../../../collector/query/language/tree.ts'
import { Notes } from '../../../../collector/query/notes.ts'
import { s, shown } from './series.ts'

const NONE = { isWithout: false, labels: [] }
const by = (...labels: string[]) => ({ isWithout: false, labels })
const without = (...labels: string[]) => ({ isWithout: true, labels })

function run(
  operator: AggregateOperator,
  series: readonly GridSeries[],
  grouping: { isWithout: boolean; labels: string[] } = NONE,
  options: { parameter?: number | number[]; label?: string; notes?: Notes } = {},
) {
  const steps = series[0]?.values.length ?? 1
  const { parameter = [], label = '', notes = new Notes() } = options
  const parameters = typeof parameter === 'number' ? Array(steps).fill(parameter) : parameter
  return shown(
    aggregate(operator, series, grouping, steps, {
      parameter: Float64Array.from(parameters),
      label,
      notes,
    }),
  )
}
/** Of values at one step. */
const of = (operator: AggregateOperator, values: number[], parameter?: number) =>
  run(
    operator,
    values.map((value, i) => s(`a{i=${i}}`, value)),
    NONE,
    parameter === undefined ? {} : { parameter },
  )[0]?.[1]

describe('values', () => {
  const f = (operator: AggregateOperator, values: number[], expected: number) =>
    expect(of(operator, values)).toBe(expected)
  test('sum', () => {
    f('sum', [1, 2, 3.5], 6.5)
    f('sum', [1, 1e100, 1, -1e100], 2)
    f('sum', [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], 2.1)
    f('sum', [Infinity, 1], Infinity)
    f('sum', [1, Infinity, -Infinity], Number.NaN)
    f('sum', [1, Number.NaN], Number.NaN)
    f('sum', [1e308, 1e308], Infinity)
    f('sum', [-0], 0)
  })
  test('avg', () => {
    f('avg', [1, 2, 6], 3)
    f('avg', [1, 1e100, 1, -1e100], 0.5)
    f('avg', [1e308, 1e308, 1e308], 1e308)
    f('avg', [1e308, 1e308, -1e308, -1e308], 0)
    f('avg', [Infinity, 1], Infinity)
    f('avg', [1, -Infinity, 1], -Infinity)
    f('avg', [Infinity, -Infinity], Number.NaN)
    f('avg', [Number.NaN, 1], Number.NaN)
  })
  test('min and max', () => {
    f('min', [2, 1, 3], 1)
    f('max', [2, 3, 1], 3)
    f('min', [Number.NaN, 2, Number.NaN], 2)
    f('max', [Number.NaN, 2, Number.NaN], 2)
    f('max', [Number.NaN, -Infinity], -Infinity)
    f('min', [Number.NaN, Number.NaN], Number.NaN)
  })
  test('count and group', () => {
    f('count', [5, 5, Number.NaN], 3)
    f('group', [5, 7], 1)
  })
  test('stddev and stdvar', () => {
    f('stdvar', [2, 4, 4, 4, 5, 5, 7, 9], 4)
    f('stddev', [2, 4, 4, 4, 5, 5, 7, 9], 2)
    f('stdvar', [7], 0)
    f('stdvar', [Infinity], Number.NaN)
    f('stdvar', [1, Number.NaN], Number.NaN)
    f('stddev', [Number.NaN], Number.NaN)
  })
  test('quantile', () => {
    const f = (q: number, values: number[], expected: number) =>
      expect(of('quantile', values, q)).toBe(expected)
    f(0.5, [3, 1, 2], 2)
    f(0.25, [0, 10], 2.5)
    f(0, [3, 1, 2], 1)
    f(1, [3, 1, 2], 3)
    f(0.9, [1], 1)
    f(-0.1, [1, 2], -Infinity)
    f(1.1, [1, 2], Infinity)
    f(Number.NaN, [1, 2], Number.NaN)
    f(0, [1, Number.NaN], Number.NaN)
    f(1, [1, Number.NaN], 1)
  })
})

describe('groups', () => {
  const series = [s('a{x=1,y=1}', 1), s('a{x=1,y=2}', 2), s('b{x=2,y=1}', 4), s('b!{y=2}', 8)]
  test('of one', () => expect(run('sum', series)).toEqual([['', 15]]))
  test('by', () => {
    expect(run('sum', series, by('x'))).toEqual([
      ['{x=1}', 3],
      ['{x=2}', 4],
      ['', 8],
    ])
    expect(run('sum', series, by('x', 'y', 'z'))).toHaveLength(4)
    expect(run('sum', series, by('__name__'))).toEqual([
      ['a', 3],
      ['b', 12],
    ])
  })
  test('without', () => {
    expect(run('sum', series, without('x'))).toEqual([
      ['{y=1}', 5],
      ['{y=2}', 10],
    ])
    expect(run('sum', series, without())).toEqual([
      ['{x=1,y=1}', 1],
      ['{x=1,y=2}', 2],
      ['{x=2,y=1}', 4],
      ['{y=2}', 8],
    ])
  })
  test('of nothing', () => {
    for (const operator of [
      'sum',
      'count',
      'topk',
      'quantile',
      'count_values',
      'limitk',
    ] as const) {
      expect(run(operator, [], NONE, { parameter: 1, label: 'v' })).toEqual([])
    }
  })
  test('each step for itself', () => {
    const series = [s('a{x=1}', 1, null, 3, null), s('a{x=2}', 10, 20, null, null)]
    expect(run('sum', series)).toEqual([['', 11, 20, 3, null]])
    expect(run('avg', series)).toEqual([['', 5.5, 20, 3, null]])
    expect(run('count', series)).toEqual([['', 2, 1, 1, null]])
    expect(run('group', series)).toEqual([['', 1, 1, 1, null]])
    expect(run('max', series)).toEqual([['', 10, 20, 3, null]])
    expect(run('stdvar', series)).toEqual([['', 20.25, 0, 0, null]])
    expect(run('quantile', series, NONE, { parameter: [0, 0.5, 1, 1] })).toEqual([
      ['', 1, 20, 3, null],
    ])
  })
})

describe('some of the series', () => {
  const series = [s('a{i=1}', 3), s('a!{i=2}', 1), s('a{i=3,g=x}', 5), s('a{i=4}', Number.NaN)]
  test('topk and bottomk, in order', () => {
    expect(run('topk', series, NONE, { parameter: 2 })).toEqual([
      ['a{g=x,i=3}', 5],
      ['a{i=1}', 3],
    ])
    expect(run('bottomk', series, NONE, { parameter: 2 })).toEqual([
      ['a!{i=2}', 1],
      ['a{i=1}', 3],
    ])
    expect(run('topk', series, NONE, { parameter: 9 }).map(([, value]) => value)).toEqual([
      5,
      3,
      1,
      Number.NaN,
    ])
    expect(run('bottomk', series, NONE, { parameter: 9 }).map(([, value]) => value)).toEqual([
      1,
      3,
      5,
      Number.NaN,
    ])
    expect(run('topk', series, by('g'), { parameter: 1 })).toEqual([
      ['a{i=1}', 3],
      ['a{g=x,i=3}', 5],
    ])
  })
  test('how many', () => {
    expect(run('topk', series, NONE, { parameter: 0 })).toEqual([])
    expect(run('topk', series, NONE, { parameter: -3 })).toEqual([])
    expect(run('topk', series, NONE, { parameter: 1.9 })).toEqual([['a{g=x,i=3}', 5]])
  })
  test('at each step', () => {
    const series = [s('a{i=1}', 1, 5, null), s('a{i=2}', 2, 4, 1), s('a{i=3}', 3, 3, null)]
    expect(run('topk', series, NONE, { parameter: [1, 2, 5] })).toEqual([
      ['a{i=1}', null, 5, null],
      ['a{i=2}', null, 4, 1],
      ['a{i=3}', 3, null, null],
    ])
    expect(run('bottomk', series, NONE, { parameter: [1, 1, 0] })).toEqual([
      ['a{i=1}', 1, null, null],
      ['a{i=3}', null, 3, null],
    ])
  })
  test('limitk', () => {
    expect(run('limitk', series, NONE, { parameter: 2 })).toEqual([
      ['a{i=1}', 3],
      ['a!{i=2}', 1],
    ])
    expect(
      run('limitk', [s('a{i=1}', null, 1), s('a{i=2}', 2, 2)], NONE, { parameter: 1 }),
    ).toEqual([
      ['a{i=1}', null, 1],
      ['a{i=2}', 2, null],
    ])
    expect(run('limitk', series, NONE, { parameter: 0 })).toEqual([])
  })
  test('limit_ratio and its complement', () => {
    const many = Array.from({ length: 1_000 }, (_, i) => s(`a{i=${i}}`, i))
    const some = run('limit_ratio', many, NONE, { parameter: 0.3 })
    const others = run('limit_ratio', many, NONE, { parameter: -0.7 })
    expect(some.length).toBeGreaterThan(240)
    expect(some.length).toBeLessThan(360)
    const values = [...some, ...others].map(([, value]) => value as number)
    expect(values.sort((a, b) => a - b)).toEqual(many.map((_, i) => i))
    expect(run('limit_ratio', many, NONE, { parameter: 1 })).toHaveLength(1_000)
    expect(run('limit_ratio', many, NONE, { parameter: -1 })).toHaveLength(1_000)
    expect(run('limit_ratio', many, NONE, { parameter: 0 })).toEqual([])
  })
  test('parameters of no use', () => {
    const f = (operator: AggregateOperator, parameter: number, message: string) =>
      expect(() => run(operator, series, NONE, { parameter })).toThrow(message)
    f('topk', Number.NaN, 'Parameter value is NaN')
    f('topk', 1e300, 'Scalar value 1e+300 overflows int64')
    f('limitk', -Infinity, 'Scalar value -Inf underflows int64')
    f('limit_ratio', Number.NaN, 'Ratio value is NaN')
  })
})

describe('count_values', () => {
  test('values become labels', () => {
    const series = [s('a{x=1}', 2), s('a{x=2}', 2), s('a{x=3}', 1e21)]
    expect(run('count_values', series, NONE, { label: 'v' })).toEqual([
      ['{v=2}', 2],
      ['{v=1000000000000000000000}', 1],
    ])
    expect(run('count_values', series, by('x'), { label: 'v' })).toHaveLength(3)
    expect(run('count_values', series, without('x'), { label: 'v' })).toHaveLength(2)
    expect(run('count_values', series, by('x'), { label: 'x' })).toHaveLength(2)
  })
  test('all kinds of numbers', () => {
    const values = [Number.NaN, Infinity, -Infinity, -0, 0, 1e-7, 0.5]
    const series = values.map((value, i) => s(`a{i=${i}}`, value))
    const names = run('count_values', series, NONE, { label: 'v' }).map(([name]) => name)
    expect(names).toEqual([
      '{v=NaN}',
      '{v=+Inf}',
      '{v=-Inf}',
      '{v=-0}',
      '{v=0}',
      '{v=0.0000001}',
      '{v=0.5}',
    ])
  })
  test('at each step', () =>
    expect(
      run('count_values', [s('a', 1, 2, 1), s('b', 1, null, 1)], NONE, { label: 'v' }),
    ).toEqual([
      ['{v=1}', 2, null, 2],
      ['{v=2}', null, 1, null],
    ]))
  test('0 and -0 are two', () =>
    expect(run('count_values', [s('a', 0, -0)], NONE, { label: 'v' })).toEqual([
      ['{v=0}', 1, null],
      ['{v=-0}', null, 1],
    ]))
  test('of no label, and of too many values', () => {
    expect(() => run('count_values', [s('a', 1)])).toThrow('invalid label name ""')
    const series = s('a', ...Array.from({ length: 5_000 }, (_, i) => i))
    expect(() => run('count_values', [series], NONE, { label: 'v' })).toThrow('too many samples')
  })
})

test('what is said beside', () => {
  const f = (operator: AggregateOperator, parameter: number, ...expected: string[]) => {
    const notes = new Notes()
    run(operator, [s('a', 1)], NONE, { parameter, notes })
    expect(notes.warnings.map((note) => note.replace('PromQL warning: ', ''))).toEqual(expected)
  }
  f('quantile', 0.5)
  f('quantile', 1.5, 'quantile value should be between 0 and 1, got 1.5')
  f('quantile', Number.NaN, 'quantile value should be between 0 and 1, got NaN')
  f('limit_ratio', 0.5)
  f('limit_ratio', -2, 'ratio value should be between -1 and 1, got -2, capping to -1')
})

test('a sum depends on the order by no more than its last digits', () => {
  const value = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e200, max: 1e200 })
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 20 }), (values) => {
      const [there, back] = [of('sum', values), of('sum', [...values].reverse())] as [
        number,
        number,
      ]
      const size = Math.max(...values.map(Math.abs))
      expect(Math.abs(there - back)).toBeLessThanOrEqual(1e-15 * values.length * size)
    }),
  )
})

test('topk takes the largest', () => {
  const value = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constant(Number.NaN))
  fc.assert(
    fc.property(fc.array(value, { minLength: 1 }), fc.nat(12), (values, k) => {
      const taken = run(
        'topk',
        values.map((one, i) => s(`a{i=${i}}`, one)),
        NONE,
        { parameter: k },
      ).map(([, one]) => one)
      const numbers = values.filter((one) => !Number.isNaN(one)).sort((a, b) => b - a)
      const nans = values.filter((one) => Number.isNaN(one))
      expect(taken).toEqual([...numbers, ...nans].slice(0, k))
    }),
  )
})
