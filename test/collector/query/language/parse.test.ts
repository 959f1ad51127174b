import { describe, expect, test } from 'vitest'
import { limits } from '../../../../catalog/limit.ts'
import { parse } from '../../../../collector/query/language/parse.ts'
import type { Expr, Matching } from '../../../../collector/query/language/tree.ts'
import { NotSupported, QueryError } from '../../../../collector/query/query-error.ts'

/** Without what each case would repeat: spans, no offset, the usual matching. */
export function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, held]) => key !== 'span' && !(key === 'offsetMs' && held === 0))
      .map(([key, held]) => [key, bare(held)]),
  )
}

const p = (text: string) => bare(parse(text))
const is = (text: string, expected: unknown) => expect(p(text)).toEqual(expected)
const number = (value: number) => ({ kind: 'number', value })
const name = (text: string, more = {}) => ({ kind: 'selector', name: text, matchers: [], ...more })
const signed = (operator: string, of: unknown) => ({ kind: 'unary', operator, of })
const scalars = (left: unknown, operator: string, right: unknown) => ({
  kind: 'binary',
  operator,
  left,
  right,
  isBool: false,
})
const matching = (more: Partial<Matching> = {}) => ({
  isOn: false,
  labels: [],
  cardinality: 'one-to-one',
  include: [],
  ...more,
})
const vectors = (
  left: unknown,
  operator: string,
  right: unknown,
  more: Partial<Matching> = {},
) => ({
  ...scalars(left, operator, right),
  matching: matching(more),
})
const [a, b, c] = [name('a'), name('b'), name('c')]

describe('numbers', () => {
  const f = (text: string, value: number) => is(text, number(value))
  test('decimal', () => {
    f('1', 1)
    f('1.5', 1.5)
    f('.5', 0.5)
    f('1e5', 1e5)
    f('1E-5', 1e-5)
    f('1_000.2_5', 1000.25)
    f('9007199254740993', 9007199254740992)
  })
  test('hexadecimal and octal', () => {
    f('0x1F', 31)
    f('0xff', 255)
    f('017', 15)
    f('08', 8)
    f('0', 0)
  })
  test('what is none or too many', () => {
    f('Inf', Infinity)
    f('+inf', Infinity)
    f('-INF', -Infinity)
    f('NaN', Number.NaN)
    f('-nan', Number.NaN)
  })
  test('a sign is a part of it', () => {
    f('-1', -1)
    f('- 1', -1)
    f('+1', 1)
    f('--1', 1)
    f('-0', -0)
    f('- # why\n 1', -1)
  })
  test('durations', () => {
    const f = (text: string, value: number) => is(text, { ...number(value), isDuration: true })
    f('5m', 300)
    f('1h30m', 5_400)
    f('100ms', 0.1)
    f('1y1w1d', 373 * 86_400)
    f('-5m', -300)
  })
})

describe('strings', () => {
  const f = (text: string, value: string) => is(text, { kind: 'string', value })
  test('all quotes', () => {
    f('"a"', 'a')
    f("'a\"'", 'a"')
    f('`a\\n\n"`', 'a\\n\n"')
    f('""', '')
  })
  test('escapes', () => {
    f(String.raw`"\a\b\f\n\r\t\v\\\""`, '\x07\b\f\n\r\t\v\\"')
    f(String.raw`"\x41\101\u00e9\U0001F600"`, 'AAé😀')
    f(String.raw`'\''`, "'")
  })
  test('NUL, line separators, and what is beyond the first plane', () => {
    f('"\u0000\u2028😀"', '\u0000\u2028😀')
    f(String.raw`"\x00"`, '\u0000')
  })
})

