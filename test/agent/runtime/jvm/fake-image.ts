/** An image of libjvm.so as it lies in memory, with the tables that HotSpot exports, made of bytes. */
import { gnuHash } from '../../../../agent/runtime/jvm/elf-symbols.ts'
import type { Range } from '../../../../agent/runtime/jvm/memory.ts'

export const BASE = 0x7f00_0000_0000
const BYTES = 64 << 10
const ORIGIN_BITS = 0x100

/** How a flag lies in memory: JDK 8, 11, and 17 and later. */
export const GENERATIONS = {
  8: { type: 'Flag', size: 32, typeAt: 0, nameAt: 8, addressAt: 16, flagsAt: 24 },
  11: { type: 'JVMFlag', size: 40, typeAt: 0, nameAt: 8, addressAt: 16, flagsAt: 32 },
  17: { type: 'JVMFlag', size: 24, typeAt: 20, nameAt: 8, addressAt: 0, flagsAt: 16 },
} as const
export type Generation = keyof typeof GENERATIONS

const TYPE_NAMES = 'bool int uint intx uintx uint64_t size_t double ccstr ccstrlist'.split(' ')

export interface FakeFlag {
  readonly name: string
  readonly type: string
  readonly value: bigint | number
  /** Number of the origin. */
  readonly origin: number
}

export interface FakeImage {
  readonly generation: Generation
  readonly flags: readonly FakeFlag[]
  readonly littleEndian?: boolean
  /** musl leaves the addresses of the dynamic section relative to the base. */
  readonly relative?: boolean
  readonly countersBytes?: number
  /** Where the table of fields is said to lie, instead of where it is. */
  readonly fieldsAt?: number
}

export const COUNTERS_AT = BASE + BYTES

