/**
 * What a HotSpot says of itself in its own tables: each flag with its final value and where that came
 * from, and the place of its counters, which are there also when no file holds them.
 *
 * Source: hotspot/share/runtime/flags/jvmFlag.hpp (JVMFlag; Flag up to JDK 8),
 *         hotspot/share/runtime/perfMemory.hpp; proven against the JVM's own -XX:+PrintFlagsFinal
 * Units:  as the JVM has them: bytes, counts; ThreadStackSize in KiB
 *
 * The process is neither stopped nor changed. Nothing is kept from one process for another, not even of
 * the same build: a workload can change its own image of the library, and must not be able to change
 * what is said of others.
 */
import { type JvmFlag, jvmFlags } from '../../../catalog/jvm-flag.ts'
import { limits } from '../../../catalog/limit.ts'
import { readSymbolTable, type SymbolTable } from './elf-symbols.ts'
import { type Image, malformedMemory, type Range, type Reading } from './memory.ts'
import { type Fields, readFields, sizeOfType } from './vm-structs.ts'

/** By the number that HotSpot has for it. */
const ORIGINS = [
  'default',
  'command-line',
  'environment',
  'config-file',
  'management',
  'ergonomic',
  'attach',
  'internal',
  'jimage',
] as const

export type Origin = (typeof ORIGINS)[number]

export interface FinalFlag {
  readonly value: string
  readonly origin: Origin
}

export type FinalFlags = ReadonlyMap<JvmFlag, FinalFlag>

export interface Deep {
  /** In the order of the list of flags that may be told. */
  readonly flags: FinalFlags
  /** Where its counters lie; absent when it keeps none. */
  readonly counters?: Range
}

const TYPES = new Set(['JVMFlag', 'Flag', 'PerfMemory'])
const FLAGS_MAX = 4_096
const FLAG_BYTES_MAX = 128
const NAME_BYTES_MAX = 128
const PERF_DATA_BYTES = 32 << 10

/** By the number that HotSpot 17 and later have for it; two of texts follow. */
const TYPE_NAMES = ['bool', 'int', 'uint', 'intx', 'uintx', 'uint64_t', 'size_t', 'double'] as const

/** `base` is where the first byte of libjvm.so is mapped. Throws MalformedFile. */
export function* readDeep(image: Image, base: number): Reading<Deep> {
  const table = yield* readSymbolTable(image, base)
  const fields = yield* readFields(image, table, TYPES)
  const flags = yield* readFlags(image, table, fields)
  const counters = yield* findCounters(image, fields)
  return counters === undefined ? { flags } : { flags, counters }
}

function* readFlags(image: Image, table: SymbolTable, fields: Fields): Reading<FinalFlags> {
  const type = fields.has('JVMFlag.flags') ? 'JVMFlag' : 'Flag'
  const field = (name: string) => {
    const found = fields.get(`${type}.${name}`)
    if (found === undefined) throw malformedMemory(`no ${type}.${name}`, 'a field of flags')
    return found
  }
  const size = (yield* sizeOfType(image, table, type)) ?? 0
  const layout: Layout = {
    name: field('_name').offset,
    address: field('_addr').offset,
    type: field('_type').offset,
    flags: field('_flags').offset,
  }
  if (size === 0 || size > FLAG_BYTES_MAX || !isWithin(layout, size))
    throw malformedMemory(`flags of ${size} bytes`, 'fields within them')
  const first = yield* image.pointer(field('flags').address)
  const count = yield* image.pointer(field('numFlags').address)
  if (count > FLAGS_MAX) throw malformedMemory(`${count} flags`, `at most ${FLAGS_MAX}`)
  const wanted = new Set<string>(jvmFlags)
  const found = new Map<string, FinalFlag>()
  for (let i = 0; i < count; i += 1) {
    const flag = yield* image.bytes(first + i * size, size)
    const at = image.long(flag, layout.name)
    // The last entry of the table has no name.
    if (at === 0) continue
    const name = yield* image.text(at, NAME_BYTES_MAX)
    if (!wanted.has(name) || found.has(name)) continue
    const value = yield* readFlag(image, flag, layout)
    if (value !== undefined) found.set(name, value)
  }
  return new Map(jvmFlags.flatMap((name) => (found.has(name) ? [[name, found.get(name)!]] : [])))
}

interface Layout {
  readonly name: number
  readonly address: number
  readonly type: number
  readonly flags: number
}

const isWithin = ({ name, address, type, flags }: Layout, size: number): boolean =>
  name + 8 <= size &&
  address + 8 <= size &&
  flags + 4 <= size &&
  type + (Math.abs(flags - type) === 4 ? 4 : 8) <= size

/** Undefined for a type that may hold a text, or that we do not know. */
function* readFlag(image: Image, flag: DataView, layout: Layout): Reading<FinalFlag | undefined> {
  const type = yield* typeOf(image, flag, layout)
  const origin = ORIGINS[image.uint(flag, layout.flags) & 0xf]
  if (type === undefined || origin === undefined) return undefined
  const value = yield* readValue(image, image.long(flag, layout.address), type)
  return value === undefined ? undefined : { value, origin }
}

/** From HotSpot 17 on a number of 32 bits beside the flags, before it the address of a text. */
function* typeOf(
  image: Image,
  flag: DataView,
  { type, flags }: Layout,
): Reading<string | undefined> {
  if (Math.abs(flags - type) === 4) return TYPE_NAMES[image.uint(flag, type)]
  return yield* image.text(image.long(flag, type), NAME_BYTES_MAX)
}

function* readValue(image: Image, address: number, type: string): Reading<string | undefined> {
  switch (type) {
    case 'bool': {
      const byte = (yield* image.bytes(address, 1)).getUint8(0)
      return byte === 0 ? 'false' : byte === 1 ? 'true' : undefined
    }
    case 'int':
      return String(image.int(yield* image.bytes(address, 4), 0))
    case 'uint':
      return String(image.uint(yield* image.bytes(address, 4), 0))
    case 'intx':
      return String(BigInt.asIntN(64, image.bigint(yield* image.bytes(address, 8), 0)))
    case 'uintx':
    case 'uint64_t':
    case 'size_t':
      return String(image.bigint(yield* image.bytes(address, 8), 0))
    case 'double':
      return String(image.double(yield* image.bytes(address, 8), 0))
    default:
      return undefined
  }
}

/** Undefined with -XX:-UsePerfData, and while the virtual machine starts. */
function* findCounters(image: Image, fields: Fields): Reading<Range | undefined> {
  const start = fields.get('PerfMemory._start')
  if (start === undefined) return undefined
  const address = yield* image.pointer(start.address)
  if (address === 0) return undefined
  const capacity = fields.get('PerfMemory._capacity')
  const bytes = capacity === undefined ? PERF_DATA_BYTES : yield* image.pointer(capacity.address)
  if (bytes === 0 || bytes > limits.hsperfBytes.value)
    throw malformedMemory(`counters of ${bytes} bytes`, 'a size that a JVM makes')
  return { address, bytes }
}