describe('selectors', () => {
  const m = (label: string, operator: string, value: string) => ({ label, operator, value })
  const f = (text: string, metric: string | undefined, ...matchers: unknown[]) =>
    is(text, { kind: 'selector', ...(metric === undefined ? {} : { name: metric }), matchers })
  test('names', () => {
    f('up', 'up')
    f('job:up:sum', 'job:up:sum')
    f('  up # comment', 'up')
    f('# comment\nup', 'up')
    f('up{}', 'up')
  })
  test('words of the language as names', () => {
    for (const word of [
      'sum',
      'by',
      'without',
      'and',
      'or',
      'unless',
      'start',
      'end',
      'rate',
      'step',
      'range',
      'count',
      'group',
      'topk',
      'atan2',
      'fill',
      'anchored',
      'smoothed',
      'limitk',
      'time',
    ]) {
      f(word, word)
      f(`${word}{${word}="x"}`, word, m(word, '=', 'x'))
    }
    f(
      'up{on="1",bool="2",offset="3",inf="4",group_left="5"}',
      'up',
      m('on', '=', '1'),
      m('bool', '=', '2'),
      m('offset', '=', '3'),
      m('inf', '=', '4'),
      m('group_left', '=', '5'),
    )
  })
  test('matchers, in order', () => {
    f('up{b="1",a!="2",}', 'up', m('b', '=', '1'), m('a', '!=', '2'))
    f('up{a=~"x.*",a!~"y|z"}', 'up', m('a', '=~', 'x.*'), m('a', '!~', 'y|z'))
    f('up{ # comment\n a = "b" }', 'up', m('a', '=', 'b'))
  })
  test('any UTF-8 as a name', () => {
    f('{"a.b"}', 'a.b')
    f('{"a.b", x="y"}', 'a.b', m('x', '=', 'y'))
    f('{x="y", "a.b"}', 'a.b', m('x', '=', 'y'))
    f('{\'é "x"\', `l.m`="y"}', 'é "x"', m('l.m', '=', 'y'))
    f('up{"a.b"=~"c"}', 'up', m('a.b', '=~', 'c'))
  })
  test('the name as a matcher', () => {
    f('{__name__="up"}', 'up')
    f('{a="b",__name__="up"}', 'up', m('a', '=', 'b'))
    f('{__name__=~"up|down"}', undefined, m('__name__', '=~', 'up|down'))
    f('{__name__="",a="b"}', undefined, m('__name__', '=', ''), m('a', '=', 'b'))
    f('{__name__="a",__name__="b"}', 'a', m('__name__', '=', 'b'))
  })
})

describe('what follows a selector', () => {
  const range = (rangeMs: number, more = {}) => ({
    kind: 'range',
    selector: name('a', more),
    rangeMs,
  })
  const sub = (rangeMs: number, more = {}) => ({ kind: 'subquery', of: a, rangeMs, ...more })
  test('ranges', () => {
    is('a[5m]', range(300_000))
    is('a[ 300 ]', range(300_000))
    is('a[1.5]', range(1_500))
    is('a[0x10]', range(16_000))
    is('a[1y2w3d4h5m6s7ms]', range(((365 + 14 + 3) * 86_400 + 4 * 3_600 + 306) * 1_000 + 7))
  })
  test('offset', () => {
    is('a offset 5m', name('a', { offsetMs: 300_000 }))
    is('a offset -5m', name('a', { offsetMs: -300_000 }))
    is('a offset - 1h30m', name('a', { offsetMs: -5_400_000 }))
    is('a OFFSET 10', name('a', { offsetMs: 10_000 }))
    is('a[5m] offset 1m', range(300_000, { offsetMs: 60_000 }))
    is('a offset 0', a)
  })
  test('@', () => {
    is('a @ 1.5', name('a', { at: 1_500 }))
    is('a @ -1e3', name('a', { at: -1_000_000 }))
    is('a @ +5m', name('a', { at: 300_000 }))
    is('a @ start()', name('a', { at: 'start' }))
    is('a[5m] @ END ()', range(300_000, { at: 'end' }))
    is('a @ 0', name('a', { at: 0 }))
  })
  test('both, in any order', () => {
    is('a @ 1 offset 1m', name('a', { at: 1_000, offsetMs: 60_000 }))
    is('a offset 1m @ 1', name('a', { at: 1_000, offsetMs: 60_000 }))
    is('a[5m] offset 1m @ 1', range(300_000, { at: 1_000, offsetMs: 60_000 }))
  })
  test('subqueries', () => {
    is('a[5m:]', sub(300_000))
    is('a[5m:1m]', sub(300_000, { stepMs: 60_000 }))
    is('a[ 5m : 10 ]', sub(300_000, { stepMs: 10_000 }))
    is('a[5m:] @ end() offset -1m', sub(300_000, { at: 'end', offsetMs: -60_000 }))
    is('(a)[5m:]', { ...sub(300_000), of: { kind: 'parens', of: a } })
    is('a[5m:][1h:]', { ...sub(3_600_000), of: sub(300_000) })
    is('a offset 1m [5m:]', { ...sub(300_000), of: name('a', { offsetMs: 60_000 }) })
  })
})

