import { describe, expect, test } from 'vitest'
import { check } from '../../../../collector/query/language/check.ts'
import { functions } from '../../../../collector/query/language/functions.ts'
import { parse } from '../../../../collector/query/language/parse.ts'

describe('types', () => {
  const f = (text: string, type: string) => expect(check(parse(text))).toBe(type)
  test('of literals and selectors', () => {
    f('1', 'scalar')
    f('5m', 'scalar')
    f('"a"', 'string')
    f('a', 'vector')
    f('a[5m]', 'matrix')
    f('a[5m:]', 'matrix')
    f('(a[5m])', 'matrix')
  })
  test('of operators', () => {
    f('1 + 2', 'scalar')
    f('1 == bool 2', 'scalar')
    f('a + 1', 'vector')
    f('1 > a', 'vector')
    f('a and b', 'vector')
    f('-1', 'scalar')
    f('-a', 'vector')
    f('-time()', 'scalar')
    f('scalar(a) + 1', 'scalar')
  })
  test('of calls and aggregations', () => {
    f('time()', 'scalar')
    f('pi()', 'scalar')
    f('vector(1)', 'vector')
    f('rate(a[5m])', 'vector')
    f('sum(a)', 'vector')
    f('topk(scalar(a), a)', 'vector')
    f('max_over_time(rate(a[5m])[1h:1m])', 'vector')
  })
  test('of as many arguments as are allowed', () => {
    f('hour()', 'vector')
    f('hour(a)', 'vector')
    f('round(a)', 'vector')
    f('round(a, 5)', 'vector')
    f('label_join(a, "x", ",")', 'vector')
    f('label_join(a, "x", ",", "y", "z", "w")', 'vector')
    f('sort_by_label(a)', 'vector')
    f('sort_by_label_desc(a, "x", "y", "z")', 'vector')
  })
  test('a selector of what is not empty', () => {
    f('{a="b"}', 'vector')
    f('{a!=""}', 'vector')
    f('{a=~".+"}', 'vector')
    f('{a!~"x|"}', 'vector')
    f('a{b=""}', 'vector')
    f('{a="",b="c"}', 'vector')
  })
})

function thrown(action: () => void): string {
  try {
    action()
  } catch (error) {
    return String(error)
  }
  return 'nothing'
}

