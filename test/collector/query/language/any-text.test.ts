import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { check } from '../../../../collector/query/language/check.ts'
import { functions } from '../../../../collector/query/language/functions.ts'
import { parse } from '../../../../collector/query/language/parse.ts'
import { print, printLine } from '../../../../collector/query/language/print.ts'
import { treeJson } from '../../../../collector/query/language/tree-json.ts'
import type { Expr, ValueType } from '../../../../collector/query/language/tree.ts'
import { QueryError } from '../../../../collector/query/query-error.ts'
import { expressions } from './grammar.ts'

const numRuns = process.env['LONG'] === '1' ? 20_000 : 400

/** All that a reader keeps: without places, and matchers in one order. */
const essence = (expr: Expr): string =>
  JSON.stringify(expr, (key, value: unknown) => {
    if (key === 'span') return undefined
    if (key === 'matchers') return (value as unknown[]).map((one) => JSON.stringify(one)).sort()
    if (typeof value === 'number' && !(Number.isFinite(value) && !Object.is(value, -0))) {
      return Object.is(value, -0) ? '-0' : String(value)
    }
    return value
  })

function refusal(action: () => void): QueryError | undefined {
  try {
    action()
    return undefined
  } catch (error) {
    if (error instanceof QueryError) return error
    throw error
  }
}

/** What is drawn at random may name something twice, or match scalars; no more than that. */
const DRAWN_AMISS = /must not be set twice|vector matching only allowed between|out of range/

describe('an expression of the grammar', () => {
  test('is read, and printed as one that is read as the same', () => {
    fc.assert(
      fc.property(expressions.any, (text) => {
        let expr: Expr | undefined
        const refused = refusal(() => (expr = parse(text)))
        if (refused !== undefined && !DRAWN_AMISS.test(refused.message)) throw refused
        fc.pre(refused === undefined)
        for (const printed of [print(expr!), printLine(expr!)]) {
          expect(essence(parse(printed))).toBe(essence(expr!))
        }
        expect(print(parse(print(expr!)))).toBe(print(expr!))
        expect(JSON.stringify(treeJson(expr!))).toContain('"type"')
      }),
      { numRuns },
    )
  })

  const types: [ValueType, fc.Arbitrary<string>][] = [
    ['scalar', expressions.scalar],
    ['vector', expressions.vector],
    ['matrix', expressions.matrix],
  ]
  test.each(types)('is a %s or refused with a place', (type, texts) => {
    let fitting = 0
    fc.assert(
      fc.property(texts, (text) => {
        const refused = refusal(() => {
          expect(check(parse(text), text)).toBe(type)
          fitting++
        })
        if (refused === undefined) return
        expect(refused.kind).toBe('bad_data')
        expect(refused.message).toMatch(/^\d+:\d+: parse error: ./)
        expect(refused.span!.from).toBeGreaterThanOrEqual(0)
        expect(refused.span!.to).toBeLessThanOrEqual(text.length)
      }),
      { numRuns },
    )
    expect(fitting).toBeGreaterThan(numRuns / 2)
  })
})

describe('any text', () => {
  const words = 'sum by on ignoring group_left bool offset and or atan2 inf start end fill anchored'
  const word = fc.constantFrom(
    '__name__',
    'a',
    'b:c',
    ...words.split(' '),
    ...Object.keys(functions),
  )
  const mark = fc.constantFrom(...'(){}[],:=@+-*/%^<>!~#"\'`\\ \n\t.$;'.split(''), '=~', '!=', '>=')
  const part = fc.oneof(
    word,
    mark,
    fc.constantFrom(
      '5m',
      '1e3',
      '0x',
      '"x"',
      '1__0',
      'a{b="c"}',
      '[5m:1m]',
      '\u0000',
      '\ud800',
      '😀',
      ' ',
    ),
    fc.string({ unit: 'binary', maxLength: 3 }),
  )
  test('is read or refused, and neither takes long', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
        const text = parts.join('')
        const refused = refusal(() => check(parse(text), text))
        if (refused === undefined) return
        expect(refused.kind).toBe('bad_data')
        expect(refused.message).toContain(': parse error: ')
        expect(refused.span!.from).toBeGreaterThanOrEqual(0)
        expect(refused.span!.from).toBeLessThanOrEqual(text.length)
      }),
      { numRuns: 5 * numRuns },
    )
  })
  test('also where one part comes again and again', () => {
    fc.assert(
      fc.property(part, part, fc.nat(8_000), (a, b, times) => {
        refusal(() => check(parse((a + b).repeat(times).slice(0, 16_000))))
      }),
      { numRuns: numRuns / 10 },
    )
  })
})

test('text that says something of itself is text', () => {
  // The grammar's own tables take `constructor` and `__proto__` for words of theirs, unless in quotes.
  for (const name of ['constructor', '__proto__']) {
    expect(parse(`{"${name}","${name}"="${name}"}`)).toMatchObject({ name })
  }
  for (const name of ['toString', 'hasOwnProperty', 'valueOf']) {
    expect(parse(`${name}{${name}="${name}"}`)).toMatchObject({ name })
    expect(() => parse(`${name}(a)`)).toThrow(`unknown function with name "${name}"`)
    expect(parse(`sum by (${name}) (a)`)).toMatchObject({ grouping: { labels: [name] } })
  }
})