describe('operators', () => {
  test('precedence', () => {
    is('a + b * c', vectors(a, '+', vectors(b, '*', c)))
    is('a * b + c', vectors(vectors(a, '*', b), '+', c))
    is('a - b - c', vectors(vectors(a, '-', b), '-', c))
    is('a atan2 b / c', vectors(vectors(a, 'atan2', b), '/', c))
    is('a == b + c', vectors(a, '==', vectors(b, '+', c)))
    const set = { cardinality: 'many-to-many' } as const
    is('a or b and c', vectors(a, 'or', vectors(b, 'and', c, set), set))
    is('a and b > c', vectors(a, 'and', vectors(b, '>', c), set))
    is('a unless b and c', vectors(vectors(a, 'unless', b, set), 'and', c, set))
  })
  test('powers, from the right and before a sign', () => {
    is('2 ^ 3 ^ 2', scalars(number(2), '^', scalars(number(3), '^', number(2))))
    is('-1 ^ 2', signed('-', scalars(number(1), '^', number(2))))
    is('-a ^ b', signed('-', vectors(a, '^', b)))
    is('2 ^ -1 ^ 2', scalars(number(2), '^', signed('-', scalars(number(1), '^', number(2)))))
    is('2 ^ -1 * 3', scalars(scalars(number(2), '^', number(-1)), '*', number(3)))
    is('-1 * 2', scalars(number(-1), '*', number(2)))
    is('(-1) ^ 2', scalars({ kind: 'parens', of: number(-1) }, '^', number(2)))
  })
  test('signs', () => {
    is('-a', signed('-', a))
    is('+-a', signed('+', signed('-', a)))
    is('-a + b', vectors(signed('-', a), '+', b))
    is('1 -1', scalars(number(1), '-', number(1)))
    is('1--1', scalars(number(1), '-', number(-1)))
    is('a -1', scalars(a, '-', number(1)))
  })
  test('what follows an operand is its own', () => {
    const earlier = name('b', { offsetMs: 300_000 })
    is('a + b offset 5m', vectors(a, '+', earlier))
    is('a + b offset 5m * c', vectors(a, '+', vectors(earlier, '*', c)))
    is('a ^ b @ 5', vectors(a, '^', name('b', { at: 5_000 })))
    is('-b offset 5m', signed('-', earlier))
    is('a * -b offset 5m', vectors(a, '*', signed('-', earlier)))
  })
  test('bool', () => {
    is('a > bool b', { ...vectors(a, '>', b), isBool: true })
    is('1 == BOOL 2', { ...scalars(number(1), '==', number(2)), isBool: true })
  })
  test('words of any case', () => {
    is('a AND b', vectors(a, 'and', b, { cardinality: 'many-to-many' }))
    is('a Atan2 b', vectors(a, 'atan2', b))
  })
  test('matching', () => {
    is('a + on(x) b', vectors(a, '+', b, { isOn: true, labels: ['x'] }))
    is('a + on() b', vectors(a, '+', b, { isOn: true }))
    is('a + ignoring(x, y,) b', vectors(a, '+', b, { labels: ['x', 'y'] }))
    is('a + on(by, "z.z") b', vectors(a, '+', b, { isOn: true, labels: ['by', 'z.z'] }))
    const left = { isOn: true, labels: ['x'], cardinality: 'many-to-one' } as const
    is('a / on(x) group_left b', vectors(a, '/', b, left))
    is('a / on(x) group_left(y) b', vectors(a, '/', b, { ...left, include: ['y'] }))
    is('a / on(x) group_left() (b)', vectors(a, '/', { kind: 'parens', of: b }, left))
    is('a > bool ignoring(x) group_right(y, z) b', {
      ...vectors(a, '>', b, { labels: ['x'], cardinality: 'one-to-many', include: ['y', 'z'] }),
      isBool: true,
    })
    is(
      'a and on(x) b',
      vectors(a, 'and', b, { isOn: true, labels: ['x'], cardinality: 'many-to-many' }),
    )
  })
  test('a scalar has nothing to match', () => {
    is('a + 1', scalars(a, '+', number(1)))
    is('1 + on() a', scalars(number(1), '+', a))
  })
})

