/**
 * Files of a spool that were cut, changed or made by somebody else: never a wrong record, never a
 * crash, and no more memory than there is in the file. `LONG=1` changes far more.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Batch } from '../../../agent/ship/batch.ts'
import { decodeHead, encodeHead, HEADER_BYTES } from '../../../agent/ship/record.ts'
import { Segment } from '../../../agent/ship/segment.ts'
import { MemoryDisk } from './memory-disk.ts'

const HEADER = { timeMs: 1_790_000_000_123.5, bootUs: 42, bootId: 'b'.repeat(36) }
const batch = (i: number, body = `body ${i}`.repeat(i + 1)): Batch => ({
  id: `machine/boot/${i}`,
  timeMs: 1_000 + i,
  body: Buffer.from(body),
  encoding: ([undefined, 'gzip', 'zstd'] as const)[i % 3],
})
const BATCHES = Array.from({ length: 6 }, (_, i) => batch(i))
const text = ({ id, timeMs, encoding, body }: Batch) =>
  [id, timeMs, encoding, body.toString('latin1')].join(' ')
const TEXTS = new Set(BATCHES.map(text))

/** Where records end. */
const ENDS = BATCHES.map((_, i) =>
  BATCHES.slice(0, i + 1).reduce(
    (sum, each) => sum + encodeHead(each).length + each.body.length,
    HEADER_BYTES,
  ),
)
const NAME = '000000000001.spool'

/** A segment with all batches, of which the second is done; its bytes. */
function written(): Buffer {
  const memory = new MemoryDisk()
  const segment = Segment.create(memory.take(), NAME, HEADER)
  const refs = BATCHES.map((each) => segment.append(each))
  segment.markDone(refs[1]!.offset)
  return memory.files.get(NAME)!.bytes
}

/** What can be read of a file with these bytes. */
function readAll(bytes: Buffer): { found: string[]; cutBytes: number; isSegment: boolean } {
  const memory = new MemoryDisk()
  memory.files.set(NAME, { bytes, forced: bytes })
  const { segment, cutBytes } = Segment.open(memory.take(), NAME)
  const found = (segment?.waiting ?? []).flatMap((offset) => {
    const read = segment!.read(offset)
    return read === undefined ? [] : [text(read)]
  })
  expect(memory.bytes).toBe(segment?.bytes ?? bytes.length)
  return { found, cutBytes, isSegment: segment !== undefined }
}

const waiting = BATCHES.filter((_, i) => i !== 1).map(text)

test('what was written is read again, without what is done', () => {
  expect(readAll(written())).toEqual({ found: waiting, cutBytes: 0, isSegment: true })
})

test('cut at any byte, the whole records before it are there and the rest is cut off', () => {
  const bytes = written()
  let before = 0
  for (let length = 0; length <= bytes.length; length++) {
    const { found, cutBytes, isSegment } = readAll(bytes.subarray(0, length))
    expect(isSegment).toBe(length >= HEADER_BYTES)
    expect(found).toEqual(waiting.slice(0, found.length))
    expect(found.length).toBeGreaterThanOrEqual(before)
    expect(cutBytes).toBeLessThanOrEqual(length)
    expect(isSegment || cutBytes === length).toBe(true)
    before = found.length
  }
  expect(before).toBe(waiting.length)
})

test('with any bit changed, no record is another one, and those before it are there', () => {
  const bytes = written()
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = Buffer.from(bytes)
    changed[bit >> 3]! ^= 1 << (bit & 7)
    const { found } = readAll(changed)
    for (const each of found) expect(TEXTS.has(each)).toBe(true)
    const before = ENDS.filter((end) => end <= bit >> 3).length
    const sure = bit >> 3 < HEADER_BYTES ? [] : BATCHES.slice(0, before).map(text)
    expect(found).toEqual(expect.arrayContaining(sure.filter((each) => waiting.includes(each))))
  }
})

test('a mark that is neither waits', () => {
  const bytes = written()
  const offset = HEADER_BYTES + encodeHead(BATCHES[0]!).length + BATCHES[0]!.body.length
  expect(bytes.toString('latin1', offset + 4, offset + 8)).toBe('done')
  bytes[offset + 4] = 0
  expect(readAll(bytes).found).toEqual(BATCHES.map(text))
})

test('whatever is changed, cut, repeated or put in, no record is a wrong one', () => {
  const bytes = written()
  const change = fc.record({
    at: fc.nat(bytes.length - 1),
    drop: fc.nat(40),
    put: fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      // A piece of the file itself, where a record may begin.
      fc
        .tuple(fc.nat(bytes.length - 1), fc.nat(200))
        .map(([from, length]) => bytes.subarray(from, from + length)),
    ),
  })
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 5 }), (changes) => {
      let changed = bytes
      for (const { at, drop, put } of changes) {
        const rest = changed.subarray(Math.min(changed.length, at + drop))
        changed = Buffer.concat([changed.subarray(0, at), put, rest])
      }
      for (const each of readAll(changed).found) expect(TEXTS.has(each)).toBe(true)
    }),
    { numRuns: process.env['LONG'] === '1' ? 1_000_000 : 3_000 },
  )
})

test('a length beyond the file or the limit is damage, and no memory is taken for it', () => {
  const head = encodeHead(BATCHES[3]!)
  expect(decodeHead(head)).toMatchObject({ id: 'machine/boot/3', bodyBytes: 24 })
  for (let length = 0; length < head.length; length++) {
    expect(decodeHead(head.subarray(0, length))).toBeUndefined()
  }
  const whole = readAll(Buffer.concat([written(), head]))
  expect(whole).toMatchObject({ found: waiting, cutBytes: head.length })
  expect(() => encodeHead({ ...BATCHES[0]!, body: Buffer.alloc((64 << 20) + 1) })).toThrow(
    RangeError,
  )
  expect(() => encodeHead({ ...BATCHES[0]!, id: 'x'.repeat(3_000) })).toThrow(RangeError)
})

test('any bytes are no segment, or one without records', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      expect(readAll(Buffer.from(bytes)).found).toEqual([])
    }),
  )
})
