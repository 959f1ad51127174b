/**
 * The tables in which HotSpot describes its own data, made for its debugger and exported by every build:
 * types with their sizes, fields with their offsets, static fields with their addresses.
 *
 * Source: hotspot/share/runtime/vmStructs.hpp: gHotSpotVMStructs, gHotSpotVMTypes and the symbols that
 *         say how long an entry is and where in it each part lies; the same from JDK 8 to 25
 * Units:  bytes
 */
import { addressOf, type SymbolTable } from './elf-symbols.ts'
import { type Image, malformedMemory, type Reading } from './memory.ts'

const ENTRIES_MAX = 4_096
const ENTRY_BYTES_MAX = 256
const NAME_BYTES_MAX = 512

export interface Field {
  /** Within its type; for a static field it is 0. */
  readonly offset: number
  /** Of a static field. */
  readonly address: number
}

/** `Type.field`, of the types that were asked for. */
export type Fields = ReadonlyMap<string, Field>

export function* readFields(
  image: Image,
  table: SymbolTable,
  types: ReadonlySet<string>,
): Reading<Fields> {
  const value = (name: string) => valueOf(image, table, `gHotSpotVMStruct${name}`)
  const type = yield* value('EntryTypeNameOffset')
  const field = yield* value('EntryFieldNameOffset')
  const offset = yield* value('EntryOffsetOffset')
  const address = yield* value('EntryAddressOffset')
  const stride = yield* value('EntryArrayStride')
  const entries = yield* entriesOf(image, table, 'gHotSpotVMStructs', stride, [
    type,
    field,
    offset,
    address,
  ])
  const fields = new Map<string, Field>()
  const names = new Map<number, string>()
  for (let i = 0; i < ENTRIES_MAX; i += 1) {
    const entry = yield* image.bytes(entries + i * stride, stride)
    const at = image.long(entry, type)
    if (at === 0) return fields
    const name = names.get(at) ?? (yield* image.text(at, NAME_BYTES_MAX))
    names.set(at, name)
    if (!types.has(name)) continue
    fields.set(`${name}.${yield* image.text(image.long(entry, field), NAME_BYTES_MAX)}`, {
      offset: image.long(entry, offset),
      address: image.long(entry, address),
    })
  }
  throw malformedMemory(`${ENTRIES_MAX} fields`, 'a table that ends')
}

/** Undefined when there is no such type. */
export function* sizeOfType(
  image: Image,
  table: SymbolTable,
  wanted: string,
): Reading<number | undefined> {
  const value = (name: string) => valueOf(image, table, `gHotSpotVMType${name}`)
  const name = yield* value('EntryTypeNameOffset')
  const size = yield* value('EntrySizeOffset')
  const stride = yield* value('EntryArrayStride')
  const entries = yield* entriesOf(image, table, 'gHotSpotVMTypes', stride, [name, size])
  for (let i = 0; i < ENTRIES_MAX; i += 1) {
    const entry = yield* image.bytes(entries + i * stride, stride)
    const at = image.long(entry, name)
    if (at === 0) return undefined
    if ((yield* image.text(at, NAME_BYTES_MAX)) === wanted) return image.long(entry, size)
  }
  throw malformedMemory(`${ENTRIES_MAX} types`, 'a table that ends')
}

/** What an exported variable of 64 bits holds. */
function* valueOf(image: Image, table: SymbolTable, name: string): Reading<number> {
  const address = yield* addressOf(image, table, name)
  if (address === undefined) throw malformedMemory(`no ${name}`, 'a HotSpot')
  return yield* image.pointer(address)
}

/** Each part of an entry is 64 bits long and lies within it. */
function* entriesOf(
  image: Image,
  table: SymbolTable,
  name: string,
  stride: number,
  parts: readonly number[],
): Reading<number> {
  if (stride > ENTRY_BYTES_MAX || parts.some((part) => part + 8 > stride))
    throw malformedMemory(`entries of ${stride} bytes`, 'parts within them')
  return yield* valueOf(image, table, name)
}
