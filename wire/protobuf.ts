/**
 * Protocol Buffers on the wire: the few forms that OTLP uses, https://protobuf.dev/programming-guides/encoding
 *
 *   message = field*
 *   field   = tag value                  tag = varint (number << 3 | wire type)
 *   value   = varint                     wire type 0
 *           | 8 bytes, little endian     wire type 1
 *           | varint length, bytes       wire type 2: string, bytes, message
 *           | 4 bytes, little endian     wire type 5
 *
 * Neither class knows a message: tags are constants of the file that does, made by `tag`.
 */

export const VARINT = 0
export const FIXED64 = 1
export const LENGTH = 2
const FIXED32 = 5

type WireType = typeof VARINT | typeof FIXED64 | typeof LENGTH

export const tag = (field: number, wire: WireType): number => (field << 3) | wire

/** Bytes of a field of this many bytes whose number is below 16, tag and length included. */
export function lengthFieldSize(size: number): number {
  let width = 1
  for (let rest = size; rest > 127; rest = Math.floor(rest / 128)) width++
  return 1 + width + size
}

const TWO_32 = 2 ** 32
const TWO_63 = 2 ** 63

/** Body that is not what its protocol says; `offset` is the byte at which that shows. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage'
  readonly code = 'ERR_BODY_MALFORMED'
  readonly offset: number

  constructor(what: string, offset: number) {
    super(`malformed message at byte ${offset}: ${what}`)
    this.offset = offset
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads fields of one body, which it never copies or writes. A nested message is a range: its reader
 * calls `open`, reads until `position` is the end that came back, and hands that end to each call, so
 * that no field can reach past its message.
 */
export class Reader {
  position = 0
  readonly bytes: Buffer

  constructor(body: Uint8Array) {
    this.bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  }

  fail(what: string, offset = this.position): never {
    throw new MalformedMessage(what, offset)
  }

  #need(size: number, end: number): void {
    if (size > end - this.position) this.fail(`a field of ${size} bytes is cut short`)
  }

  /** Number and wire type of the next field, in one; compare with `tag(…)`. */
  tag(end: number): number {
    const start = this.position
    const value = this.varint(end)
    if (value >= TWO_32 || value < 8) this.fail('a tag has no valid field number', start)
    return value
  }

  /** Unsigned; above 2^53 the low digits are lost, which no length and no flag can reach. */
  varint(end: number): number {
    const { bytes } = this
    const start = this.position
    let value = 0
    let scale = 1
    for (let i = 0; i < 10; i++) {
      if (this.position >= end) this.fail('a varint is cut short', start)
      const byte = bytes[this.position++]!
      value += (byte & 127) * scale
      if (byte < 128) return value
      scale *= 128
    }
    return this.fail('a varint is longer than ten bytes', start)
  }

  /** int64, exact. */
  int64(end: number): bigint {
    const start = this.position
    this.varint(end)
    let value = 0n
    for (let i = this.position - 1; i >= start; i--) {
      value = (value << 7n) | BigInt(this.bytes[i]! & 127)
    }
    return BigInt.asIntN(64, value)
  }

  /** int64; above 2^53 rounded to the nearest double. */
  signedVarint(end: number): number {
    const start = this.position
    const value = this.varint(end)
    if (value < TWO_63) return value
    // The digits that tell small negative numbers apart are those that a double has lost.
    this.position = start
    return Number(this.int64(end))
  }

  /** sint32 and sint64; above 2^53 rounded. */
  zigzag(end: number): number {
    const value = this.varint(end)
    const half = Math.floor(value / 2)
    return value % 2 === 0 ? half : -half - 1
  }

  double(end: number): number {
    this.#need(8, end)
    const value = this.bytes.readDoubleLE(this.position)
    this.position += 8
    return value
  }

  /** Signed; above 2^53 rounded to the nearest double. */
  sfixed64(end: number): number {
    this.#need(8, end)
    const low = this.bytes.readUInt32LE(this.position)
    const high = this.bytes.readInt32LE(this.position + 4)
    this.position += 8
    return high * TWO_32 + low
  }

  /**
   * Unix ns as ms. 2^32 ns are 4294 ms and 967,296 ns, so both parts stay below 2^53 and whole
   * milliseconds come out whole.
   */
  unixNanoAsMs(end: number): number {
    this.#need(8, end)
    const low = this.bytes.readUInt32LE(this.position)
    const high = this.bytes.readUInt32LE(this.position + 4)
    this.position += 8
    const nanos = high * 967_296 + low
    const rest = nanos % 1e6
    return high * 4294 + (nanos - rest) / 1e6 + rest / 1e6
  }

  /** Opens a length-delimited field: the position of its end, never past `end`. */
  open(end: number): number {
    const length = this.varint(end)
    this.#need(length, end)
    return this.position + length
  }

  /** A length-delimited field as text. */
  text(end: number): string {
    const stop = this.open(end)
    const start = this.position
    this.position = stop
    return this.textBetween(start, stop)
  }

  textBetween(start: number, end: number): string {
    try {
      return utf8.decode(this.bytes.subarray(start, end))
    } catch {
      return this.fail('text is not valid UTF-8', start)
    }
  }

  /** Passes over the value of a field that nobody asked for. */
  skip(fieldTag: number, end: number): void {
    switch (fieldTag & 7) {
      case VARINT:
        this.varint(end)
        return
      case FIXED64:
        this.#need(8, end)
        this.position += 8
        return
      case LENGTH:
        this.position = this.open(end)
        return
      case FIXED32:
        this.#need(4, end)
        this.position += 4
        return
      default:
        this.fail(`wire type ${fieldTag & 7}`)
    }
  }
}

