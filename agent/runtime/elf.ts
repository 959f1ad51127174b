/**
 * Where the parts of an executable lie that tell what made it: named sections, and the data that a
 * linker writes into it.
 *
 * Source: elf(5): Ehdr at 0, Phdr and Shdr tables at the offsets that it names
 * Units:  bytes
 *
 * The file is the workload's: tables have a bound, and every offset is checked before it is followed.
 */
import { readSync } from 'node:fs'
import { MalformedFile } from '../read/malformed.ts'

const MAGIC = 0x7f45_4c46
const HEADER_BYTES = 64
/** More than any linker writes; a file with more is told nothing of. */
const ENTRIES_MAX = 1_024
const ENTRY_BYTES_MAX = 256
const NAMES_BYTES_MAX = 1 << 20
const LOAD = 1
const WRITABLE = 2
/** A section that takes no room in the file. */
const NO_BITS = 8

/**
 * Reads within the file alone; what lies beyond its end is missing from the answer. `into` is read into
 * where it is given and long enough: then the answer holds until the next read into it.
 */
export type ReadAt = (offset: number, bytes: number, into?: Buffer) => Buffer

export const readAtOf =
  (fd: number): ReadAt =>
  (offset, bytes, into) => {
    // An offset of the workload's may be any number.
    if (!Number.isSafeInteger(offset + bytes)) return Buffer.alloc(0)
    const buffer = into !== undefined && into.length >= bytes ? into : Buffer.alloc(bytes)
    return buffer.subarray(0, readSync(fd, buffer, 0, bytes, offset))
  }

interface Extent {
  readonly offset: number
  readonly bytes: number
}

interface Segment extends Extent {
  readonly address: number
  readonly writable: boolean
}

export interface Elf {
  readonly littleEndian: boolean
  readonly pointerBytes: 4 | 8
  /** By name; those that are in the file. */
  readonly sections: ReadonlyMap<string, Extent>
  /** What is loaded, in the order of the file. */
  readonly segments: readonly Segment[]
}

/** Throws MalformedFile when this is no ELF file, or its tables make no sense. */
export function readElf(readAt: ReadAt): Elf {
  const header = readAt(0, HEADER_BYTES)
  const isElf = header.length === HEADER_BYTES && header.readUInt32BE(0) === MAGIC
  const [width, order] = [header[4], header[5]]
  if (!isElf || !isOneOrTwo(width) || !isOneOrTwo(order))
    throw new MalformedFile('elf', header.toString('latin1', 0, 4), 'an ELF file')
  const wide = width === 2
  const read = new Fields(header, order === 1, wide)
  const at = wide
    ? { segments: 32, sections: 40, sizes: 54 }
    : { segments: 28, sections: 32, sizes: 42 }
  const segments = table(readAt, read, at.segments, at.sizes)
  const sections = table(readAt, read, at.sections, at.sizes + 4)
  return {
    littleEndian: order === 1,
    pointerBytes: wide ? 8 : 4,
    segments: segments.flatMap((entry) => segmentOf(entry) ?? []),
    sections: namedOf(readAt, sections, read.half(at.sizes + 8)),
  }
}

const isOneOrTwo = (byte: number | undefined): boolean => byte === 1 || byte === 2

/** Fields of the width and the byte order of the file. */
class Fields {
  readonly #view: DataView
  readonly #little: boolean
  readonly wide: boolean

