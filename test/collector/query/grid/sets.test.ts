import { describe, expect, test } from 'vitest'
import type { GridSeries } from '../../../../collector/query/grid/grid.ts'
import { setOperation } from '../../../../collector/query/grid/sets.ts'
import type { Matching, SetOperator } from '../../../../collector/query/language/tree.ts'
import { s, shown } from './series.ts'

const all: Matching = { isOn: false, labels: [], cardinality: 'many-to-many', include: [] }
const on = (...labels: string[]): Matching => ({ ...all, isOn: true, labels })
const run = (left: GridSeries[], operator: SetOperator, right: GridSeries[], how = all) =>
  shown(setOperation(operator, left, right, how, 3))

const left = [s('a{x=1}', 1, 2, 3), s('a{x=2}', 4, null, 6)]
const right = [s('b{x=1}', 7, null, 9), s('b{x=3}', 1, 1, 1)]

describe('and', () => {
  test('where both are', () => expect(run(left, 'and', right)).toEqual([['a{x=1}', 1, null, 3]]))
  test('on and ignoring', () => {
    expect(run(left, 'and', right, on())).toEqual([
      ['a{x=1}', 1, 2, 3],
      ['a{x=2}', 4, null, 6],
    ])
    expect(run(left, 'and', right, { ...all, labels: ['x'] })).toHaveLength(2)
    expect(run(left, 'and', right, on('x'))).toEqual([['a{x=1}', 1, null, 3]])
  })
  test('nothing', () => {
    expect(run(left, 'and', [])).toEqual([])
    expect(run([], 'and', right)).toEqual([])
  })
})

describe('unless', () => {
  test('where the other is not', () =>
    expect(run(left, 'unless', right)).toEqual([
      ['a{x=1}', null, 2, null],
      ['a{x=2}', 4, null, 6],
    ]))
  test('on', () => expect(run(left, 'unless', right, on())).toEqual([]))
  test('nothing', () => {
    expect(run(left, 'unless', [])).toEqual(shown(left))
    expect(run([], 'unless', right)).toEqual([])
  })
})

describe('or', () => {
  test('left, and right where there is no left', () =>
    expect(run(left, 'or', right)).toEqual([
      ['a{x=1}', 1, 2, 3],
      ['a{x=2}', 4, null, 6],
      ['b{x=3}', 1, 1, 1],
    ]))
  test('each step for itself', () =>
    expect(run([s('a{x=2}', 4, null, 6)], 'or', [s('b{x=2}', 1, 1, 1)])).toEqual([
      ['a{x=2}', 4, null, 6],
      ['b{x=2}', null, 1, null],
    ]))
  test('series of the same labels take turns', () =>
    expect(run([s('a{x=1}', 1, null, 3)], 'or', [s('a{x=1}', 7, 8, 9)])).toEqual([
      ['a{x=1}', 1, 8, 3],
    ]))
  test('several of one match, and a name that is dropped', () => {
    expect(
      run([s('a', null, 1, null)], 'or', [s('b{x=1}', 1, 1, 1), s('b{x=2}', 2, 2, 2)], on()),
    ).toEqual([
      ['a', null, 1, null],
      ['b{x=1}', 1, null, 1],
      ['b{x=2}', 2, null, 2],
    ])
    expect(run([s('a!', 1, null, null)], 'or', [s('a', 2, 2, 2)])).toEqual([
      ['a!', 1, null, null],
      ['a', null, 2, 2],
    ])
  })
  test('nothing', () => {
    expect(run(left, 'or', [])).toEqual(shown(left))
    expect(run([], 'or', right)).toEqual(shown(right))
  })
})