/** Grows as it is written. A message is what stands between `begin` and `end`. */
export class Writer {
  #bytes: Buffer
  #length = 0

  constructor(capacity = 1024) {
    this.#bytes = Buffer.allocUnsafeSlow(capacity)
  }

  get length(): number {
    return this.#length
  }

  #reserve(size: number): void {
    const needed = this.#length + size
    if (needed <= this.#bytes.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2))
    this.#bytes.copy(grown, 0, 0, this.#length)
    this.#bytes = grown
  }

  /** Unsigned, below 2^53. */
  varint(value: number): void {
    this.#reserve(10)
    let rest = value
    while (rest > 127) {
      this.#bytes[this.#length++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    this.#bytes[this.#length++] = rest
  }

  varintField(field: number, value: number): void {
    this.varint(tag(field, VARINT))
    this.varint(value)
  }

  doubleField(field: number, value: number): void {
    this.varint(tag(field, FIXED64))
    this.#reserve(8)
    this.#length = this.#bytes.writeDoubleLE(value, this.#length)
  }

  /** Of either sign. */
  fixed64Field(field: number, value: bigint): void {
    this.varint(tag(field, FIXED64))
    this.#reserve(8)
    this.#length = this.#bytes.writeBigUInt64LE(BigInt.asUintN(64, value), this.#length)
  }

  /** Of either sign, which takes ten bytes below zero. */
  int64Field(field: number, value: bigint): void {
    this.varint(tag(field, VARINT))
    this.#reserve(10)
    let rest = BigInt.asUintN(64, value)
    for (; rest > 127n; rest >>= 7n) this.#bytes[this.#length++] = Number(rest & 127n) | 128
    this.#bytes[this.#length++] = Number(rest)
  }

  /** Unix ms, whole, as ns; the inverse of `Reader.unixNanoAsMs`. */
  unixNanoField(field: number, ms: number): void {
    this.varint(tag(field, FIXED64))
    this.#reserve(8)
    this.#length = this.#bytes.writeBigUInt64LE(BigInt(ms) * 1_000_000n, this.#length)
  }

  textField(field: number, text: string): void {
    this.varint(tag(field, LENGTH))
    const size = Buffer.byteLength(text)
    this.varint(size)
    this.#reserve(size)
    this.#length += this.#bytes.write(text, this.#length)
  }

  bytesField(field: number, bytes: Uint8Array): void {
    this.lengthField(field, bytes.length)
    this.raw(bytes)
  }

  /** Starts a field of `size` bytes, which are written next. */
  lengthField(field: number, size: number): void {
    this.varint(tag(field, LENGTH))
    this.varint(size)
  }

  /** Leaves room that is written later. */
  skip(size: number): void {
    this.#reserve(size)
    this.#bytes.fill(0, this.#length, this.#length + size)
    this.#length += size
  }

  /** Bytes that are already fields. */
  raw(fields: Uint8Array): void {
    this.#reserve(fields.length)
    this.#bytes.set(fields, this.#length)
    this.#length += fields.length
  }

  /** Starts a nested message; the number that comes back belongs to `end`. */
  begin(field: number): number {
    this.varint(tag(field, LENGTH))
    this.#reserve(1)
    return ++this.#length
  }

  /** Most messages are shorter than 128 bytes; a longer one moves to make room for its length. */
  end(start: number): void {
    const size = this.#length - start
    let width = 1
    for (let rest = size; rest > 127; rest = Math.floor(rest / 128)) width++
    if (width > 1) {
      this.#reserve(width - 1)
      this.#bytes.copyWithin(start + width - 1, start, this.#length)
    }
    this.#length = start - 1
    this.varint(size)
    this.#length += size
  }

  /** All that was written, as a copy; starts anew. */
  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.#length))
    this.#length = 0
    return taken
  }
}
