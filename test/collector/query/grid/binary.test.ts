import { describe, expect, test } from 'vitest'
import {
  scalarScalar,
  vectorScalar,
  vectorVector,
} from '../../../../collector/query/grid/binary.ts'
import type { GridSeries } from '../../../../collector/query/grid/grid.ts'
import type { BinaryOperator, Matching } from '../../../../collector/query/language/tree.ts'
import { QueryError } from '../../../../collector/query/query-error.ts'
import { s, shown } from './series.ts'

describe('numbers', () => {
  const f = (left: number, operator: BinaryOperator, right: number, expected: number) =>
    expect(scalarScalar(operator, Float64Array.of(left), Float64Array.of(right))[0]).toBe(expected)
  const [inf, nan] = [Infinity, Number.NaN]
  test('sums, products and quotients', () => {
    f(1, '+', 2, 3)
    f(1, '-', 2, -1)
    f(2, '*', 3, 6)
    f(1, '/', 4, 0.25)
    f(1, '/', 0, inf)
    f(-1, '/', 0, -inf)
    f(0, '/', 0, nan)
    f(inf, '-', inf, nan)
  })
  test('remainders', () => {
    f(7, '%', 3, 1)
    f(-7, '%', 3, -1)
    f(7, '%', -3, 1)
    f(5.5, '%', 2, 1.5)
    f(5, '%', 0, nan)
    f(5, '%', inf, 5)
    f(inf, '%', 5, nan)
    f(-0, '%', 5, -0)
  })
  test('powers', () => {
    f(2, '^', 10, 1024)
    f(4, '^', 0.5, 2)
    f(-8, '^', 1 / 3, nan)
    f(0, '^', -1, inf)
    f(1, '^', nan, 1)
    f(1, '^', inf, 1)
    f(-1, '^', -inf, 1)
    f(nan, '^', 0, 1)
    f(2, '^', nan, nan)
  })
  test('angles', () => {
    f(1, 'atan2', 1, Math.PI / 4)
    f(0, 'atan2', -1, Math.PI)
    f(-0, 'atan2', -1, -Math.PI)
    f(nan, 'atan2', 1, nan)
  })
  test('comparisons are 0 or 1', () => {
    f(1, '<', 2, 1)
    f(2, '<', 1, 0)
    f(2, '<=', 2, 1)
    f(2, '>=', 3, 0)
    f(2, '>', 1, 1)
    f(-0, '==', 0, 1)
    f(nan, '==', nan, 0)
    f(nan, '!=', nan, 1)
    f(nan, '<', 1, 0)
    f(inf, '==', inf, 1)
  })
  test('each step for itself', () =>
    expect([...scalarScalar('-', Float64Array.of(1, 2, 3), Float64Array.of(3, 2, 1))]).toEqual([
      -2, 0, 2,
    ]))
})

describe('series and numbers', () => {
  const series = [s('a{x=1}', 1, 2, null, Number.NaN), s('b!{x=2}', 5, null, null, 1)]
  const f = (
    operator: BinaryOperator,
    values: number[],
    options: { left?: true; bool?: true } = {},
  ) =>
    shown(
      vectorScalar(operator, series, Float64Array.from(values), {
        isScalarLeft: options.left === true,
        isBool: options.bool === true,
      }),
    )
  test('arithmetic drops the name', () => {
    expect(f('*', [2, 3, 4, 5])).toEqual([
      ['a!{x=1}', 2, 6, null, Number.NaN],
      ['b!{x=2}', 10, null, null, 5],
    ])
    expect(f('-', [1, 1, 1, 1], { left: true })).toEqual([
      ['a!{x=1}', 0, -1, null, Number.NaN],
      ['b!{x=2}', -4, null, null, 0],
    ])
  })
  test('comparisons filter and keep it', () => {
    expect(f('>', [1, 1, 1, 1])).toEqual([
      ['a{x=1}', null, 2, null, null],
      ['b!{x=2}', 5, null, null, null],
    ])
    expect(f('!=', [1, 1, 1, 1])[0]).toEqual(['a{x=1}', null, 2, null, Number.NaN])
    expect(f('==', [7, 7, 7, 7])).toEqual([])
  })
  test('the value of the series passes on whichever side it is', () =>
    expect(f('<', [1, 1, 1, 1], { left: true })).toEqual([
      ['a{x=1}', null, 2, null, null],
      ['b!{x=2}', 5, null, null, null],
    ]))
  test('bool says 0 and 1 and drops the name', () =>
    expect(f('>', [1, 1, 1, 1], { bool: true })).toEqual([
      ['a!{x=1}', 0, 1, null, 0],
      ['b!{x=2}', 1, null, null, 0],
    ]))
})

