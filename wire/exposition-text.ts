/**
 * The bytes of an exposition, one chunk of memory filled again and again. Whole numbers are written
 * without a string: most values of a machine are such.
 */

/** A chunk is full when less than this is free: no line but a hostile one is longer. */
const ROOM = 4 << 10

export class ChunkWriter {
  #bytes: Buffer
  #length = 0
  readonly #size: number

  constructor(size: number) {
    this.#size = size
    this.#bytes = Buffer.allocUnsafeSlow(size + ROOM)
  }

  get full(): boolean {
    return this.#length >= this.#size
  }

  /** What was written since the last call: a view, overwritten by what is written next. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length)
    this.#length = 0
    return taken
  }

  #reserve(size: number): void {
    const needed = this.#length + size
    if (needed <= this.#bytes.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2))
    this.#bytes.copy(grown, 0, 0, this.#length)
    this.#bytes = grown
  }

  append(bytes: Buffer): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** One sample: what stands before the number, in two parts, the number, the end of the line. */
  line(name: Buffer, labels: Buffer, value: number): void {
    this.#reserve(name.length + labels.length + 33)
    this.#bytes.set(name, this.#length)
    this.#length += name.length
    this.#bytes.set(labels, this.#length)
    this.#length += labels.length
    this.#number(value)
    this.#bytes[this.#length++] = 10
  }

  /** The shortest text that reads back as the same double. */
  #number(value: number): void {
    if (value >= 0 && Number.isSafeInteger(value)) {
      this.#digits(value)
      return
    }
    this.#length += this.#bytes.write(numberText(value), this.#length, 'latin1')
  }

  #digits(value: number): void {
    const bytes = this.#bytes
    let width = 1
    for (let power = 10; power <= value; power *= 10) width++
    let rest = value
    let at = this.#length + width
    this.#length = at
    // Division of small integers is many times cheaper than that of doubles.
    while (rest > 0x3fff_ffff) {
      const tens = Math.floor(rest / 10)
      bytes[--at] = 48 + (rest - tens * 10)
      rest = tens
    }
    let small = rest | 0
    do {
      const tens = (small / 10) | 0
      bytes[--at] = 48 + (small - tens * 10)
      small = tens
    } while (small > 0)
  }
}

export function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value)
  if (Number.isNaN(value)) return 'NaN'
  return value > 0 ? '+Inf' : '-Inf'
}
