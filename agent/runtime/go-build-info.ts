/**
 * What the Go linker writes into an executable: the version of Go, the modules, the settings.
 *
 * Source: debug/buildinfo of Go: 14 bytes `\xff Go buildinf:`, one of the size of a pointer, one of
 *         flags; since 1.18 (flag 2) at 32 two texts, each behind its length as a varint; before that
 *         at 16 two addresses of Go strings, which are an address and a length
 *         runtime/debug.BuildInfo: lines of `path`, `mod`, `dep`, `=>` and `build`, tab-separated,
 *         between two marks of 16 bytes
 */
import { limits } from '../../catalog/limit.ts'
import { type Elf, offsetOf, type ReadAt } from './elf.ts'

const MAGIC = Buffer.from('\xff Go buildinf:', 'latin1')
const ALIGN_BYTES = 16
const HEADER_BYTES = 32
/** Where a program has no named sections, its data begin with what the linker wrote. */
const SEARCH_BYTES = 1 << 20
/** A multiple of the alignment, so that no header lies across the border of two. */
const PIECE_BYTES = 64 << 10
const BIG_ENDIAN = 1
const INLINE = 2
const MARK_BYTES = 16
const VERSION_BYTES_MAX = 256
const VERSION = /^(?:go\d|devel)[\x20-\x7e]*$/

export interface GoBuild {
  /** `go1.24.1` */
  readonly version: string
  /** Absent where they were taken out. */
  readonly modules?: GoModules
}

export interface GoModules {
  /** Of the main package. */
  readonly path: string | undefined
  /** Absent for a program that was built without modules: then nobody knows what is in it. */
  readonly main: string | undefined
  /** Version by path, of those that were linked; a replaced one by the path that it is imported by. */
  readonly dependencies: ReadonlyMap<string, string>
  readonly settings: ReadonlyMap<string, string>
}

/** Undefined when it was not made by Go, or what the linker wrote was taken out or packed. */
export function readGoBuild(readAt: ReadAt, elf: Elf): GoBuild | undefined {
  const at = findHeader(readAt, elf)
  if (at === undefined) return undefined
  const header = readAt(at, HEADER_BYTES)
  if (header.length < HEADER_BYTES) return undefined
  const flags = header[15] ?? 0
  const [version, modules] =
    (flags & INLINE) === 0 ? byAddress(readAt, elf, header, flags) : inline(readAt, at)
  if (version === undefined || !VERSION.test(version)) return undefined
  // The text lies between two marks, which must not be taken for a part of it.
  const text = modules?.subarray(MARK_BYTES, -MARK_BYTES).toString('utf8') ?? ''
  return text === '' ? { version } : { version, modules: parseModules(text) }
}

function findHeader(readAt: ReadAt, { sections, segments }: Elf): number | undefined {
  const named = sections.get('.go.buildinfo')
  const place = named ?? segments.find(({ writable }) => writable)
  if (place === undefined) return undefined
  const end = Math.min(place.bytes, SEARCH_BYTES)
  const buffer = Buffer.allocUnsafeSlow(PIECE_BYTES)
  for (let from = 0; from < end; from += PIECE_BYTES) {
    const bytes = readAt(place.offset + from, Math.min(PIECE_BYTES, end - from), buffer)
    for (let at = bytes.indexOf(MAGIC); at >= 0; at = bytes.indexOf(MAGIC, at + 1))
      if (at % ALIGN_BYTES === 0) return place.offset + from + at
  }
  return undefined
}

type Texts = readonly [version: string | undefined, modules: Buffer | undefined]

function inline(readAt: ReadAt, at: number): Texts {
  const version = behindLength(readAt, at + HEADER_BYTES, VERSION_BYTES_MAX)
  if (version === undefined) return [undefined, undefined]
  const modules = behindLength(readAt, version.end, limits.goModulesBytes.value)
  return [version.text.toString('utf8'), modules?.text]
}

interface Text {
  readonly text: Buffer
  /** Offset behind it. */
  readonly end: number
}

const VARINT_BYTES_MAX = 5

function behindLength(readAt: ReadAt, at: number, most: number): Text | undefined {
  const bytes = readAt(at, VARINT_BYTES_MAX)
  let length = 0
  for (const [i, byte] of bytes.entries()) {
    length += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) return textAt(readAt, at + i + 1, length, most)
  }
  return undefined
}

function textAt(readAt: ReadAt, at: number, length: number, most: number): Text | undefined {
  if (length > most) return undefined
  const text = readAt(at, length)
  return text.length < length ? undefined : { text, end: at + length }
}

function byAddress(readAt: ReadAt, elf: Elf, header: Buffer, flags: number): Texts {
  const little = (flags & BIG_ENDIAN) === 0
  const { pointerBytes } = elf
  const pointer = (bytes: Buffer, at: number): number => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    return pointerBytes === 8 ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little)
  }
  const text = (address: number, most: number): Buffer | undefined => {
    const at = offsetOf(elf, address)
    const string = at === undefined ? undefined : readAt(at, 2 * pointerBytes)
    if (string === undefined || string.length < 2 * pointerBytes) return undefined
    const data = offsetOf(elf, pointer(string, 0))
    return data === undefined
      ? undefined
      : textAt(readAt, data, pointer(string, pointerBytes), most)?.text
  }
  const version = text(pointer(header, 16), VERSION_BYTES_MAX)
  const modules = text(pointer(header, 16 + pointerBytes), limits.goModulesBytes.value)
  return [version?.toString('utf8'), modules]
}

export function parseModules(text: string): GoModules {
  let path: string | undefined
  let main: string | undefined
  const dependencies = new Map<string, string>()
  const settings = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [word, first, second = ''] = line.split('\t')
    if (first === undefined) continue
    if (word === 'path') path = first
    if (word === 'mod') main = first
    if (word === 'dep') dependencies.set(first, second)
    const equals = first.indexOf('=')
    if (word === 'build' && equals > 0)
      settings.set(first.slice(0, equals), unquoted(first.slice(equals + 1)))
  }
  return { path, main, dependencies, settings }
}

/** A value with blanks or quotes in it is a Go string literal, which is close to one of JSON. */
function unquoted(value: string): string {
  if (!value.startsWith('"')) return value.replace(/^`(.*)`$/, '$1')
  try {
    return String(JSON.parse(value))
  } catch {
    return value
  }
}