const matching = (more: Partial<Matching> = {}): Matching => ({
  isOn: false,
  labels: [],
  cardinality: 'one-to-one',
  include: [],
  ...more,
})
const on = (...labels: string[]) => matching({ isOn: true, labels })

function run(
  operator: BinaryOperator,
  left: GridSeries[],
  right: GridSeries[],
  how: Matching = matching(),
  isBool = false,
) {
  const steps = left[0]?.values.length ?? right[0]?.values.length ?? 1
  return shown(vectorVector(operator, left, right, how, { isBool, steps }))
}

describe('one to one', () => {
  test('by all labels but the name', () => {
    expect(run('+', [s('a{x=1}', 1), s('a{x=2}', 2)], [s('b{x=2}', 20), s('b{x=3}', 30)])).toEqual([
      ['{x=2}', 22],
    ])
    expect(run('+', [s('a', 1)], [s('b', 2)])).toEqual([['', 3]])
    expect(run('+', [], [s('b', 2)])).toEqual([])
    expect(run('+', [s('a', 2)], [])).toEqual([])
  })
  test('on and ignoring', () => {
    const [left, right] = [[s('a{x=1,y=1}', 1)], [s('b{x=1,z=1}', 2)]]
    expect(run('+', left, right)).toEqual([])
    expect(run('+', left, right, on('x'))).toEqual([['{x=1}', 3]])
    expect(run('+', left, right, matching({ labels: ['y', 'z'] }))).toEqual([['{x=1}', 3]])
    expect(run('+', left, right, on())).toEqual([['', 3]])
    expect(run('+', left, right, on('none'))).toEqual([['', 3]])
  })
  test('comparisons keep the left one', () => {
    const [left, right] = [[s('a{x=1}', 1, 5, 5)], [s('b{x=1}', 3, 3, null)]]
    expect(run('>', left, right)).toEqual([['a{x=1}', null, 5, null]])
    expect(run('>', left, right, on('x'))).toEqual([['{x=1}', null, 5, null]])
    expect(run('>', left, right, matching(), true)).toEqual([['a!{x=1}', 0, 1, null]])
    expect(run('>', [s('a!{x=1}', 9)], [s('b{x=1}', 3)])).toEqual([['a!{x=1}', 9]])
    expect(run('==', [s('a{x=1}', 9)], [s('b{x=1}', 3)])).toEqual([])
  })
  test('by the name where it is asked for', () => {
    expect(run('==', [s('a', 1), s('b', 1)], [s('a', 1)], on('__name__'))).toEqual([['a', 1]])
    expect(run('+', [s('a!{x=1}', 1)], [s('a{y=1}', 1)], on('__name__'))).toEqual([['', 2]])
  })
  test('at each step', () =>
    expect(run('-', [s('a', 1, null, 3)], [s('b', 1, 1, null)])).toEqual([['', 0, null, null]]))
  test('those that take turns are one series', () => {
    const turns = [s('a{p=1,x=1}', 1, null), s('a{p=2,x=1}', null, 2)]
    expect(run('+', turns, [s('b{x=1}', 10, 10)], on('x'))).toEqual([['{x=1}', 11, 12]])
    expect(run('+', [s('b{x=1}', 10, 10)], turns, on('x'))).toEqual([['{x=1}', 11, 12]])
  })
})