describe('aggregations and calls', () => {
  const agg = (operator: string, of: unknown, labels: string[] = [], isWithout = false) => ({
    kind: 'aggregate',
    operator,
    of,
    grouping: { isWithout, labels },
  })
  test('grouping before and after', () => {
    is('sum(a)', agg('sum', a))
    is('sum by (x) (a)', agg('sum', a, ['x']))
    is('sum(a) by (x)', agg('sum', a, ['x']))
    is('SUM WITHOUT (x, "y.z",) (a)', agg('sum', a, ['x', 'y.z'], true))
    is('sum(a) without ()', agg('sum', a, [], true))
    is('sum by (by, on) (by)', agg('sum', name('by'), ['by', 'on']))
  })
  test('parameters', () => {
    is('topk(3, a)', { ...agg('topk', a), parameter: number(3) })
    is('count_values by (x) ("v", a)', {
      ...agg('count_values', a, ['x']),
      parameter: { kind: 'string', value: 'v' },
    })
    is('quantile(0.9, a)', { ...agg('quantile', a), parameter: number(0.9) })
    is('limit_ratio(-0.5, a)', { ...agg('limit_ratio', a), parameter: number(-0.5) })
  })
  test('calls', () => {
    is('abs(a)', { kind: 'call', function: 'abs', args: [a] })
    is('time()', { kind: 'call', function: 'time', args: [] })
    is('clamp (a, 1, 2)', { kind: 'call', function: 'clamp', args: [a, number(1), number(2)] })
    is('rate(a[5m])', {
      kind: 'call',
      function: 'rate',
      args: [{ kind: 'range', selector: a, rangeMs: 300_000 }],
    })
  })
})

describe('spans', () => {
  const f = (text: string, ...parts: ((expr: Expr) => Expr)[]) => {
    let expr = parse(text)
    for (const part of parts) expr = part(expr)
    return text.slice(expr.span.from, expr.span.to)
  }
  const right = (expr: Expr) => (expr.kind === 'binary' ? expr.right : expr)
  const left = (expr: Expr) => (expr.kind === 'binary' ? expr.left : expr)
  test('are what was written', () => {
    expect(f('  a + b ')).toBe('a + b')
    expect(f('a + b offset 5m', right)).toBe('b offset 5m')
    expect(f('a + - 1 * 2', right, left)).toBe('- 1')
    expect(f('a + b{x="y"}[5m:] @ 3', right)).toBe('b{x="y"}[5m:] @ 3')
    expect(f('1 + sum by (x) ( b )', right)).toBe('sum by (x) ( b )')
  })
})

