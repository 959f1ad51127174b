/**
 * Snappy's block format, read: https://github.com/google/snappy/blob/main/format_description.txt
 *
 *   block   = varint length of what comes out, element*
 *   element = tag, by its lowest two bits:
 *     00 literal  upper six bits: length - 1, or 60..63 for 1..4 bytes of it (little endian); the bytes
 *     01 copy     3 bits length - 4, 3 bits and the next byte: how far back
 *     10 copy     6 bits length - 1, 2 bytes: how far back
 *     11 copy     6 bits length - 1, 4 bytes: how far back
 *
 * A copy may reach into what it writes itself, which repeats it. Nothing is read from outside the block,
 * nothing is written outside the length that was promised, and every byte that comes out was written.
 */
import { MalformedMessage } from './protobuf.ts'

/** No element makes more of a byte: three bytes copy at most 64. */
const RATIO_MAX = 22

/** A length has 32 bits, 7 in each byte. */
const LENGTH_BYTES = 5

const fail = (what: string, offset: number): never => {
  throw new MalformedMessage(`snappy: ${what}`, offset)
}

/** Bytes that a block promises to become. Throws MalformedMessage where no block could. */
export function snappyLength(block: Buffer): number {
  const { length } = readLength(block)
  if (length > block.length * RATIO_MAX) {
    fail(`${block.length} bytes cannot become ${length}`, 0)
  }
  return length
}

function readLength(block: Buffer): { length: number; next: number } {
  let length = 0
  for (let i = 0; i < LENGTH_BYTES; i++) {
    const byte = block[i] ?? fail('the length is cut short', 0)
    length += (byte & 127) * 128 ** i
    if (byte < 128) {
      return length < 2 ** 32 ? { length, next: i + 1 } : fail('the length has over 32 bits', 0)
    }
  }
  return fail('the length is longer than five bytes', 0)
}

/** Throws MalformedMessage. The caller has looked at `snappyLength`: that much is allocated. */
export function decodeSnappy(block: Buffer): Buffer {
  const out = Buffer.allocUnsafe(snappyLength(block))
  let from = readLength(block).next
  let to = 0
  while (from < block.length) {
    const start = from
    const tag = block[from++]!
    const kind = tag & 3
    if (kind === 0) {
      let length = (tag >> 2) + 1
      if (length > 60) {
        const width = length - 60
        if (width > block.length - from) fail('the length of a literal is cut short', start)
        length = block.readUIntLE(from, width) + 1
        from += width
      }
      if (length > block.length - from) fail('a literal is cut short', start)
      if (length > out.length - to) fail('a literal is longer than was promised', start)
      block.copy(out, to, from, from + length)
      from += length
      to += length
      continue
    }
    const width = kind === 3 ? 4 : kind
    if (width > block.length - from) fail('a copy is cut short', start)
    const length = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1
    const back = kind === 1 ? ((tag >> 5) << 8) | block[from]! : block.readUIntLE(from, width)
    from += width
    if (back === 0 || back > to) fail('a copy from before the start', start)
    if (length > out.length - to) fail('a copy is longer than was promised', start)
    // Byte by byte: a copy is short, and may overlap with what it copies.
    for (const end = to + length; to < end; to++) out[to] = out[to - back]!
  }
  if (to < out.length) fail(`${out.length} bytes were promised, ${to} came`, block.length)
  return out
}
