/** Snappy's block format, written: greedy, with copies of two bytes back and repeats. */

const MIN_MATCH = 4
const COPY_MAX = 64
const BACK_MAX = 65_535
const HASH_BITS = 14

export function encodeSnappy(bytes: Uint8Array): Buffer {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const parts: Buffer[] = [varint(source.length)]
  const seen = new Int32Array(1 << HASH_BITS).fill(-1)
  let literal = 0
  let at = 0
  while (at + MIN_MATCH <= source.length) {
    const word = source.readUInt32LE(at)
    const slot = Math.imul(word, 0x1e35a7bd) >>> (32 - HASH_BITS)
    const match = seen[slot]!
    seen[slot] = at
    if (match < 0 || at - match > BACK_MAX || source.readUInt32LE(match) !== word) {
      at += 1
      continue
    }
    let length = MIN_MATCH
    while (at + length < source.length && source[match + length] === source[at + length])
      length += 1
    parts.push(...literals(source.subarray(literal, at)))
    for (const copy of copies(at - match, length)) parts.push(copy)
    at += length
    literal = at
  }
  parts.push(...literals(source.subarray(literal)))
  return Buffer.concat(parts)
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  while (rest > 127) {
    bytes.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  return Buffer.from([...bytes, rest])
}

function literals(bytes: Buffer): Buffer[] {
  if (bytes.length === 0) return []
  const length = bytes.length - 1
  if (length < 60) return [Buffer.from([length << 2]), bytes]
  const width = length < 1 << 8 ? 1 : length < 1 << 16 ? 2 : length < 1 << 24 ? 3 : 4
  const head = Buffer.alloc(1 + width)
  head[0] = (59 + width) << 2
  head.writeUIntLE(length, 1, width)
  return [head, bytes]
}

function* copies(back: number, length: number): Generator<Buffer> {
  for (let rest = length; rest > 0;) {
    const part = Math.min(rest, COPY_MAX)
    yield part >= 4 && part < 12 && back < 2_048
      ? Buffer.from([1 | ((part - 4) << 2) | ((back >> 8) << 5), back & 255])
      : Buffer.from([2 | ((part - 1) << 2), back & 255, back >> 8])
    rest -= part
  }
}