describe('what clashes', () => {
  const fails = (action: () => unknown, message: string) => {
    expect(action).toThrow(QueryError)
    expect(action).toThrow(message)
  }
  const twice = [s('a{x=1,y=1}', 1), s('a{x=1,y=2}', 2)]
  test('two on the one side', () => {
    fails(
      () => run('+', [s('b{x=1}', 1)], twice, on('x')),
      'found duplicate series for the match group {x="1"} on the right hand-side of the operation: [{__name__="a", x="1", y="2"}, {__name__="a", x="1", y="1"}];many-to-many matching not allowed: matching labels must be unique on one side',
    )
    fails(
      () => run('+', twice, [s('b{x=1}', 1)], { ...on('x'), cardinality: 'one-to-many' }),
      'found duplicate series for the match group {x="1"} on the left hand-side of the operation',
    )
    fails(() => run('+', [s('b{z=1}', 1)], twice, on('x')), 'found duplicate series')
  })
  test('only at a step at which both are, and the other side is something', () => {
    const turns = [s('a{x=1,y=1}', 1, null), s('a{x=1,y=2}', 1, 1)]
    expect(run('+', [s('b{x=1}', null, 1)], turns, on('x'))).toEqual([['{x=1}', null, 2]])
    fails(() => run('+', [s('b{x=1}', 1, 1)], turns, on('x')), 'found duplicate series')
  })
  test('two on the other', () => {
    const message =
      'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)'
    fails(() => run('+', twice, [s('b{x=1}', 1)], on('x')), message)
    fails(() => run('>', twice, [s('b{x=1}', 0)], on('x')), message)
    expect(run('>', twice, [s('b{x=1}', 1)], on('x'))).toEqual([['{x=1}', 2]])
    expect(run('+', twice, [s('b{x=2}', 1)], on('x'))).toEqual([])
  })
  test('labels that are the same then', () =>
    fails(
      () =>
        run('+', twice, [s('b{x=1,y=3}', 1)], {
          ...on('x'),
          cardinality: 'many-to-one',
          include: ['y'],
        }),
      'multiple matches for labels: grouping labels must ensure unique matches',
    ))
})

describe('one to many', () => {
  const many = [s('a{x=1,y=1}', 4), s('a{x=1,y=2}', 6), s('a{x=2,y=1}', 8)]
  const one = [s('b{x=1,z=7}', 2), s('b{x=2}', 4)]
  const left = (...include: string[]): Matching => ({
    ...on('x'),
    cardinality: 'many-to-one',
    include,
  })
  const right = (...include: string[]): Matching => ({
    ...left(...include),
    cardinality: 'one-to-many',
  })
  test('the many keep their labels', () => {
    const expected = [
      ['{x=1,y=1}', 2],
      ['{x=1,y=2}', 3],
      ['{x=2,y=1}', 2],
    ]
    expect(run('/', many, one, left())).toEqual(expected)
    expect(run('/', one, many, right()).map(([name]) => name)).toEqual(
      expected.map(([name]) => name),
    )
    expect(run('/', one, many, right()).map(([, value]) => value)).toEqual([0.5, 2 / 6, 0.5])
  })
  test('and take over what is asked for', () => {
    expect(run('/', many, one, left('z'))).toEqual([
      ['{x=1,y=1,z=7}', 2],
      ['{x=1,y=2,z=7}', 3],
      ['{x=2,y=1}', 2],
    ])
    expect(run('+', [s('a{x=1,z=0}', 1)], [s('b{x=1}', 1)], left('z'))).toEqual([['{x=1}', 2]])
    expect(run('>', many, one, left('__name__')).map(([name]) => name)).toContain('b{x=1,y=1}')
  })
  test('comparisons keep the value of the left and the labels of the many', () => {
    expect(run('>', many, one, left())).toEqual([
      ['a{x=1,y=1}', 4],
      ['a{x=1,y=2}', 6],
      ['a{x=2,y=1}', 8],
    ])
    expect(run('<', one, many, right())).toEqual([
      ['a{x=1,y=1}', 2],
      ['a{x=1,y=2}', 2],
      ['a{x=2,y=1}', 4],
    ])
  })
})
