import { constants, createZstdCompress, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { inflateFrame } from '../../../collector/receive/zstd.ts'

const LONG = process.env['LONG'] === '1'
const body = fc
  .tuple(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat({ max: 400 }))
  .map(([bytes, times]) => Buffer.concat(Array.from({ length: times }, () => bytes)))

const checksum = { params: { [constants.ZSTD_c_checksumFlag]: 1 } }

test('a frame of any size, with and without a checksum, is inflated', () => {
  fc.assert(
    fc.property(body, fc.boolean(), (bytes, isChecked) => {
      const frame = zstdCompressSync(bytes, isChecked ? checksum : {})
      expect(inflateFrame(frame)).toEqual(bytes)
    }),
    { numRuns: LONG ? 10_000 : 200 },
  )
})

test('what is damaged, cut or followed by more is what the library makes of it, or is left to it', () => {
  const whole = zstdCompressSync(Buffer.from('as it was'))
  fc.assert(
    fc.property(body, fc.nat(), fc.nat({ max: 255 }), fc.nat(), (bytes, at, byte, length) => {
      const frame = zstdCompressSync(bytes)
      const damaged = Buffer.from(frame)
      damaged[at % frame.length] = byte
      for (const each of [
        damaged,
        frame.subarray(0, length % frame.length),
        Buffer.concat([frame, damaged]),
      ]) {
        const inflated = inflateFrame(each)
        const ours = inflated && Buffer.from(inflated)
        expect(ours).toEqual(ours && zstdDecompressSync(each))
        expect(inflateFrame(whole)?.toString()).toBe('as it was')
      }
    }),
    { numRuns: LONG ? 20_000 : 300 },
  )
})

test('a frame that is large, or does not say what it inflates to, is left to the library', async () => {
  expect(inflateFrame(zstdCompressSync(Buffer.alloc((1 << 20) + 1)))).toBeUndefined()
  const stream = createZstdCompress()
  stream.write('one')
  stream.end('two')
  expect(inflateFrame(await buffer(stream))).toBeUndefined()
  expect(inflateFrame(Buffer.from('no frame at all'))).toBeUndefined()
})
