import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parsePageSize, readPageSize } from '../../../agent/read/page-size.ts'
import { filesOf, folder } from '../fixture.ts'

/** Pairs of words as this machine's kernel would write them. */
const vector = (...pairs: readonly [number, number][]) =>
  Buffer.from(new BigUint64Array(pairs.flat().map(BigInt)).buffer)

describe.skipIf(!['x64', 'arm64'].includes(process.arch))('the word behind AT_PAGESZ', () => {
  const f = (bytes: Buffer, want: number | undefined) =>
    expect(parsePageSize(bytes, bytes.length)).toBe(want)
  test('among others', () => f(vector([33, 2 ** 47], [6, 65_536], [0, 0]), 65_536))
  test('none', () => f(vector([33, 6], [0, 0]), undefined))
  test('cut in the middle', () => f(vector([6, 4096]).subarray(0, 12), undefined))
  test('no power of two', () => f(vector([6, 4097]), undefined))
  test('too small', () => f(vector([6, 1]), undefined))
})

test('any bytes have a page size or none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(parsePageSize(bytes, bytes.length) ?? 4096).toBeGreaterThanOrEqual(4096)
    }),
  )
})

test('that of this machine is what getconf says', () => {
  const said = Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' }))
  expect(readPageSize(filesOf('/'))).toBe(said)
})

test('without /proc there is none', () => {
  expect(readPageSize(filesOf(folder()))).toBeUndefined()
})