/** Its first byte is at `BASE`. */
export function makeImage(image: FakeImage): Uint8Array {
  const { generation, flags, littleEndian: little = true, relative = false } = image
  const layout = GENERATIONS[generation]
  const bytes = new Uint8Array(BYTES)
  const view = new DataView(bytes.buffer)
  let free = 0x1000
  const take = (size: number): number => {
    const at = free
    free += Math.ceil(size / 16) * 16
    return at
  }
  const u32 = (at: number, value: number) => view.setUint32(at, value, little)
  const u64 = (at: number, value: bigint | number) => view.setBigUint64(at, BigInt(value), little)
  const texts = new Map<string, number>()
  const text = (value: string): number => {
    const known = texts.get(value)
    if (known !== undefined) return BASE + known
    const at = take(value.length + 1)
    bytes.set(Buffer.from(value, 'latin1'), at)
    texts.set(value, at)
    return BASE + at
  }
  const symbols = new Map<string, number>()
  const variable = (name: string, value: bigint | number): number => {
    const at = take(8)
    u64(at, value)
    symbols.set(name, at)
    return at
  }

  const flagsAt = take(layout.size * (flags.length + 1))
  for (const [i, flag] of flags.entries()) {
    const at = flagsAt + i * layout.size
    const value = take(8)
    if (flag.type === 'double') view.setFloat64(value, Number(flag.value), little)
    else if (flag.type === 'bool') bytes[value] = Number(flag.value)
    else if (flag.type === 'int' || flag.type === 'uint')
      u32(value, Number(BigInt.asUintN(32, BigInt(flag.value))))
    else u64(value, BigInt.asUintN(64, BigInt(flag.value)))
    u64(at + layout.nameAt, text(flag.name))
    u64(at + layout.addressAt, BASE + value)
    u32(at + layout.flagsAt, flag.origin | ORIGIN_BITS)
    if (generation === 17) u32(at + layout.typeAt, TYPE_NAMES.indexOf(flag.type))
    else u64(at + layout.typeAt, text(flag.type))
  }

  const statics = {
    flags: take(8),
    numFlags: take(8),
    start: take(8),
    capacity: take(8),
  }
  u64(statics.flags, BASE + flagsAt)
  u64(statics.numFlags, flags.length + 1)
  u64(statics.start, image.countersBytes === undefined ? 0 : COUNTERS_AT)
  u64(statics.capacity, image.countersBytes ?? 0)
  const fields: readonly (readonly [string, string, number, number])[] = [
    ['Klass', '_name', 24, 0],
    [layout.type, '_type', layout.typeAt, 0],
    [layout.type, '_name', layout.nameAt, 0],
    [layout.type, '_addr', layout.addressAt, 0],
    [layout.type, '_flags', layout.flagsAt, 0],
    [layout.type, 'flags', 0, BASE + statics.flags],
    [layout.type, 'numFlags', 0, BASE + statics.numFlags],
    ['PerfMemory', '_start', 0, BASE + statics.start],
    ['PerfMemory', '_capacity', 0, BASE + statics.capacity],
  ]
  const FIELD_BYTES = 56
  const table = take(FIELD_BYTES * (fields.length + 1))
  for (const [i, [type, name, offset, address]] of fields.entries()) {
    const at = table + i * FIELD_BYTES
    u64(at, text(type))
    u64(at + 8, text(name))
    u64(at + 32, offset)
    u64(at + 40, address)
  }
  variable('gHotSpotVMStructs', image.fieldsAt ?? BASE + table)
  variable('gHotSpotVMStructEntryTypeNameOffset', 0)
  variable('gHotSpotVMStructEntryFieldNameOffset', 8)
  variable('gHotSpotVMStructEntryOffsetOffset', 32)
  variable('gHotSpotVMStructEntryAddressOffset', 40)
  variable('gHotSpotVMStructEntryArrayStride', FIELD_BYTES)
  const TYPE_BYTES = 40
  const types = take(TYPE_BYTES * 3)
  for (const [i, [name, size]] of [
    ['Klass', 200] as const,
    [layout.type, layout.size] as const,
  ].entries()) {
    u64(types + i * TYPE_BYTES, text(name))
    u64(types + i * TYPE_BYTES + 32, size)
  }
  variable('gHotSpotVMTypes', BASE + types)
  variable('gHotSpotVMTypeEntryTypeNameOffset', 0)
  variable('gHotSpotVMTypeEntrySizeOffset', 32)
  variable('gHotSpotVMTypeEntryArrayStride', TYPE_BYTES)

  // Symbols are in the order of their buckets; the first is never one that is hashed.
  const BUCKETS = 3
  const sorted = [...symbols].sort(([a], [b]) => (gnuHash(a) % BUCKETS) - (gnuHash(b) % BUCKETS))
  const symbolTable = take(24 * (sorted.length + 1))
  const hash = take(16 + 8 + 4 * BUCKETS + 4 * sorted.length)
  const names = take(1)
  u32(hash, BUCKETS)
  u32(hash + 4, 1)
  u32(hash + 8, 1)
  const buckets = hash + 16 + 8
  for (const [i, [name, value]] of sorted.entries()) {
    const bucket = gnuHash(name) % BUCKETS
    const next = sorted[i + 1]
    const ends = next === undefined || gnuHash(next[0]) % BUCKETS !== bucket
    u32(symbolTable + 24 * (i + 1), text(name) - BASE - names)
    u64(symbolTable + 24 * (i + 1) + 8, value)
    u32(buckets + 4 * BUCKETS + 4 * i, ((gnuHash(name) & ~1) | (ends ? 1 : 0)) >>> 0)
    if (view.getUint32(buckets + 4 * bucket, little) === 0) u32(buckets + 4 * bucket, i + 1)
  }
  const dynamic = take(16 * 4)
  const entries = [
    [5, names],
    [6, symbolTable],
    [0x6ffffef5, hash],
  ] as const
  for (const [i, [tag, value]] of entries.entries()) {
    u64(dynamic + 16 * i, tag)
    u64(dynamic + 16 * i + 8, relative ? value : BASE + value)
  }

  view.setUint32(0, 0x7f454c46)
  bytes[4] = 2
  bytes[5] = little ? 1 : 2
  u64(32, 64)
  view.setUint16(54, 56, little)
  view.setUint16(56, 2, little)
  u32(64, 1)
  u32(64 + 56, 2)
  u64(64 + 56 + 16, dynamic)
  u64(64 + 56 + 40, 16 * 4)
  if (free > BYTES) throw new Error('the image is too small for its tables')
  return bytes
}

/** Reads as /proc/PID/mem does: what lies behind the end is missing, and outside is nothing. */
export const reader =
  (bytes: Uint8Array) =>
  ({ address, bytes: length }: Range): Uint8Array =>
    address < BASE ? new Uint8Array(0) : bytes.subarray(address - BASE, address - BASE + length)
