import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KeyedFile } from '../../../agent/read/keyed-file.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { recordOrMalformed } from './malformed-or.ts'

const KEYS = ['anon', 'file', 'total_rss']
const make = () =>
  new KeyedFile(
    'test',
    KEYS.map((key, column) => ({ key, column, factor: 1 })),
  )

function read(file: KeyedFile, text: string): number[] {
  const values = new Float64Array(KEYS.length).fill(Number.NaN)
  const bytes = Buffer.from(text)
  file.parse(bytes, bytes.length, values)
  return [...values]
}

const f = (text: string, want: readonly number[]) => {
  const file = make()
  expect(read(file, text)).toEqual(want)
  // The second time by place.
  expect(read(file, text)).toEqual(want)
}

describe('lines', () => {
  test('in the order of the keys', () => f('anon 1\nfile 2\ntotal_rss 3\n', [1, 2, 3]))
  test('in another order', () => f('total_rss 3\nanon 1\nfile 2\n', [1, 2, 3]))
  test('with others between and behind', () => f('x 9\nanon 1\ny z\nfile 2\nq\n', [1, 2, NaN]))
  test('as meminfo writes them', () => f('anon:   1 kB\nfile:\t2 kB\n', [1, 2, NaN]))
  test('with more columns than we know', () => f('anon 1 7 7\nfile 2\n', [1, 2, NaN]))
  test('without a last line end', () => f('anon 1\nfile 2', [1, 2, NaN]))
  test('a longer key is another key', () => f('anon_thp 9\nanon 1\n', [1, NaN, NaN]))
})

describe('malformed', () => {
  const f = (text: string, expected: RegExp) => {
    expect(() => read(make(), text)).toThrow(MalformedFile)
    expect(() => read(make(), text)).toThrow(expected)
  }
  test('nothing', () => f('', /a line such as `anon 1`, found ""/))
  test('nothing that we know', () => f('x 1\n', /a line such as `anon 1`, found "x 1"/))
  test('no number', () => f('anon many\n', /a number, found "many"/))
  test('no value', () => f('anon\n', /a number/))
})

describe('a file whose lines change is learned again', () => {
  test('a line more before', () => {
    const file = make()
    read(file, 'anon 1\nfile 2\n')
    expect(read(file, 'new 7\nanon 3\nfile 4\n')).toEqual([3, 4, NaN])
  })
  test('a line less', () => {
    const file = make()
    read(file, 'x 1\nanon 1\nfile 2\n')
    expect(read(file, 'anon 3\n')).toEqual([3, NaN, NaN])
  })
  test('an empty file is malformed though the layout is known', () => {
    const file = make()
    read(file, 'anon 1\n')
    expect(() => read(file, '')).toThrow(MalformedFile)
  })
})

describe('kinds of one family that lie side by side', () => {
  const whole = 'anon 1\nx 7\nfile 2\ntotal_rss 3\n'
  const f = (...texts: readonly string[]) => {
    const file = make()
    for (let pass = 0; pass < 3; pass += 1)
      for (const text of texts) expect(read(file, text)).toEqual(read(make(), text))
  }
  const both = (a: string, b: string) => {
    f(a, b)
    f(b, a)
  }
  test('one ends where the other goes on', () => both('anon 1\n', whole))
  test('one lacks a key in the middle', () => both('anon 1\nx 7\ntotal_rss 3\n', whole))
  test('a key that is missing in one has the length of an unwanted one in the other', () =>
    both('anon 1\nkern 7\n', 'anon 1\nfile 2\n'))
  test('one ends in a line without a value', () => both('anon 1\nq\n', 'anon 1\nq\nfile 2\n'))
  test('more kinds than are remembered', () =>
    f(...KEYS.flatMap((key) => [`${key} 1\n`, `x 1\n${key} 2\n`, `y\n${key} 3\n`]), whole))
})

test('what was learned gives what a fresh reading gives, whichever kinds came before', () => {
  const names = fc.constantFrom(...KEYS, 'other', 'kernel', 'slab', 'kern')
  const text = fc
    .uniqueArray(fc.tuple(names, fc.nat()), { minLength: 1, selector: ([key]) => key })
    .filter((lines) => lines.some(([key]) => KEYS.includes(key)))
    .map((lines) => lines.map(([key, value]) => `${key} ${value}\n`).join(''))
  fc.assert(
    fc.property(fc.array(text, { minLength: 2, maxLength: 8 }), (texts) => {
      const file = make()
      for (const each of texts) expect(read(file, each)).toEqual(read(make(), each))
    }),
  )
})

test('any bytes are a record or malformed', () => {
  const file = make()
  read(file, 'anon 1\nother 2\ntotal_rss 3\n')
  recordOrMalformed([...KEYS, 'other', 'anon 1\n'], (bytes) => read(file, bytes.toString('latin1')))
})