describe('what does not fit', () => {
  const f = (text: string, at: string, message: string) => {
    const expr = parse(text)
    expect(thrown(() => check(expr))).toBe(`QueryError: ${message}`)
    expect(thrown(() => check(expr, text))).toBe(`QueryError: ${at}: parse error: ${message}`)
  }
  test('arguments', () => {
    f('rate(a)', '1:6', 'expected type range vector in call to function "rate", got instant vector')
    f(
      'abs(a[5m])',
      '1:5',
      'expected type instant vector in call to function "abs", got range vector',
    )
    f('abs(1)', '1:5', 'expected type instant vector in call to function "abs", got scalar')
    f('vector(a)', '1:8', 'expected type scalar in call to function "vector", got instant vector')
    f(
      'label_replace(a, 1, "", "", "")',
      '1:18',
      'expected type string in call to function "label_replace", got scalar',
    )
    f(
      'label_join(a, "b", ",", "c", d)',
      '1:30',
      'expected type string in call to function "label_join", got instant vector',
    )
    f(
      '1 +\n rate(sum(a))',
      '2:7',
      'expected type range vector in call to function "rate", got instant vector',
    )
  })
  test('how many', () => {
    f('rate()', '1:1', 'expected 1 argument(s) in call to "rate", got 0')
    f('time(1)', '1:1', 'expected 0 argument(s) in call to "time", got 1')
    f('clamp(a, 1)', '1:1', 'expected 3 argument(s) in call to "clamp", got 2')
    f('hour(a, a)', '1:1', 'expected at most 1 argument(s) in call to "hour", got 2')
    f('round()', '1:1', 'expected at least 1 argument(s) in call to "round", got 0')
    f('round(a, 1, 2)', '1:1', 'expected at most 2 argument(s) in call to "round", got 3')
    f('label_join(a, "b")', '1:1', 'expected at least 3 argument(s) in call to "label_join", got 2')
    f('sort_by_label()', '1:1', 'expected at least 1 argument(s) in call to "sort_by_label", got 0')
  })
  test('operators', () => {
    f('a + bool b', '1:3', 'bool modifier can only be used on comparison operators')
    f('a and bool b', '1:3', 'bool modifier can only be used on comparison operators')
    f('1 == 2', '1:3', 'comparisons between scalars must use BOOL modifier')
    f('time() > 1', '1:8', 'comparisons between scalars must use BOOL modifier')
    f('a + "b"', '1:5', 'binary expression must contain only scalar and instant vector types')
    f('a[5m] + b', '1:1', 'binary expression must contain only scalar and instant vector types')
    f('a and 1', '1:1', 'set operator "and" not allowed in binary scalar expression')
    f('1 or 2', '1:1', 'set operator "or" not allowed in binary scalar expression')
    f('a unless on(x) group_left(y) b', '1:1', 'no grouping allowed for "unless" operation')
    f('a or on(x) group_right b', '1:1', 'no grouping allowed for "or" operation')
    f(
      'a + on(x) group_left(y, x) b',
      '1:3',
      'label "x" must not occur in ON and GROUP clause at once',
    )
    f(
      '-"a"',
      '1:1',
      'unary expression only allowed on expressions of type scalar or instant vector, got "string"',
    )
    f(
      '-a[5m]',
      '1:1',
      'unary expression only allowed on expressions of type scalar or instant vector, got "range vector"',
    )
  })
  test('aggregations', () => {
    f('sum(1)', '1:5', 'expected type instant vector in aggregation expression, got scalar')
    f(
      'sum(a[5m])',
      '1:5',
      'expected type instant vector in aggregation expression, got range vector',
    )
    f('topk(a, b)', '1:6', 'expected type scalar in aggregation parameter, got instant vector')
    f('limitk("1", b)', '1:8', 'expected type scalar in aggregation parameter, got string')
    f('count_values(1, a)', '1:14', 'expected type string in aggregation parameter, got scalar')
  })
  test('subqueries', () => {
    f('a[5m][5m:]', '1:1', 'subquery is only allowed on instant vector, got matrix instead')
    f('1[5m:]', '1:1', 'subquery is only allowed on instant vector, got scalar instead')
  })
  test('selectors of everything', () => {
    const f0 = (text: string, at = '1:1') =>
      f(text, at, 'vector selector must contain at least one non-empty matcher')
    f0('{}')
    f0('{a=""}')
    f0('{a!="x"}')
    f0('{a=~".*"}')
    f0('{a=~"x|"}')
    f0('{a!~".+"}')
    f0('{""}')
    f0('{__name__=""}')
    f0('rate({a=~".*"}[5m])', '1:6')
  })
  test('also deep inside', () => {
    f(
      'sum(1 + (abs(-rate(a))))',
      '1:20',
      'expected type range vector in call to function "rate", got instant vector',
    )
    f(
      '(1 + on() rate(a[5m])[5m:]) * sum({})',
      '1:11',
      'binary expression must contain only scalar and instant vector types',
    )
  })
})

describe('every function is called by its table', () => {
  const written = { scalar: '1', vector: 'a', matrix: 'a[5m]', string: '"x"' }
  const texts = (isSupported: boolean) =>
    Object.entries(functions)
      .filter(([, { supported }]) => supported === isSupported)
      .map(([name, { args, returns }]) => {
        const text = `${name}(${args.map((type) => written[type]).join(', ')})`
        return { name, text, returns }
      })
  test.each(texts(true))('$text', ({ text, returns }) => expect(check(parse(text))).toBe(returns))
  test.each(texts(false))('$text is known', ({ name, text }) =>
    expect(() => parse(text)).toThrow(`function "${name}" is not supported`),
  )
})
