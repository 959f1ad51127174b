import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { limits } from '../../../catalog/limit.ts'
import { tables } from '../../../catalog/tables.ts'
import type { Matcher } from '../../../collector/query/language/tree.ts'
import { parseSelector, type Selector } from '../../../collector/query/promql.ts'
import { BadQuery, NotSupportedYet } from '../../../collector/query/query-error.ts'

const m = (label: string, operator: Matcher['operator'], value: string): Matcher => ({
  label,
  operator,
  value,
})

describe('selectors', () => {
  const f = (text: string, name: string, ...matchers: Matcher[]) =>
    expect(parseSelector(text)).toEqual({ name, matchers })
  test('a name', () => {
    f('up', 'up')
    f('  up # comment', 'up')
    f('# comment\nup', 'up')
    f('job:up:sum', 'job:up:sum')
    f('sum', 'sum')
    f('up{}', 'up')
  })
  test('matchers', () => {
    f('up{a="b"}', 'up', m('a', '=', 'b'))
    f(
      'up{a!="b",c=~"d|e",f!~"g",}',
      'up',
      m('a', '!=', 'b'),
      m('c', '=~', 'd|e'),
      m('f', '!~', 'g'),
    )
    f('by{on="1"}', 'by', m('on', '=', '1'))
    f('up{"a.b"="c"}', 'up', m('a.b', '=', 'c'))
  })
  test('names in quotes and in a matcher', () => {
    f('{"my.metric", a="b"}', 'my.metric', m('a', '=', 'b'))
    f('{__name__="up"}', 'up')
  })
  test('strings', () => {
    f(String.raw`up{a="\"\\\n\x41\101\u00e9\U0001F600"}`, 'up', m('a', '=', '"\\\nAAé😀'))
    f(String.raw`up{a='it\'s "x"'}`, 'up', m('a', '=', 'it\'s "x"'))
    f('up{a=`\\d+\\n`}', 'up', m('a', '=', '\\d+\\n'))
    f(String.raw`up{a="\xc3\xa9"}`, 'up', m('a', '=', 'é'))
  })
})

describe('more than a selector is not supported yet', () => {
  const f = (text: string, column: number, part: string) => {
    const parse = () => parseSelector(text)
    expect(parse).toThrow(NotSupportedYet)
    expect(parse).toThrow(`column ${column}: `)
    expect(parse).toThrow(part)
  }
  test('each construct with its place', () => {
    f('rate(up[5m])', 1, 'a function ("rate(up[5m])")')
    f('sum by (a) (up)', 1, 'an aggregation')
    f('up[5m]', 3, 'a range ("[5m]")')
    f('up offset 5m', 1, 'an offset')
    f('up @ start()', 1, 'the @ modifier')
    f('up[5m:1m]', 3, 'a subquery')
    f('up / down', 4, 'an operator ("/")')
    f('up or down', 4, 'an operator ("or")')
    f('  (up)', 3, 'parentheses')
    f('-up', 1, 'a sign')
    f('1', 1, 'a number')
    f('"up"', 1, 'a string')
    f('up anchored', 4, 'an extension ("anchored")')
    f('{__name__=~"up.*"}', 1, 'a pattern of metric names')
    f('{job="x"}', 1, 'without a metric name')
  })
})

describe('what is not PromQL', () => {
  const f = (text: string, column: number, message = '') => {
    const parse = () => parseSelector(text)
    expect(parse).toThrow(BadQuery)
    expect(parse).toThrow(`column ${column}: ${message}`)
  }
  test('syntax, with its place', () => {
    f('', 1, 'no expression found')
    f('   ', 1, 'no expression found')
    f('up{a="b"', 9, 'unexpected end')
    f('up{a=b}', 6, 'unexpected identifier "b"')
    f('up{a="b"} down', 11, 'unexpected identifier "down"')
    f('up{a="b",,c="d"}', 10)
    f('up{a="b}', 6, 'unterminated quoted string')
  })
  test('selectors of everything', () => {
    f('{}', 1, 'vector selector must contain at least one non-empty matcher')
    f('{a=~".*"}', 1, 'vector selector must contain')
    f('{a!="x"}', 1, 'vector selector must contain')
    f('{__name__=""}', 1)
  })
  test('types', () => f('rate(up)', 6, 'expected type range vector'))
  test('two names', () => {
    f('up{__name__="down"}', 1, 'metric name must not be set twice: "up" or "down"')
    f('{"up","down"}', 7, 'metric name must not be set twice')
  })
  test('escapes', () => {
    f(String.raw`up{a="\q"}`, 6, 'unknown escape')
    f(String.raw`up{a="\xff"}`, 6)
    f(String.raw`up{a="\ud800"}`, 6)
    f(String.raw`up{a="\U00110000"}`, 6)
    f(String.raw`up{a="\777"}`, 6)
    f(String.raw`up{a="\'"}`, 6)
  })
  test('length', () => f(`up${' '.repeat(limits.queryBytes.value)}`, 1))
})

test('every name of the catalogue is a selector', () => {
  for (const { prom } of tables.flatMap(({ metrics }) => metrics)) {
    expect(parseSelector(prom).name).toBe(prom)
  }
})

const formatSelector = ({ name, matchers }: Selector): string =>
  `${name}{${matchers.map(({ label, operator, value }) => label + operator + JSON.stringify(value)).join(',')}}`

const word = fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/).filter((each) => each !== '__name__')
// Patterns have a syntax of their own.
const operator = fc.constantFrom<Matcher['operator']>('=', '!=')
const value = fc.string({ unit: fc.constantFrom('a', '.', '"', '\\', '\n', 'é', "'", '`', '{') })

test('a selector that is printed reads as itself', () => {
  const matchers = fc.array(fc.record({ label: word, operator, value }), { maxLength: 4 })
  fc.assert(
    fc.property(word, matchers, (name, given) => {
      fc.pre(!['inf', 'nan'].includes(name))
      const selector = { name, matchers: given }
      expect(parseSelector(formatSelector(selector))).toEqual(selector)
    }),
  )
})

test('any text is a selector or an error with a column in it', () => {
  const part = fc.oneof(
    fc.constantFrom('up', '{', '}', 'a="b"', ',', 'rate(', ')', '[5m]', '"', '\\', ' ', '#', '=~'),
    fc.string(),
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const text = parts.join('')
      let column = 1
      try {
        parseSelector(text)
      } catch (error) {
        if (!(error instanceof BadQuery || error instanceof NotSupportedYet)) throw error
        column = error.column
      }
      expect(column).toBeGreaterThanOrEqual(1)
      expect(column).toBeLessThanOrEqual(text.length + 1)
    }),
    { numRuns: 1_000 },
  )
})
