import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compilePattern } from '../../../../collector/query/grid/pattern.ts'

describe('patterns match whole values', () => {
  const f = (pattern: string, matching: string[], others: string[]) => {
    const compiled = compilePattern(pattern)
    expect(compiled.problem).toBeUndefined()
    expect(matching.filter((value) => !compiled.matches(value))).toEqual([])
    expect(others.filter((value) => compiled.matches(value))).toEqual([])
  }
  test('names', () => {
    f('', [''], ['a'])
    f('abc', ['abc'], ['', 'ab', 'abcd', 'ABC'])
    f('a|b|', ['a', 'b', ''], ['c', 'ab', 'a|b'])
    f('10-0-0-1:9100', ['10-0-0-1:9100'], ['10-0-0-1:91000'])
  })
  test('names that are enclosed, and have characters that mean something', () => {
    f('(a|b)', ['a', 'b'], ['', '(a|b)', 'ab', 'a|b'])
    f('(a)', ['a'], ['(a)'])
    f('()', [''], ['()'])
    f(
      String.raw`(web-1\.example\.com|10\.0\.0\.1:9100|)`,
      ['web-1.example.com', '10.0.0.1:9100', ''],
      ['web-1xexample.com'],
    )
    f(String.raw`a\|b|\(c\)`, ['a|b', '(c)'], ['a', 'b', 'c'])
    f(String.raw`(a|b\)c)`, ['a', 'b)c'], ['b'])
    f(String.raw`a\\b`, [String.raw`a\b`], ['ab'])
    f(String.raw`(a\-b|c_d\/e|\"\')`, ['a-b', 'c_d/e', `"'`], ['a'])
  })
  test('beginnings, ends and parts', () => {
    f('.*', ['', 'a', 'a\nb'], [])
    f('.+', ['a', '\n'], [''])
    f('ab.*', ['ab', 'abc', 'ab\n'], ['a', 'xab'])
    f('ab.+', ['abc'], ['ab', 'xabc'])
    f('.*ab', ['ab', 'cab'], ['abc'])
    f('.+ab', ['cab', 'abab'], ['ab'])
    f('.*ab.*', ['ab', 'cabd'], ['a', 'ba'])
    f('.+ab.+', ['cabd', 'ababab'], ['ab', 'cab', 'abd'])
    f('.+ab.*', ['cab', 'abab'], ['ab', 'abc'])
    f('.+.+', ['ab', 'abc'], ['', 'a'])
    f('.*.+', ['a'], [''])
    f('.+.*', ['a'], [''])
  })
  test('what needs an engine', () => {
    f('a.c', ['abc', 'a\nc', 'aéc'], ['ac', 'abbc'])
    f('(a|b)c', ['ac', 'bc'], ['abc', 'c'])
    f('a|b.', ['a', 'bc'], ['b', 'ac'])
    f('a.*|b', ['a', 'axy', 'b'], ['bx'])
    f('a\\.b', ['a.b'], ['axb'])
    f('[0-9]{1,3}', ['1', '123'], ['', '1234', 'a'])
    f('(?i)Abc', ['abc', 'ABC'], ['ab'])
    f('\\d+', ['42'], ['٤'])
    f('\\pL+', ['aé'], ['1'])
    f('[[:alpha:]]+', ['ab'], ['a1'])
    f('^a$', ['a'], ['^a$', 'aa'])
    f('(?-s:.)', ['a'], ['\n'])
    f('😀+', ['😀😀'], ['😀x'])
  })
  test('not a part of a value', () => f('a|b|c.*', ['a', 'cx'], ['ax', 'xa', 'xc']))
})

describe('what is no pattern', () => {
  const f = (pattern: string, problem: string) => {
    const compiled = compilePattern(pattern)
    expect(compiled.problem).toBe(`error parsing regexp: ${problem}`)
    expect(compiled.matches('')).toBe(false)
  }
  test('says why', () => {
    f('(', 'missing closing ): `(`')
    f('a)|(b', 'unexpected ): `a)|(b`')
    f('(?=a)', 'invalid or unsupported Perl syntax: `(?=`')
    f('(a)\\1', 'invalid escape sequence: `\\1`')
    f('a**', 'invalid nested repetition operator: `**`')
    f('[b-a]', 'invalid character class range: `b-a`')
  })
  test('neither is what would be too large', () => {
    f('a{1001}', 'invalid repeat count: `{1001}`')
    f('((a{100}){100}){100}', 'invalid repeat count: `{100}`')
    f('('.repeat(3_000) + ')'.repeat(3_000), 'expression nests too deeply')
  })
})

test('what is compared is as the engine has it', () => {
  const texts = String.raw`a b | ( ) é .* .+ \. \| \)`.split(' ')
  const part = fc.constantFrom('', '\n', ...texts)
  const value = fc.array(fc.constantFrom('a', 'b', '\n', 'é', '|', '.', ')'), { maxLength: 5 })
  fc.assert(
    fc.property(fc.array(part, { maxLength: 5 }), value, (parts, values) => {
      const [pattern, text] = [parts.join(''), values.join('')]
      const compiled = compilePattern(pattern)
      fc.pre(compiled.problem === undefined)
      // JavaScript's own engine: these patterns mean the same to both.
      expect(compiled.matches(text)).toBe(new RegExp(`^(?:${pattern})$`, 's').test(text))
    }),
  )
})

test('more patterns than are kept', () => {
  for (let i = 0; i < 2_500; i++) {
    expect(compilePattern(`x[${i}]|${i}.?`).matches(String(i))).toBe(true)
  }
})

test('a pattern that others take for ever over', () =>
  expect(compilePattern('(x+x+)+y').matches('x'.repeat(10_000))).toBe(false))
