import { expect, test } from 'vitest'
import { parse } from '../../../../collector/query/language/parse.ts'
import { treeJson } from '../../../../collector/query/language/tree-json.ts'

const f = (text: string, expected: unknown) => expect(treeJson(parse(text))).toEqual(expected)

const selector = (name: string, more = {}) => ({
  type: 'vectorSelector',
  name,
  offset: 0,
  matchers: [{ name: '__name__', value: name, type: '=' }],
  timestamp: null,
  startOrEnd: null,
  anchored: false,
  smoothed: false,
  ...more,
})

test('literals', () => {
  f('1.5', { type: 'numberLiteral', val: '1.5' })
  f('-Inf', { type: 'numberLiteral', val: '-Inf' })
  f('5m', { type: 'numberLiteral', val: '300' })
  f('"x"', { type: 'stringLiteral', val: 'x' })
})

test('selectors', () => {
  f('a', selector('a'))
  f('a{x!~"y"} @ 1.5 offset 5m', {
    ...selector('a', { offset: 300_000, timestamp: 1_500 }),
    matchers: [
      { name: 'x', value: 'y', type: '!~' },
      { name: '__name__', value: 'a', type: '=' },
    ],
  })
  f('{x="y"} @ end()', {
    ...selector('', { startOrEnd: 'end' }),
    matchers: [{ name: 'x', value: 'y', type: '=' }],
  })
  f('a[5m]', selector('a', { type: 'matrixSelector', range: 300_000 }))
  f('a[5m:1m] @ start()', {
    type: 'subquery',
    expr: selector('a'),
    range: 300_000,
    offset: 0,
    step: 60_000,
    timestamp: null,
    startOrEnd: 'start',
  })
  f('a[5m:]', expect.objectContaining({ step: 0 }))
})

test('operators', () => {
  f('-(a)', { type: 'unaryExpr', op: '-', expr: { type: 'parenExpr', expr: selector('a') } })
  f('a / on(x) group_left(y) b', {
    type: 'binaryExpr',
    op: '/',
    lhs: selector('a'),
    rhs: selector('b'),
    matching: {
      card: 'many-to-one',
      labels: ['x'],
      on: true,
      include: ['y'],
      fillValues: { lhs: null, rhs: null },
    },
    bool: false,
  })
  f('a > bool 1', {
    type: 'binaryExpr',
    op: '>',
    lhs: selector('a'),
    rhs: { type: 'numberLiteral', val: '1' },
    matching: null,
    bool: true,
  })
})

test('aggregations and calls', () => {
  f('topk without (x) (1, a)', {
    type: 'aggregation',
    op: 'topk',
    expr: selector('a'),
    param: { type: 'numberLiteral', val: '1' },
    grouping: ['x'],
    without: true,
  })
  f('sum(a)', {
    type: 'aggregation',
    op: 'sum',
    expr: selector('a'),
    param: null,
    grouping: [],
    without: false,
  })
  f('round(a)', {
    type: 'call',
    func: { name: 'round', argTypes: ['vector', 'scalar'], variadic: 1, returnType: 'vector' },
    args: [selector('a')],
  })
})