  constructor(bytes: Buffer, little: boolean, wide: boolean) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#little = little
    this.wide = wide
  }

  of(bytes: Buffer): Fields {
    return new Fields(bytes, this.#little, this.wide)
  }

  half = (at: number): number => this.#view.getUint16(at, this.#little)
  word = (at: number): number => this.#view.getUint32(at, this.#little)
  /** Of the width of an address. */
  long = (at: number): number =>
    this.wide ? Number(this.#view.getBigUint64(at, this.#little)) : this.word(at)
}

function table(readAt: ReadAt, header: Fields, offsetAt: number, sizesAt: number): Fields[] {
  const offset = header.long(offsetAt)
  const [entryBytes, count] = [header.half(sizesAt), header.half(sizesAt + 2)]
  if (offset === 0 || count === 0) return []
  const least = header.wide ? 56 : 32
  if (count > ENTRIES_MAX || entryBytes < least || entryBytes > ENTRY_BYTES_MAX)
    throw new MalformedFile('elf', `${count} entries of ${entryBytes} bytes`, 'a table')
  const bytes = readAt(offset, count * entryBytes)
  return Array.from({ length: Math.floor(bytes.length / entryBytes) }, (_, i) =>
    header.of(bytes.subarray(i * entryBytes, (i + 1) * entryBytes)),
  )
}

function segmentOf(entry: Fields): Segment | undefined {
  if (entry.word(0) !== LOAD) return undefined
  const { wide } = entry
  return {
    writable: (entry.word(wide ? 4 : 24) & WRITABLE) !== 0,
    offset: entry.long(wide ? 8 : 4),
    address: entry.long(wide ? 16 : 8),
    bytes: entry.long(wide ? 32 : 16),
  }
}

function namedOf(
  readAt: ReadAt,
  sections: readonly Fields[],
  namesIndex: number,
): ReadonlyMap<string, Extent> {
  const extentOf = (entry: Fields): Extent => ({
    offset: entry.long(entry.wide ? 24 : 16),
    bytes: entry.long(entry.wide ? 32 : 20),
  })
  const namesSection = sections[namesIndex]
  if (namesSection === undefined) return new Map()
  const { offset, bytes } = extentOf(namesSection)
  if (bytes > NAMES_BYTES_MAX) return new Map()
  const names = readAt(offset, bytes)
  const named = new Map<string, Extent>()
  for (const entry of sections) {
    const start = entry.word(0)
    const end = names.indexOf(0, start)
    if (entry.word(4) === NO_BITS || start >= names.length || end <= start) continue
    named.set(names.toString('latin1', start, end), extentOf(entry))
  }
  return named
}

/** Where in the file an address lies; undefined where it is not loaded from it. */
export function offsetOf({ segments }: Elf, address: number): number | undefined {
  const segment = segments.find(
    (each) => address >= each.address && address < each.address + each.bytes,
  )
  return segment && segment.offset + (address - segment.address)
}

const CHUNK_BYTES = 256 << 10
/** The longest text that is looked for. */
const OVERLAP_BYTES = 256
/** A file may be full of the text that is looked for. */
const PLACES_MAX = 10_000

/**
 * The first match of the pattern in a part of the file, of which `most` bytes are read. The pattern
 * begins with a plain text, up to its group: that is what is searched for, and only what follows it is
 * made a string.
 */
export function findText(
  readAt: ReadAt,
  { offset, bytes }: Extent,
  pattern: RegExp,
  most: number,
): string | undefined {
  const [plain = ''] = pattern.source.replaceAll('\\/', '/').split('(', 1)
  const end = offset + Math.min(bytes, most)
  const buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES)
  let places = 0
  for (let at = offset; at < end; at += CHUNK_BYTES - OVERLAP_BYTES) {
    const chunk = readAt(at, Math.min(CHUNK_BYTES, end - at), buffer)
    const isLast = chunk.length < CHUNK_BYTES
    // What begins at the end of a piece may be cut there, and is whole in the next one.
    const until = isLast ? chunk.length : chunk.length - OVERLAP_BYTES
    for (let i = chunk.indexOf(plain); i >= 0 && i < until; i = chunk.indexOf(plain, i + 1)) {
      const found = pattern.exec(chunk.toString('latin1', i, i + OVERLAP_BYTES))
      if (found?.index === 0) return found[1]
      places += 1
      if (places > PLACES_MAX) return undefined
    }
    if (isLast) return undefined
  }
  return undefined
}