describe('what is refused', () => {
  const f = (text: string, message: string) => {
    let error: unknown
    try {
      parse(text)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(QueryError)
    expect(String(error)).toContain(message)
  }
  const fails = (text: string, at: string, message: string) =>
    f(text, `${at}: parse error: ${message}`)
  test('nothing', () => {
    fails('', '1:1', 'no expression found in input')
    fails(' \n# x', '1:1', 'no expression found in input')
  })
  test('what does not belong there', () => {
    fails('a b', '1:3', 'unexpected identifier "b"')
    fails('a\n  b:c', '2:3', 'unexpected metric identifier "b:c"')
    fails('a + * b', '1:5', 'unexpected <op:*>')
    fails('a +', '1:4', 'unexpected end of input')
    fails('1 2', '1:3', 'unexpected number "2"')
    fails('1 5m', '1:3', 'unexpected duration "5m"')
    fails('a "b"', '1:3', String.raw`unexpected string "\"b\""`)
    fails('a = b', '1:3', 'unexpected "="')
    fails('a sum', '1:3', 'unexpected <aggr:sum>')
    fails('a on b', '1:3', 'unexpected <on>')
    fails('sum by (x) (a) by (y)', '1:16', 'unexpected <by>')
    fails('abs(,)', '1:5', 'unexpected ","')
    fails('a{x="y"}{z="w"}', '1:9', 'unexpected "{"')
  })
  test('characters', () => {
    fails('$a', '1:1', "unexpected character: '$'")
    fails('é', '1:1', "unexpected character: 'é'")
    fails('a ! b', '1:3', "unexpected character after '!': ' '")
    fails('a{$}', '1:3', "unexpected character inside braces: '$'")
    fails('\u0000', '1:1', String.raw`unexpected character: '\x00'`)
  })
  test('what is left open, and what is not open', () => {
    fails('(a', '1:3', 'unclosed left parenthesis')
    fails('sum(', '1:5', 'unclosed left parenthesis')
    fails('a[5m', '1:5', 'unclosed left bracket')
    fails('a{', '1:3', 'unexpected end of input inside braces')
    fails('a{x="y"', '1:8', 'unexpected end of input inside braces')
    fails('a)', '1:3', "unexpected right parenthesis ')'")
    fails('a]', '1:2', "unexpected right bracket ']'")
    fails('"a', '1:1', 'unterminated quoted string')
    fails("'a\\'", '1:1', 'unterminated quoted string')
    fails('`a', '1:1', 'unterminated raw string')
  })
  test('numbers', () => {
    fails('5mm', '1:1', 'bad number or duration syntax: "5mm"')
    fails('a[5m5m]', '1:3', 'bad number or duration syntax: "5m5m"')
    fails('a + 1e', '1:5', 'bad number or duration syntax: "1e"')
    fails('1__0', '1:1', 'bad number or duration syntax: "1__0"')
    fails('0x', '1:1', 'bad number or duration syntax: "0x"')
    fails('1e999', '1:1', 'error parsing number: ')
    fails('a[300y]', '1:3', 'duration out of range')
    fails('a[inf]', '1:3', 'duration out of range')
    fails('a offset nan', '1:10', 'duration out of range')
  })
  test('matchers', () => {
    fails('a{x}', '1:4', 'unexpected "}" in label matching, expected label matching operator')
    fails('a{x=y}', '1:5', 'unexpected identifier "y" in label matching, expected string')
    fails(
      'a{x="y" z="w"}',
      '1:9',
      'unexpected identifier "z" in label matching, expected "," or "}"',
    )
    fails('a{x="y",,}', '1:9', 'unexpected "," in label matching, expected identifier or "}"')
    fails('a{1="y"}', '1:3', 'unexpected number "1" in label matching, expected identifier or "}"')
    fails('a{x=~"("}', '1:3', 'error parsing regexp: missing closing ): ')
    fails('a{x=~"(?=b)"}', '1:3', 'error parsing regexp: invalid or unsupported Perl syntax: ')
    fails('a{""="x"}', '1:3', 'invalid label name ""')
    fails('a{__name__="b"}', '1:1', 'metric name must not be set twice: "a" or "b"')
    fails('a{__name__=~"b"}', '1:1', 'metric name must not be set twice: "a" or "b"')
    fails('a{"b"}', '1:1', 'metric name must not be set twice: "a" or "b"')
    fails('{"a","b"}', '1:6', 'metric name must not be set twice: "a" or "b"')
  })
  test('labels', () => {
    fails('sum by (1) (a)', '1:9', 'unexpected number "1" in grouping opts, expected label')
    fails('sum by x (a)', '1:8', 'unexpected identifier "x" in grouping opts, expected "("')
    fails(
      'sum by (x y) (a)',
      '1:11',
      'unexpected identifier "y" in grouping opts, expected "," or ")"',
    )
    fails('a + on(x,,) b', '1:10', 'unexpected "," in grouping opts, expected label')
    fails(
      'sum by ("") (a)',
      '1:9',
      String.raw`unexpected string "\"\"" in grouping opts, expected label`,
    )
  })
  test('ranges, offset and @', () => {
    fails('a[]', '1:3', 'unexpected "]" in subquery or range selector, expected number or duration')
    fails(
      'a[5m:x]',
      '1:6',
      'unexpected identifier "x" in subquery selector, expected number, duration or "]"',
    )
    fails('a[5m 5m]', '1:6', 'unexpected duration "5m" in subquery or range, expected ":" or "]"')
    fails('a[0]', '1:3', 'duration must be greater than 0')
    fails('a[-5m]', '1:3', 'duration must be greater than 0')
    fails('a[5m:0]', '1:6', 'duration must be greater than 0')
    fails('a[5m][5m]', '1:6', 'ranges only allowed for vector selectors')
    fails('(a)[5m]', '1:4', 'ranges only allowed for vector selectors')
    fails('1[5m]', '1:2', 'ranges only allowed for vector selectors')
    fails('a offset 1m [5m]', '1:13', 'no offset modifiers allowed before range')
    fails('a @ 1 [5m]', '1:7', 'no @ modifiers allowed before range')
    fails('a offset', '1:9', 'unexpected end of input in offset, expected number or duration')
    fails('a offset b', '1:10', 'unexpected identifier "b" in offset, expected number or duration')
    fails('a offset 1m offset 2m', '1:1', 'offset may not be set multiple times')
    fails('(a) offset 1m', '1:1', 'offset modifier must be preceded by an instant vector selector')
    fails('a @', '1:4', 'unexpected end of input in @, expected timestamp')
    fails('a @ 1 @ 2', '1:1', '@ <timestamp> may not be set multiple times')
    fails('sum(a) @ 1', '1:1', '@ modifier must be preceded by an instant vector selector')
    fails('a @ inf', '1:1', 'timestamp out of bounds for @ modifier: +Inf')
    fails('a @ 1e20', '1:1', 'timestamp out of bounds for @ modifier: 100000000000000000000.000000')
  })
  test('calls and aggregations', () => {
    fails('nope(a)', '1:1', 'unknown function with name "nope"')
    fails('1 + ABS(a)', '1:5', 'unknown function with name "ABS"')
    fails('holt_winters(a[5m], 1, 1)', '1:1', 'unknown function with name "holt_winters"')
    fails('toString(a)', '1:1', 'unknown function with name "toString"')
    fails('abs(a,)', '1:6', 'trailing commas not allowed in function call args')
    fails('sum()', '1:1', 'no arguments for aggregate expression provided')
    fails(
      'sum(a, b)',
      '1:1',
      'wrong number of arguments for aggregate expression provided, expected 1, got 2',
    )
    fails(
      'topk(1)',
      '1:1',
      'wrong number of arguments for aggregate expression provided, expected 2, got 1',
    )
    fails('1 + on(x) a', '1:1', 'vector matching only allowed between instant vectors')
  })
  test('what Prometheus has and we have not', () => {
    const f = (text: string, at: string, message: string) => {
      fails(text, at, `${message} not supported`)
      expect(() => parse(text)).toThrow(NotSupported)
    }
    f('a anchored', '1:3', 'anchored modifier is')
    f('a[5m] smoothed', '1:7', 'smoothed modifier is')
    f('a + fill(0) b', '1:5', 'binop fill modifiers are')
    f('a >/ b', '1:3', 'operator ">/" is')
    f('a[5m + 1m]', '1:3', 'duration expression is')
    f('a[step()]', '1:3', 'duration expression is')
    f('a offset -(5m)', '1:11', 'duration expression is')
    f('info(a)', '1:1', 'function "info" is')
    f('integral(a[5m])', '1:1', 'function "integral" is')
    f('1 + histogram_avg(a)', '1:5', 'function "histogram_avg" is')
    f('step()', '1:1', 'function "step" is')
  })
  test('length and encoding', () => {
    fails(`a${' '.repeat(limits.queryBytes.value)}`, '1:1', 'the query is longer than ')
    fails('a{b="\ud800"}', '1:1', 'invalid UTF-8 rune')
  })
  test('depth', () => {
    const r = (text: string, times: number) => text.repeat(times)
    const depth = limits.queryDepth.value
    const tooDeep = (text: string) =>
      f(text, `the expression is nested more than ${depth} levels deep`)
    tooDeep(r('(', 8_000) + 'a' + r(')', 8_000))
    tooDeep(r('(', 10_000))
    tooDeep(`${r('-', 16_000)}a`)
    tooDeep(`a${r('+a', 8_000)}`)
    tooDeep(`a${r('^a', 8_000)}`)
    tooDeep(`a${r('*-a', 5_000)}`)
    tooDeep(`a${r('[1m:]', 3_000)}`)
    tooDeep(`a${r(' offset 1m', 1_500)}`)
    tooDeep(r('abs(', 3_000) + 'a' + r(')', 3_000))
    tooDeep(`a${r('+a', depth + 1)}`)
    tooDeep(r('(', depth + 1) + 'a' + r(')', depth + 1))
    for (const text of [`a${r('+a', depth - 1)}`, r('(', depth) + 'a' + r(')', depth)]) parse(text)
  })
})
