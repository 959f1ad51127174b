import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  FIXED64,
  LENGTH,
  lengthFieldSize,
  Reader,
  tag,
  VARINT,
  Writer,
} from '../../wire/protobuf.ts'
import { readOrMalformed } from './recorder.ts'

const written = (write: (writer: Writer) => void): Reader => {
  const writer = new Writer(1)
  write(writer)
  return new Reader(writer.take())
}
const sfixed64 = (value: number) => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64LE(BigInt(value))
  return bytes
}
const end = (reader: Reader) => reader.bytes.length

test('varints are as the specification prints them', () => {
  const f = (value: number, want: string) =>
    expect(written((writer) => writer.varint(value)).bytes.toString('hex')).toBe(want)
  f(0, '00')
  f(1, '01')
  f(127, '7f')
  f(150, '9601')
  f(2 ** 32, '8080808010')
})

test('each kind of field comes back as it was written', () => {
  fc.assert(
    fc.property(
      fc.maxSafeNat(),
      fc.double({ noNaN: true }),
      fc.maxSafeInteger(),
      fc.string({ unit: 'grapheme' }),
      fc.integer({ min: 0, max: 4_102_444_800_000 }),
      (count, number, whole, text, ms) => {
        const reader = written((writer) => {
          writer.varintField(1, count)
          writer.doubleField(2, number)
          writer.varint(tag(3, FIXED64))
          writer.raw(sfixed64(whole))
          writer.textField(300, text)
          writer.unixNanoField(5, ms)
        })
        const stop = end(reader)
        expect(reader.tag(stop)).toBe(tag(1, VARINT))
        expect(reader.varint(stop)).toBe(count)
        expect(reader.tag(stop)).toBe(tag(2, FIXED64))
        expect(reader.double(stop)).toBe(number)
        expect(reader.tag(stop)).toBe(tag(3, FIXED64))
        expect(reader.sfixed64(stop) === whole).toBe(true)
        expect(reader.tag(stop)).toBe(tag(300, LENGTH))
        expect(reader.text(stop)).toBe(text)
        expect(reader.tag(stop)).toBe(tag(5, FIXED64))
        expect(reader.unixNanoAsMs(stop)).toBe(ms)
        expect(reader.position).toBe(stop)
      },
    ),
  )
})

test('int64 is exact over its whole range', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
      let rest = BigInt.asUintN(64, value)
      const bytes: number[] = []
      do {
        bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0))
        rest >>= 7n
      } while (rest > 0n)
      expect(new Reader(Uint8Array.from(bytes)).int64(bytes.length)).toBe(value)
    }),
  )
})

test('nanoseconds below a millisecond stay', () => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(1_763_712_345_678_500_000n)
  expect(new Reader(bytes).unixNanoAsMs(8)).toBe(1_763_712_345_678.5)
})

test('messages nest, whatever the width of their length', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(40_000), { maxLength: 4 }), fc.nat(300), (sizes, tail) => {
      const reader = written((writer) => {
        const starts = sizes.map((size, depth) => {
          const start = writer.begin(depth + 1)
          writer.textField(15, 'x'.repeat(size))
          return start
        })
        for (const start of starts.toReversed()) writer.end(start)
        writer.textField(9, 'y'.repeat(tail))
      })
      const outer = end(reader)
      let stop = outer
      sizes.forEach((size, depth) => {
        expect(reader.tag(stop)).toBe(tag(depth + 1, LENGTH))
        stop = reader.open(stop)
        expect(reader.tag(stop)).toBe(tag(15, LENGTH))
        expect(reader.text(stop)).toHaveLength(size)
      })
      expect(reader.tag(outer)).toBe(tag(9, LENGTH))
      expect(reader.text(outer)).toHaveLength(tail)
    }),
  )
})

test('a length and room for it can stand before what they are for', () => {
  fc.assert(
    fc.property(fc.nat(40_000), fc.integer({ min: 1, max: 15 }), (size, field) => {
      const reader = written((writer) => {
        writer.lengthField(field, size)
        writer.skip(size)
        writer.textField(1, 'end')
      })
      expect(reader.tag(end(reader))).toBe(tag(field, LENGTH))
      reader.position = reader.open(end(reader))
      expect(reader.position).toBe(lengthFieldSize(size))
      reader.tag(end(reader))
      expect(reader.text(end(reader))).toBe('end')
    }),
  )
})

test('says what is wrong and at which byte', () => {
  const f = (hex: string, read: (reader: Reader) => unknown, message: string) => {
    const reader = new Reader(Buffer.from(hex, 'hex'))
    expect(() => read(reader)).toThrow(message)
  }
  f('ff', (r) => r.varint(1), 'malformed message at byte 0: a varint is cut short')
  f('ffffffffffffffffffffff01', (r) => r.varint(12), 'longer than ten bytes')
  f('00', (r) => r.tag(1), 'no valid field number')
  f('ffffffffff01', (r) => r.tag(6), 'no valid field number')
  f('05aabb', (r) => r.open(3), 'malformed message at byte 1: a field of 5 bytes is cut short')
  f('0102', (r) => r.double(2), 'a field of 8 bytes is cut short')
  f('02c328', (r) => r.text(3), 'malformed message at byte 1: text is not valid UTF-8')
  f('0b', (r) => r.skip(r.tag(1), 1), 'wire type 3')
  f('0d0102', (r) => r.skip(r.tag(3), 3), 'a field of 4 bytes is cut short')
})

test('fields that nobody knows are passed over', () => {
  const reader = written((writer) => {
    writer.varintField(1, 300)
    writer.doubleField(2, 1)
    writer.textField(3, 'abc')
    writer.raw(Buffer.from('250102030c', 'hex').fill(0, 1))
    writer.varintField(5, 7)
  })
  const stop = end(reader)
  for (let field = reader.tag(stop); field !== tag(5, VARINT); field = reader.tag(stop)) {
    reader.skip(field, stop)
  }
  expect(reader.varint(stop)).toBe(7)
})

test('any bytes are read to their end or are malformed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const reader = new Reader(bytes)
      const outcome = readOrMalformed(() => {
        while (reader.position < bytes.length) reader.skip(reader.tag(bytes.length), bytes.length)
        return reader.position
      })
      expect([bytes.length, 'malformed']).toContain(outcome)
    }),
  )
})
