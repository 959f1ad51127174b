import { describe, expect, test } from 'vitest'
import { linesOf, signedOf, unsignedOf, wordsOf } from '../../../agent/read/words.ts'

test('words and lines', () => {
  expect(wordsOf('  a\tb  c ')).toEqual(['a', 'b', 'c'])
  expect(linesOf('a\n\nb\n')).toEqual(['a', 'b'])
})

describe('numbers', () => {
  const f = (text: string | undefined, want: number) => expect(unsignedOf(text)).toBe(want)
  test('plain', () => f('12', 12))
  test('the largest of 64 bits', () => f('18446744073709551615', 2 ** 64))
  test('longer', () => f('184467440737095516150', Number.NaN))
  test('a sign', () => f('-1', Number.NaN))
  test('hexadecimal', () => f('0x10', Number.NaN))
  test('empty', () => f('', Number.NaN))
  test('none', () => f(undefined, Number.NaN))
})

describe('signed numbers', () => {
  const f = (text: string | undefined, want: number) => expect(signedOf(text)).toBe(want)
  test('below 0', () => f('-12', -12))
  test('above', () => f('12', 12))
  test('two signs', () => f('--1', Number.NaN))
  test('none', () => f(undefined, Number.NaN))
})
