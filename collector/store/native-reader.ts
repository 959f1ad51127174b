/** A walk over the bytes of an answer. Throws RangeError where they end too early. */
export class NativeReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  isAtEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  varint(): number {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#bytes.readUInt8(this.#at++)
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }

  text(): string {
    return this.fixed(this.varint())
  }

  texts(length: number): string[] {
    const texts: string[] = []
    for (let i = 0; i < length; i++) texts.push(this.text())
    return texts
  }

  uint64(): number {
    const end = this.#take(8)
    return this.#bytes.readUInt32LE(end - 4) * 2 ** 32 + this.#bytes.readUInt32LE(end - 8)
  }

  fixed(length: number): string {
    const end = this.#take(length)
    return this.#bytes.toString('utf8', end - length, end)
  }

  /** The bytes themselves, wherever they lie. */
  view(length: number): Uint8Array {
    const end = this.#take(length)
    return this.#bytes.subarray(end - length, end)
  }

  /** A copy that typed arrays of any width may look at. */
  aligned(length: number): ArrayBuffer {
    const end = this.#take(length)
    const copy = new ArrayBuffer(length)
    this.#bytes.copy(new Uint8Array(copy), 0, end - length, end)
    return copy
  }

  ends(length: number): Float64Array {
    const words = new Uint32Array(this.aligned(length * 8))
    const ends = new Float64Array(length)
    for (let row = 0; row < length; row++)
      ends[row] = words[2 * row + 1]! * 2 ** 32 + words[2 * row]!
    return ends
  }

  /** Where the next bytes end, which are now read. */
  #take(length: number): number {
    const end = this.#at + length
    if (end > this.#bytes.length) throw new RangeError('an answer ends too early')
    this.#at = end
    return end
  }
}
