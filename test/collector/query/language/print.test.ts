import { describe, expect, test } from 'vitest'
import { parse } from '../../../../collector/query/language/parse.ts'
import { print, printLine } from '../../../../collector/query/language/print.ts'

describe('on one line', () => {
  const f = (text: string, expected = text) => {
    expect(printLine(parse(text))).toBe(expected)
    expect(printLine(parse(expected))).toBe(expected)
  }
  test('numbers', () => {
    f('1')
    f('-0.5')
    f('1e21', '1000000000000000000000')
    f('0x1F', '31')
    f('inf', '+Inf')
    f('-Inf')
    f('nan', 'NaN')
    f('300s', '5m')
    f('-90m', '-1h30m')
    f('2 * 7d', '2 * 1w')
  })
  test('durations', () => {
    f('a[365d]', 'a[1y]')
    f('a[14d]', 'a[2w]')
    f('a[10d]')
    f('a[1w1d]', 'a[8d]')
    f('a[5400]', 'a[1h30m]')
    f('a[1.5]', 'a[1s500ms]')
  })
  test('strings', () => {
    f('"a"')
    f("'a\"b'", String.raw`"a\"b"`)
    f('`a\\b\n`', String.raw`"a\\b\n"`)
    f('"é😀"')
    f('"\u0000\u200b"', String.raw`"\x00\u200b"`)
    f(String.raw`"\U000e0001"`)
  })
  test('selectors', () => {
    f('a')
    f('a{}', 'a')
    f('a {z = "1", b != "2"}', 'a{b!="2",z="1"}')
    f('{"a.b", x=~"y"}', '{"a.b",x=~"y"}')
    f('{"a"}', 'a')
    f('{__name__="a",x="y"}', 'a{x="y"}')
    f('{__name__=~"a.+"}')
    f('a{"b.c"="d"}')
    f('{"on"}')
    f('{"Inf",x="y"}')
    f('{a=""," "}', '{" ",a=""}')
    f('a:b{__name__x="1"}')
  })
  test('offset and @', () => {
    f('a offset 5m')
    f('a offset -1h')
    f('a offset 1m @ 10', 'a @ 10.000 offset 1m')
    f('a @ start() offset 1m')
    f('a[5m] @ end() offset -1m')
    f('a @ -0.25', 'a @ -0.250')
    f('a @ 1e13', 'a @ 10000000000000.000')
    f('(a + b)[5m : 1m] @ 5 offset 1m', '(a + b)[5m:1m] @ 5.000 offset 1m')
    f('a[5m:]')
  })
  test('operators', () => {
    f('a+b*c', 'a + b * c')
    f('(a+b)*c', '(a + b) * c')
    f('-a^b', '-a ^ b')
    f('- - a', '--a')
    f('Inf ^ -1')
    f('2 ^ inf', '2 ^ +Inf')
    f('+a', '+a')
    f('a > BOOL b', 'a > bool b')
    f('a AND b', 'a and b')
    f('a+on(x,"y.z")b', 'a + on (x, "y.z") b')
    f('a + on() b', 'a + on () b')
    f('a + ignoring() b', 'a + b')
    f('a / ignoring(x) group_left b', 'a / ignoring (x) group_left () b')
    f('a / ignoring() group_right(y) b', 'a / ignoring () group_right (y) b')
    f('1 == bool 2')
  })
  test('aggregations and calls', () => {
    f('sum(a)by(x)', 'sum by (x) (a)')
    f('sum by () (a)', 'sum(a)')
    f('SUM without() (a)', 'sum without () (a)')
    f('topk(3,a)', 'topk(3, a)')
    f('count_values by (x) ("v", a)')
    f('sum by ("x y") (a)')
    f('time( )', 'time()')
    f('label_replace(a, "x", "$1", "y", ".*")')
  })
})

describe('over lines', () => {
  const long = 'a'.repeat(60)
  const f = (text: string, ...lines: string[]) => {
    expect(print(parse(text)).split('\n')).toEqual(lines)
    expect(print(parse(print(parse(text)))).split('\n')).toEqual(lines)
  }
  test('what is short stays', () => {
    f('sum(rate(a[5m]))', 'sum(rate(a[5m]))')
    f(`${'a'.repeat(48)} + ${'b'.repeat(49)}`, `${'a'.repeat(48)} + ${'b'.repeat(49)}`)
  })
  test('operators', () => {
    f(`${long} + on(x) ${long}`, `  ${long}`, '+ on (x)', `  ${long}`)
    f(`${long} > bool ${long} * 2`, `  ${long}`, '> bool', `  ${long} * 2`)
    f(`${long} + b - ${long}`, `  ${long} + b`, '-', `  ${long}`)
    f(`${long} + ${long} - b`, `    ${long}`, '  +', `    ${long}`, '-', '  b')
  })
  test('parts in brackets', () => {
    f(`sum by (x) (${long} + ${long})`, 'sum by (x) (', `    ${long}`, '  +', `    ${long}`, ')')
    f(`topk(3, ${long} + ${long})`, 'topk(', '  3,', `    ${long}`, '  +', `    ${long}`, ')')
    f(
      `clamp(${long}, 1, ${long}())`.replace(`${long}()`, `scalar(${long})`),
      'clamp(',
      `  ${long},`,
      '  1,',
      `  scalar(${long})`,
      ')',
    )
    f(`(${long} / ${long})`, '(', `    ${long}`, '  /', `    ${long}`, ')')
    f(`-(${long} / ${long})`, '-(', `    ${long}`, '  /', `    ${long}`, ')')
    f(
      `max_over_time((${long} / ${long})[5m:])`,
      'max_over_time(',
      '  (',
      `      ${long}`,
      '    /',
      `      ${long}`,
      '  )[5m:]',
      ')',
    )
  })
  test('a selector is never split', () => {
    const text = `a{x="${'y'.repeat(120)}"}`
    f(text, text)
  })
})
