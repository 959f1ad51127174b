import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ascii, parseLimit, parseNumber, Scan } from '../../../agent/read/scan.ts'

const scan = (text: string) => new Scan(ascii(text))
const U64 = 2n ** 64n - 1n

describe('hex', () => {
  const f = (text: string, want: number, at: number) => {
    const s = scan(text)
    expect(s.hex()).toBe(want)
    expect(s.at).toBe(at)
  }
  test('lower and upper case', () => f('00aBcF 1', 0xabcf, 6))
  test('stops at what is no digit', () => f('1g', 1, 1))
  test('nothing there', () => f('', Number.NaN, 0))
  test('no digit there', () => f(':1', Number.NaN, 0))
  test('the largest of 64 bits', () => f('ffffffffffffffff', Number(U64), 16))
  test('longer than 64 bits can be', () => f('1ffffffffffffffff', Number.NaN, 17))
})

describe('unsigned', () => {
  const f = (text: string, want: number, at: number) => {
    const s = scan(text)
    expect(s.unsigned()).toBe(want)
    expect(s.at).toBe(at)
  }
  test('one digit', () => f('7', 7, 1))
  test('stops at what is no digit', () => f('42 7', 42, 2))
  test('nothing there', () => f('', Number.NaN, 0))
  test('no digit there', () => f('x1', Number.NaN, 0))
  test('a sign is no digit', () => f('-1', Number.NaN, 0))
  test('above 2^53, rounded as the language does', () =>
    f('9223372036854771712', 9223372036854771712, 19))
  test('the largest of 64 bits', () => f('18446744073709551615', Number(U64), 20))
  test('longer than 64 bits can be', () => f('184467440737095516150', Number.NaN, 21))

  test('every 64-bit number is rounded once', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: U64 }), (n) => {
        expect(scan(String(n)).unsigned()).toBe(Number(n))
      }),
    )
  })
  test('a larger number is never read as a smaller one', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: U64 }),
        fc.bigInt({ min: 0n, max: 1n << 12n }),
        (n, more) => {
          const later = n + more > U64 ? U64 : n + more
          expect(scan(String(later)).unsigned()).toBeGreaterThanOrEqual(scan(String(n)).unsigned())
        },
      ),
    )
  })
})

describe('decimal', () => {
  const f = (text: string, want: number) => expect(scan(text).decimal()).toBe(want)
  test('whole', () => f('12', 12))
  test('with a fraction', () => f('0.29', 0.29))
  test('large', () => f('350735.47 234388.90', 350735.47))
  test('no fraction behind the dot', () => f('1.', Number.NaN))
  test('no number', () => f('.5', Number.NaN))
})

test('signed', () => {
  expect(scan('-1').signed()).toBe(-1)
  expect(scan('12').signed()).toBe(12)
  expect(scan('-').signed()).toBeNaN()
  expect(scan('').signed()).toBeNaN()
})

describe('moving', () => {
  test('over blanks and tabs, not over line ends', () => {
    const s = scan(' \t x\n')
    s.blanks()
    expect(s.at).toBe(3)
    s.word()
    expect(s.at).toBe(4)
    s.blanks()
    expect(s.at).toBe(4)
    s.nextLine()
    expect(s.done).toBe(true)
  })
  test('never beyond the end, though the buffer goes on', () => {
    const s = new Scan(ascii('12345\nxyz'), 3)
    expect(s.unsigned()).toBe(123)
    s.nextLine()
    expect(s.at).toBe(3)
    expect(new Scan(ascii('some total'), 4).sees(ascii('some '))).toBe(false)
  })
})

describe('a file that holds a limit', () => {
  const f = (text: string, want: number) => expect(parseLimit(ascii(text), text.length)).toBe(want)
  test('a number', () => f('268435456\n', 268435456))
  test('zero is a limit', () => f('0\n', 0))
  test('v2 unlimited', () => f('max\n', Number.NaN))
  test('v1 unlimited memory', () => f('9223372036854771712\n', Number.NaN))
  test('v1 unlimited memory with pages of 64 KiB', () => f('9223372036854710272\n', Number.NaN))
  test('v1 no quota', () => f('-1\n', Number.NaN))
  test('empty', () => f('', Number.NaN))
})

test('a file that holds a number', () => {
  expect(parseNumber(ascii('12\n'), 3)).toBe(12)
  expect(parseNumber(ascii(''), 0)).toBeNaN()
})
