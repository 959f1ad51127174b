/**
 * What builds of HotSpot can do, by the literals that their libraries hold. A library is searched
 * once, however many processes have loaded it, and a slice a pass, so that a pass stays short.
 *
 * Source: libjvm.so, its section .rodata where the file says where that is, else all of it
 */
import { closeSync } from 'node:fs'
import { type JvmCapability, jvmCapabilities } from '../../../catalog/jvm-capability.ts'
import { limits } from '../../../catalog/limit.ts'
import { type ReadAt, readAtOf, readElf } from '../elf.ts'
import type { OpenFile } from '../open-safely.ts'

const LITERALS = Object.keys(jvmCapabilities) as JvmCapability[]
const SLICE_BYTES = 1 << 20
const PIECE_BYTES = 128 << 10
/** A literal may lie across the border of two pieces. */
const OVERLAP_BYTES = Math.max(...LITERALS.map((literal) => literal.length))

interface Search {
  readonly found: Set<JvmCapability>
  at: number
  end: number
}

export class Capabilities {
  readonly #searches = new Map<string, Search>()
  #slices = 0

  /** One slice of one library may be read from now on. */
  startPass(): void {
    this.#slices = 1
  }

  /** One a line, in the order of the list; undefined while the search is not over. Closes the file. */
  of(open: () => OpenFile): string | undefined {
    const { fd, stats } = open()
    try {
      const key = [stats.dev, stats.ino, stats.mtimeMs, stats.size].join(' ')
      const search = this.#searches.get(key) ?? this.#begin(key, readAtOf(fd), stats.size)
      if (search.at < search.end && this.#slices > 0) {
        this.#slices -= 1
        searchSlice(search, readAtOf(fd))
      }
      if (search.at < search.end) return undefined
      return LITERALS.filter((literal) => search.found.has(literal)).join('\n')
    } finally {
      closeSync(fd)
    }
  }

  #begin(key: string, readAt: ReadAt, sizeBytes: number): Search {
    const { offset, bytes } = constantsOf(readAt, sizeBytes)
    const end = Math.min(offset + Math.min(bytes, limits.executableSearchBytes.value), sizeBytes)
    const search = { found: new Set<JvmCapability>(), at: offset, end }
    if (this.#searches.size >= limits.executables.value) this.#searches.clear()
    this.#searches.set(key, search)
    return search
  }
}

function constantsOf(readAt: ReadAt, sizeBytes: number): { offset: number; bytes: number } {
  const all = { offset: 0, bytes: sizeBytes }
  try {
    return readElf(readAt).sections.get('.rodata') ?? all
  } catch {
    // Not even an ELF file: it has what it has.
    return all
  }
}

/** As many pieces as a slice has, through one small buffer. */
function searchSlice(search: Search, readAt: ReadAt): void {
  const buffer = Buffer.allocUnsafeSlow(PIECE_BYTES)
  const until = search.at + SLICE_BYTES
  while (search.at < search.end && search.at < until) {
    const piece = readAt(search.at, Math.min(PIECE_BYTES, search.end - search.at), buffer)
    for (const literal of LITERALS)
      if (!search.found.has(literal) && piece.includes(literal)) search.found.add(literal)
    const next = search.at + piece.length
    search.at = piece.length === 0 || next >= search.end ? search.end : next - OVERLAP_BYTES
  }
}
