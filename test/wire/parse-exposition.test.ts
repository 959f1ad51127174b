import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  BadExposition,
  parseExposition,
  type ParsedFamily,
  seriesKey,
} from '../../wire/parse-exposition.ts'

const LIMITS = { samples: 5, labels: 3, labelBytes: 20 }
const parse = (text: string) => parseExposition(text, LIMITS)
const samples = (text: string) =>
  parse(text).flatMap(({ samples }) =>
    samples.map(({ name, labels, value }) => [seriesKey(name, labels), value] as const),
  )

describe('samples', () => {
  const f = (text: string, key: string, value: number) =>
    expect(samples(text)).toEqual([[key, value]])
  test('name and number', () => f('up 1\n', 'up', 1))
  test('labels are sorted, empty ones are none', () =>
    f('a{c="1",b="2",d=""} 0.5', 'a{b="2",c="1"}', 0.5))
  test('a comma behind the last label', () => f('a{b="2",} 3', 'a{b="2"}', 3))
  test('no label in the braces', () => f('a{} 3', 'a', 3))
  test('blanks and tabs', () => f('  a {  b = "2" , c="3" }\t 3 ', 'a{b="2",c="3"}', 3))
  test('escapes', () => f('a{b="x\\"\\\\\\n}"} 1', 'a{b="x\\"\\\\\\n}"}', 1))
  test('infinite', () => f('a +Inf', 'a', Infinity))
  test('infinite, downwards', () => f('a -inf', 'a', -Infinity))
  test('NaN', () => f('a NaN', 'a', NaN))
  test('exponent', () => f('a 1.5e+09', 'a', 1.5e9))
  test('line end of another system', () => f('a 1\r\n', 'a', 1))
  test('a timestamp', () =>
    expect(parse('a 1 1395066363000')[0]!.samples[0]).toMatchObject({ timestampMs: 1395066363000 }))
})

describe('families', () => {
  const summary = (families: readonly ParsedFamily[]) =>
    families.map(({ name, type, help, samples }) => [name, type, help, samples.length])
  test('HELP, TYPE and other comments', () => {
    const text =
      '# HELP a_total What\\nit is \\\\.\n# TYPE a_total counter\n# a word\n#\na_total 1\nb 2\n'
    expect(summary(parse(text))).toEqual([
      ['a_total', 'counter', 'What\nit is \\.', 1],
      ['b', 'untyped', undefined, 1],
    ])
  })
  test('a histogram has its suffixes', () => {
    const text =
      '# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 3\nh_count 2\n'
    expect(summary(parse(text))).toEqual([['h', 'histogram', undefined, 4]])
  })
  test('a suffix of nothing that was declared is a name', () => {
    expect(summary(parse('h_sum 3'))).toEqual([['h_sum', 'untyped', undefined, 1]])
  })
})

describe('what is wrong is told with its line', () => {
  const f = (text: string, message: RegExp) => {
    expect(() => parse(text)).toThrow(BadExposition)
    expect(() => parse(text)).toThrow(message)
  }
  test('no name', () => f('a 1\n{b="1"} 1', /^line 2: a metric name/))
  test('no number', () => f('a', /^line 1: expected a number/))
  test('not a number', () => f('a 1x', /expected a number/))
  test('something behind', () => f('a 1 2 3', /expected a number/))
  test('labels do not end', () => f('a{b="1" 1', /expected , or }/))
  test('quotes do not end', () => f('a{b="1} 1', /expected label="value"/))
  test('an escape that is none', () => f('a{b="\\x"} 1', /expected label="value"/))
  test('a label twice', () => f('a{b="1",b="2"} 1', /label b comes twice/))
  test('a series twice', () => f('a{b="1",c="2"} 1\na{c="2",b="1"} 1', /comes twice/))
  test('a type that is none', () => f('# TYPE a number', /type "number"/))
  test('two types', () => f('# TYPE a gauge\n# TYPE a gauge', /second TYPE/))
  test('two helps', () => f('# HELP a b\n# HELP a b', /second HELP/))
  test('a type behind samples', () => f('a 1\n# TYPE a gauge', /behind its samples/))
  test('a name that is none', () => f('# TYPE 1a gauge', /not a metric name/))
  test('too many samples', () => f('a 1\nb 1\nc 1\nd 1\ne 1\nf 1', /more than 5 samples/))
  test('too many labels', () => f('a{b="1",c="1",d="1",e="1"} 1', /more than 3 labels/))
  test('a long label', () => f(`a{b="${'é'.repeat(11)}"} 1`, /longer than 20 bytes/))
})

test('any text is a page or a bad one', () => {
  const words = fc.constantFrom(
    'a',
    '{',
    '}',
    'b="',
    '"',
    ',',
    ' ',
    '1',
    '\n',
    '# TYPE ',
    '\\',
    'é',
  )
  fc.assert(
    fc.property(fc.array(words, { maxLength: 40 }), (parts) => {
      let thrown: unknown
      try {
        parse(parts.join(''))
      } catch (error) {
        thrown = error
      }
      expect(thrown === undefined || thrown instanceof BadExposition).toBe(true)
    }),
  )
})
