/**
 * Memory of another process, as something that parsers ask for and somebody else reads.
 *
 * A parser is a generator: it yields the range that it needs next and is handed the bytes. So the same
 * parser runs over a live process, where each read is made in a thread apart, and over bytes of a test.
 *
 * Source: /proc/PID/mem, proc_pid_mem(5): a read ends early where a page is not there
 * Units:  bytes; addresses of user space, which are below 2^56 and mostly below 2^47
 *
 * All that is read belongs to the workload: addresses, counts and texts are checked, and reads and bytes
 * are bounded, so that a loop of pointers ends.
 */
import { limits } from '../../../catalog/limit.ts'
import { MalformedFile } from '../../read/malformed.ts'

export interface Range {
  readonly address: number
  readonly bytes: number
}

/** Answered with at most as many bytes as asked for; none where nothing is there. */
export type Reading<T> = Generator<Range, T, Uint8Array>

/** Runs a parser to its end over memory that can be read at once. */
export function runReading<T>(reading: Reading<T>, read: (range: Range) => Uint8Array): T {
  let step = reading.next()
  while (step.done !== true) step = reading.next(read(step.value))
  return step.value
}

const PAGE_BYTES = 4096
/** What is needed lies close together: a read takes the pages behind the one that is asked for as well. */
const READ_PAGES = 8

export const malformedMemory = (found: string, expected: string): MalformedFile =>
  new MalformedFile('memory of a JVM', found, expected)

/** What was read of one process; each page is read once. */
export class Image {
  readonly #pages = new Map<number, Uint8Array>()
  #littleEndian = true
  #reads = 0
  #bytes = 0

  set littleEndian(value: boolean) {
    this.#littleEndian = value
  }

  /** Reads made, and the bytes that they brought. */
  get cost(): { readonly reads: number; readonly bytes: number } {
    return { reads: this.#reads, bytes: this.#bytes }
  }

  /** A copy of exactly these bytes. */
  *bytes(address: number, length: number): Reading<DataView> {
    if (!isAddress(address) || !isAddress(address + length) || length < 0)
      throw malformedMemory(`address ${address}`, 'one in user space')
    if (length > limits.jvmMemoryBytes.value)
      throw malformedMemory(`${length} bytes`, `at most ${limits.jvmMemoryBytes.value}`)
    const whole = new Uint8Array(length)
    for (let at = 0; at < length;) {
      const page = Math.floor((address + at) / PAGE_BYTES)
      const from = address + at - page * PAGE_BYTES
      const wanted = Math.ceil((from + length - at) / PAGE_BYTES)
      const bytes = yield* this.#page(page, Math.max(READ_PAGES, wanted))
      if (bytes.length <= from) throw malformedMemory(`nothing at ${address + at}`, 'memory')
      const piece = bytes.subarray(from, Math.min(bytes.length, from + length - at))
      whole.set(piece, at)
      at += piece.length
    }
    return new DataView(whole.buffer)
  }

  *pointer(address: number): Reading<number> {
    return this.long(yield* this.bytes(address, 8), 0)
  }

  /** A number of 64 bits that is an address, offset or count. */
  long(view: DataView, at: number): number {
    const value = Number(view.getBigUint64(at, this.#littleEndian))
    if (!isAddress(value)) throw malformedMemory(`number ${value}`, 'an address or a count')
    return value
  }

  bigint(view: DataView, at: number): bigint {
    return view.getBigUint64(at, this.#littleEndian)
  }

  int(view: DataView, at: number): number {
    return view.getInt32(at, this.#littleEndian)
  }

  uint(view: DataView, at: number): number {
    return view.getUint32(at, this.#littleEndian)
  }

  short(view: DataView, at: number): number {
    return view.getUint16(at, this.#littleEndian)
  }

  double(view: DataView, at: number): number {
    return view.getFloat64(at, this.#littleEndian)
  }

  /** Up to NUL, which must come within `most` bytes. */
  *text(address: number, most: number): Reading<string> {
    let text = ''
    for (let at = 0; at < most;) {
      if (!isAddress(address + at)) break
      const page = Math.floor((address + at) / PAGE_BYTES)
      const from = address + at - page * PAGE_BYTES
      const bytes = (yield* this.#page(page, READ_PAGES)).subarray(from, from + most - at)
      if (bytes.length === 0) break
      const end = bytes.indexOf(0)
      text += latin1(end < 0 ? bytes : bytes.subarray(0, end))
      if (end >= 0) return text
      at += bytes.length
    }
    throw malformedMemory(text, `a text of less than ${most} bytes`)
  }

  *#page(page: number, ahead: number): Reading<Uint8Array> {
    const known = this.#pages.get(page)
    if (known !== undefined) return known
    if (this.#reads >= limits.jvmMemoryReads.value || this.#bytes >= limits.jvmMemoryBytes.value)
      throw malformedMemory(`${this.#reads} reads of ${this.#bytes} bytes`, 'tables that end')
    const found = yield { address: page * PAGE_BYTES, bytes: ahead * PAGE_BYTES }
    this.#reads += 1
    this.#bytes += found.length
    const pages = Math.max(1, Math.ceil(found.length / PAGE_BYTES))
    for (let i = 0; i < pages; i += 1)
      this.#pages.set(page + i, found.subarray(i * PAGE_BYTES, (i + 1) * PAGE_BYTES))
    return this.#pages.get(page)!
  }
}

/** The kernel's half of the address space is above, and so is what is no address at all. */
const isAddress = (value: number): boolean =>
  value >= 0 && value < 2 ** 56 - 2 ** 32 && Number.isSafeInteger(value)

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
