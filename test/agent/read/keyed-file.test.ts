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

test('what was learned gives what a fresh reading gives', () => {
  const lines = fc.uniqueArray(fc.constantFrom(...KEYS, 'other', 'kernel', 'slab'), {
    minLength: 1,
  })
  const numbers = fc.array(fc.nat(), { minLength: 6, maxLength: 6 })
  fc.assert(
    fc.property(lines, numbers, numbers, (keys, first, second) => {
      fc.pre(keys.some((key) => KEYS.includes(key)))
      const text = (values: number[]) => keys.map((key, i) => `${key} ${values[i]}\n`).join('')
      const file = make()
      read(file, text(first))
      expect(read(file, text(second))).toEqual(read(make(), text(second)))
    }),
  )
})

test('any bytes are a record or malformed', () => {
  const file = make()
  read(file, 'anon 1\nother 2\ntotal_rss 3\n')
  recordOrMalformed([...KEYS, 'other', 'anon 1\n'], (bytes) => read(file, bytes.toString('latin1')))
})
