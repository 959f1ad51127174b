/**
 * Where a loaded library has its exported symbols, found in its image in memory: no file is opened, so
 * that one that was replaced or removed does not matter.
 *
 * Source: elf(5); System V ABI "Dynamic Section"; DT_GNU_HASH as glibc's dl-lookup.c reads it
 *
 * ELF header, 64 bytes: ident[16] (class at 4: 2 = 64 bit; data at 5: 1 little, 2 big endian) |
 *   … | e_phoff u64 at 32 | … | e_phentsize u16 at 54 | e_phnum u16 at 56
 * Program header, 56 bytes: p_type u32 | p_flags u32 | p_offset | p_vaddr | p_paddr | p_filesz | p_memsz
 * Dynamic entry, 16 bytes: tag u64 | value u64
 * Hash: buckets u32 | first symbol u32 | bloom words u32 | shift u32 | bloom u64[] | u32[buckets] | chain u32[]
 * Symbol, 24 bytes: name u32 | info u8 | other u8 | section u16 | value u64 | size u64
 */
import { type Image, malformedMemory, type Reading } from './memory.ts'

const MAGIC = 0x7f454c46
const CLASS_64 = 2
const PT_DYNAMIC = 2
const DT_STRTAB = 5
const DT_SYMTAB = 6
const DT_GNU_HASH = 0x6ffffef5
const PROGRAM_HEADER_BYTES = 56
const PROGRAM_HEADERS_MAX = 128
const DYNAMIC_ENTRY_BYTES = 16
const DYNAMIC_ENTRIES_MAX = 512
const SYMBOL_BYTES = 24
const NAME_BYTES_MAX = 256
/** Symbols that share a bucket; there are a few. */
const CHAIN_MAX = 256

export interface SymbolTable {
  readonly base: number
  readonly symbols: number
  readonly names: number
  readonly buckets: number
  readonly bucketCount: number
  /** Index of the first symbol that is hashed. */
  readonly firstSymbol: number
  readonly chains: number
}

/** `base` is where the library's first byte is mapped. */
export function* readSymbolTable(image: Image, base: number): Reading<SymbolTable> {
  const header = yield* image.bytes(base, 64)
  if (header.getUint32(0) !== MAGIC || header.getUint8(4) !== CLASS_64)
    throw malformedMemory(header.getUint32(0).toString(16), 'an ELF header of 64 bits')
  image.littleEndian = header.getUint8(5) === 1
  const dynamic = yield* findDynamic(image, base, header)
  const entries = yield* readDynamic(image, base + dynamic.address, dynamic.bytes)
  // glibc has made addresses of the values, musl leaves them relative to the base.
  const place = (tag: number): number => {
    const value = entries.get(tag)
    if (value === undefined) throw malformedMemory(`no tag ${tag}`, 'a dynamic section')
    return value < base ? base + value : value
  }
  const hash = place(DT_GNU_HASH)
  const head = yield* image.bytes(hash, 16)
  const bucketCount = image.uint(head, 0)
  if (bucketCount === 0) throw malformedMemory('no buckets', 'a hash table')
  const buckets = hash + 16 + image.uint(head, 8) * 8
  return {
    base,
    symbols: place(DT_SYMTAB),
    names: place(DT_STRTAB),
    buckets,
    bucketCount,
    firstSymbol: image.uint(head, 4),
    chains: buckets + bucketCount * 4,
  }
}

function* findDynamic(
  image: Image,
  base: number,
  header: DataView,
): Reading<{ readonly address: number; readonly bytes: number }> {
  const count = Math.min(image.short(header, 56), PROGRAM_HEADERS_MAX)
  const table = yield* image.bytes(base + image.long(header, 32), count * PROGRAM_HEADER_BYTES)
  for (let at = 0; at < table.byteLength; at += PROGRAM_HEADER_BYTES)
    if (image.uint(table, at) === PT_DYNAMIC)
      return { address: image.long(table, at + 16), bytes: image.long(table, at + 40) }
  throw malformedMemory(`${count} program headers`, 'one of the dynamic section')
}

function* readDynamic(image: Image, address: number, bytes: number): Reading<Map<number, number>> {
  const count = Math.min(Math.floor(bytes / DYNAMIC_ENTRY_BYTES), DYNAMIC_ENTRIES_MAX)
  const table = yield* image.bytes(address, count * DYNAMIC_ENTRY_BYTES)
  const entries = new Map<number, number>()
  const wanted = [DT_STRTAB, DT_SYMTAB, DT_GNU_HASH]
  for (let at = 0; at < table.byteLength; at += DYNAMIC_ENTRY_BYTES) {
    const tag = image.bigint(table, at)
    if (tag === 0n) break
    if (wanted.includes(Number(tag))) entries.set(Number(tag), image.long(table, at + 8))
  }
  return entries
}

/** Undefined when the library exports no such symbol. */
export function* addressOf(
  image: Image,
  table: SymbolTable,
  name: string,
): Reading<number | undefined> {
  const hash = gnuHash(name)
  const bucket = yield* image.bytes(table.buckets + (hash % table.bucketCount) * 4, 4)
  const first = image.uint(bucket, 0)
  if (first < table.firstSymbol) return undefined
  for (let symbol = first; symbol < first + CHAIN_MAX; symbol += 1) {
    const link = yield* image.bytes(table.chains + (symbol - table.firstSymbol) * 4, 4)
    const found = image.uint(link, 0)
    // The last bit of a link says whether the chain ends; the others are of the hash.
    if ((found | 1) === (hash | 1)) {
      const entry = yield* image.bytes(table.symbols + symbol * SYMBOL_BYTES, SYMBOL_BYTES)
      const text = yield* image.text(table.names + image.uint(entry, 0), NAME_BYTES_MAX)
      if (text === name) return table.base + image.long(entry, 8)
    }
    if ((found & 1) === 1) return undefined
  }
  throw malformedMemory(`a chain of ${CHAIN_MAX}`, 'one that ends')
}

export function gnuHash(name: string): number {
  let hash = 5381
  for (const byte of Buffer.from(name)) hash = (Math.imul(hash, 33) + byte) >>> 0
  return hash
}
