/** Whatever a value holds, the engine gets the value, and the statement stays what it was. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withLiterals } from '../../../collector/store/literals.ts'
import { openStore } from '../../../collector/store/open-store.ts'
import type { Store } from '../../../collector/store/store.ts'
import { silentLog } from '../../../settings/log.ts'

let directory: string
let store: Store
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'candor-literals-'))
  store = await openStore({ path: join(directory, 'data') }, silentLog())
})
afterAll(async () => {
  await store.close()
  await rm(directory, { recursive: true })
})

/** Quotes, backslashes, comments, NUL, braces of placeholders, halves of characters made whole. */
const texts = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        "'",
        '\\',
        '\0',
        '\n',
        '--',
        '/*',
        '*/',
        ';',
        '`',
        '{b:String}',
        '\\x27',
        'é',
      ),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join('').toWellFormed())
const unsigned = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })
const signed = fc.maxSafeInteger()

test('comes out as it went in, of every type', async () => {
  await fc.assert(
    fc.asyncProperty(
      texts,
      fc.array(texts, { maxLength: 4 }),
      fc.array(unsigned, { maxLength: 4 }),
      signed,
      fc.array(fc.double({ noNaN: true }), { maxLength: 4 }),
      async (word, words, ids, whole, numbers) => {
        const [row] = await store.query<Record<string, unknown>>(
          `SELECT hex({a:String}) AS a, arrayMap(x -> hex(x), {b:Array(String)}) AS b, {c:Array(UInt64)} AS c,
             {d:Int64} AS d, arrayMap(x -> reinterpretAsUInt64(x), {e:Array(Float64)}) AS e`,
          { a: word, b: words, c: ids, d: whole, e: numbers },
        )
        const hex = (of: string) => Buffer.from(of).toString('hex').toUpperCase()
        const bits = (of: number) => {
          const buffer = Buffer.alloc(8)
          buffer.writeDoubleBE(of)
          return String(buffer.readBigUInt64BE())
        }
        expect(row).toEqual({
          a: hex(word),
          b: words.map(hex),
          c: ids.map(String),
          d: String(whole),
          e: numbers.map(bits),
        })
      },
    ),
    { numRuns: 200 },
  )
})

test('the text of a statement has no character of a text', () => {
  fc.assert(
    fc.property(texts, (word) => {
      expect(withLiterals('SELECT {a:String}', { a: word })).toMatch(
        /^SELECT '(?:\\x[0-9a-f]{2})*'$/,
      )
    }),
  )
})

test.each([
  ['a number that is none', 'Int64', '1; DROP TABLE x'],
  ['a fraction', 'UInt64', 1.5],
  ['a text for a list', 'Array(String)', "['a']"],
  ['a list of another kind', 'Array(UInt64)', ['1]']],
  ['a number for a text', 'String', 1],
  ['a type that is not known', 'Identifier', 'x'],
])('%s is refused', (_, type, value) => {
  expect(() => withLiterals(`SELECT {a:${type}}`, { a: value })).toThrow(TypeError)
})

test('a value that was not given is refused, as is one of the prototype', () => {
  expect(() => withLiterals('SELECT {a:String}', {})).toThrow(TypeError)
  expect(() => withLiterals('SELECT {toString:String}', {})).toThrow(TypeError)
})
