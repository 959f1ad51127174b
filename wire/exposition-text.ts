/**
 * The bytes of an exposition, one chunk of memory filled again and again. Most numbers of a machine
 * are whole, or have as many decimals as the kernel counts (ns, µs): these are written without a
 * string, several times faster.
 */

/** A chunk is full when less than this is free: no line but a hostile one is longer. */
const ROOM = 4 << 10
/** The longest number is -1.7976931348623157e+308. */
const NUMBER_BYTES = 24

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
    const before = name.length + labels.length
    this.#reserve(before + NUMBER_BYTES + 1)
    const bytes = this.#bytes
    bytes.set(name, this.#length)
    bytes.set(labels, this.#length + name.length)
    const end = writeNumber(bytes, this.#length + before, value)
    bytes[end] = 10
    this.#length = end + 1
  }
}

const ZERO = 48
const POINT = 46
/** Decimals of a double mean what they say as long as all its digits are no more than 15. */
const EXACT = 1e15
/** Below this the shortest text has an exponent. */
const SMALLEST_PLAIN = 1e-6

/** The shortest text that reads back as the same double. Returns where it ends. */
function writeNumber(bytes: Buffer, at: number, value: number): number {
  if (value >= 0 && value <= Number.MAX_SAFE_INTEGER) {
    const whole = Math.floor(value)
    if (whole === value) return writeWhole(bytes, at, whole)
    if (value >= SMALLEST_PLAIN) {
      // A quotient of two whole numbers is rounded once: when it is this very double, its decimals
      // are those of the shortest text.
      let scale = 1e6
      let scaled = Math.round(value * scale)
      if (scaled / scale !== value) {
        scale = 1e9
        scaled = Math.round(value * scale)
      }
      if (scaled < EXACT && scaled / scale === value) {
        const point = writeWhole(bytes, at, whole)
        bytes[point] = POINT
        return writeDecimals(bytes, point + 1, scaled - whole * scale, scale === 1e6 ? 6 : 9)
      }
    }
  }
  return at + bytes.write(numberText(value), at, 'latin1')
}

const HALF = 1e8

function writeWhole(bytes: Buffer, at: number, value: number): number {
  if (value < HALF) return writeSmall(bytes, at, value)
  const high = Math.floor(value / HALF)
  const end = writeSmall(bytes, at, high)
  writeDigits(bytes, end, value - high * HALF, 8)
  return end + 8
}

/** Of less than 10^8: arithmetic of small integers is many times cheaper than that of doubles. */
function writeSmall(bytes: Buffer, at: number, value: number): number {
  const small = value | 0
  let width = 1
  if (small >= 10_000) width = small >= 1e6 ? (small >= 1e7 ? 8 : 7) : small >= 1e5 ? 6 : 5
  else if (small >= 10) width = small >= 100 ? (small >= 1_000 ? 4 : 3) : 2
  writeDigits(bytes, at, small, width)
  return at + width
}

function writeDigits(bytes: Buffer, at: number, value: number, width: number): void {
  let rest = value | 0
  for (let i = at + width - 1; i >= at; i--) {
    const tens = (rest / 10) | 0
    bytes[i] = ZERO + (rest - tens * 10)
    rest = tens
  }
}

function writeDecimals(bytes: Buffer, at: number, value: number, width: number): number {
  writeDigits(bytes, at, value, width)
  let end = at + width
  while (bytes[end - 1] === ZERO) end--
  return end
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value)
  if (Number.isNaN(value)) return 'NaN'
  return value > 0 ? '+Inf' : '-Inf'
}
