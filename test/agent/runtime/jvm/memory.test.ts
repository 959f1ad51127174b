import { describe, expect, test } from 'vitest'
import { MalformedFile } from '../../../../agent/read/malformed.ts'
import {
  Image,
  type Range,
  type Reading,
  runReading,
} from '../../../../agent/runtime/jvm/memory.ts'
import { limits } from '../../../../catalog/limit.ts'

const PAGE = 4096
const SIZE = 64 * PAGE
/** Each byte is the number of its page; nothing is behind the last. */
const memory = Uint8Array.from({ length: SIZE }, (_, i) => Math.floor(i / PAGE) + 1)
const read = ({ address, bytes }: Range) => memory.subarray(address, address + bytes)
const run = <T>(reading: (image: Image) => Reading<T>, from = read) => {
  const image = new Image()
  return { result: runReading(reading(image), from), cost: image.cost }
}

describe('bytes', () => {
  const f = (address: number, length: number, expected: readonly number[]) => {
    const { result } = run((image) => image.bytes(address, length))
    expect([...new Uint8Array(result.buffer)]).toEqual(expected)
  }
  test('within a page', () => f(PAGE + 7, 3, [2, 2, 2]))
  test('across the border of two', () => f(2 * PAGE - 1, 3, [2, 3, 3]))
  test('up to the last', () => f(SIZE - 2, 2, [64, 64]))
  test('none', () => f(0, 0, []))
  test.each([
    ['behind the last', SIZE, 1],
    ['beginning before and ending behind it', SIZE - 1, 2],
    ['of the kernel', 2 ** 63, 8],
    ['below zero', -8, 8],
    ['no address', Number.NaN, 8],
    ['of negative length', 0, -1],
    ['more than may be read at all', 0, limits.jvmMemoryBytes.value + 1],
  ])('%s: refused', (_, address, length) => {
    expect(() => run((image) => image.bytes(address, length))).toThrow(MalformedFile)
  })
})

describe('texts', () => {
  const texts = Uint8Array.from({ length: 3 * PAGE }, (_, i) => (i === PAGE + 1 ? 0 : 0x61))
  const text = (address: number, most: number) =>
    run(
      (image) => image.text(address, most),
      ({ address: at, bytes }) => texts.subarray(at, at + bytes),
    ).result
  test('end with NUL, also on the next page', () => expect(text(PAGE - 2, 10)).toBe('aaa'))
  test('may be empty', () => expect(text(PAGE + 1, 10)).toBe(''))
  test('that are longer than they may be', () => {
    expect(() => text(0, 100)).toThrow(/a text of less than 100 bytes/)
  })
  test('that memory ends before', () => {
    expect(() => text(3 * PAGE - 5, 100)).toThrow(MalformedFile)
  })
})

test('a page is read once, and with those behind it', () => {
  const { cost } = run(function* (image) {
    for (let i = 0; i < 100; i += 1) yield* image.bytes(i * 8, 8)
    yield* image.bytes(3 * PAGE, 8)
  })
  expect(cost.reads).toBe(1)
})

describe('who leads a reader on and on is left', () => {
  test('by ever another page', () => {
    let reads = 0
    const run = () =>
      runReading(
        (function* (): Reading<void> {
          const image = new Image()
          for (let page = 0; ; page += 100) yield* image.bytes(page * PAGE, 1)
        })(),
        () => {
          reads += 1
          return new Uint8Array(1)
        },
      )
    expect(run).toThrow(/tables that end/)
    expect(reads).toBe(limits.jvmMemoryReads.value)
  })
  test('by ever more bytes', () => {
    let bytes = 0
    const run = () =>
      runReading(
        (function* (): Reading<void> {
          const image = new Image()
          for (let at = 0; ; at += 1 << 20) yield* image.bytes(at, 1 << 20)
        })(),
        (range) => {
          bytes += range.bytes
          return new Uint8Array(range.bytes)
        },
      )
    expect(run).toThrow(/tables that end/)
    expect(bytes).toBeLessThanOrEqual(2 * limits.jvmMemoryBytes.value)
  })
})
