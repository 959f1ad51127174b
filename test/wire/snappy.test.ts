import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeSnappy, snappyLength } from '../../wire/snappy.ts'
import { readOrMalformed } from './recorder.ts'
import { encodeSnappy } from './snappy-encode.ts'

const numRuns = process.env['LONG'] === '1' ? 200_000 : 1_000

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

describe('a block becomes what was compressed', () => {
  const f = (block: string, want: string) => expect(decodeSnappy(hex(block)).toString()).toBe(want)
  test('empty', () => f('00', ''))
  test('a literal', () => f('05 10 68656c6c6f', 'hello'))
  test('a literal with its length in a byte of its own', () =>
    f(`3d f03c ${'61'.repeat(61)}`, 'a'.repeat(61)))
  test('with its length in two, three and four', () => {
    f('02 f40100 6162', 'ab')
    f('02 f8010000 6162', 'ab')
    f('02 fc01000000 6162', 'ab')
  })
  test('a copy with a byte of how far', () => f('08 0c61626364 0104', 'abcdabcd'))
  test('with two', () => f('06 0861 6263 0a0300', 'abcabc'))
  test('with four', () => f('06 0861 6263 0b03000000', 'abcabc'))
  test('that overlaps with what it writes', () => f('0a 0061 220100', 'aaaaaaaaaa'))
  test('any bytes', () => {
    const repetitive = fc.array(fc.constantFrom('a', 'bc', 'def', 'metric_name', '\n'), {
      maxLength: 2_000,
    })
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 5_000 }),
          repetitive.map((words) => Buffer.from(words.join(''))),
        ),
        (bytes) => {
          const block = encodeSnappy(bytes)
          expect(snappyLength(block)).toBe(bytes.length)
          expect(decodeSnappy(block).equals(bytes)).toBe(true)
        },
      ),
      { numRuns: Math.min(numRuns, 2_000) },
    )
  })
})

function isBlockOrNot(block: Buffer): void {
  const found = readOrMalformed(() => decodeSnappy(block).length)
  const promised = readOrMalformed(() => snappyLength(block))
  expect([promised, 'malformed']).toContain(found)
}

describe('a block that is none is refused', () => {
  const f = (block: string, reason: string) =>
    expect(() => decodeSnappy(hex(block))).toThrow(`snappy: ${reason}`)
  test('empty', () => f('', 'the length is cut short'))
  test('that has half a length', () => f('80', 'the length is cut short'))
  test('with a length of 35 bits', () => f('ffffffff7f', 'the length has over 32 bits'))
  test('with a length without end', () => f('ffffffffff01', 'the length is longer'))
  test('that promises what no block can be', () =>
    f('ffffffff0f 0061', '7 bytes cannot become 4294967295'))
  test('that ends in a literal', () => f('05 106865', 'a literal is cut short'))
  test('that ends in the length of one', () => f('05 f4', 'the length of a literal is cut short'))
  test('with a literal of four gigabytes', () => f('05 fcffffffff 61', 'a literal is cut short'))
  test('with a literal beyond the promise', () => f('01 046162', 'a literal is longer than'))
  test('that ends in a copy', () => f('09 0061 0a01', 'a copy is cut short'))
  test('with a copy from before the start', () => f('06 0061 0a0200', 'a copy from before'))
  test('with a copy of itself', () => f('06 0061 0a0000', 'a copy from before'))
  test('with a copy beyond the promise', () => f('02 0061 0a0100', 'a copy is longer than'))
  test('that keeps less than it promised', () => f('05 0061', '5 bytes were promised, 1 came'))

  test('any bytes are a block or are not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        isBlockOrNot(Buffer.from(bytes))
      }),
      { numRuns },
    )
  })

  test('nor is any that was changed', () => {
    const whole = encodeSnappy(Buffer.from('node_cpu_seconds_total{cpu="0"} '.repeat(20)))
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const changed = Buffer.from(whole)
        changed[at] = byte
        isBlockOrNot(changed)
      }),
      { numRuns },
    )
  })
})
