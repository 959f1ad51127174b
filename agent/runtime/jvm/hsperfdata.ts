/**
 * The file in which HotSpot keeps its own counters, as bytes in, a directory of counters out.
 *
 * Source: /tmp/hsperfdata_<user>/<pid>, version 2.0, the same from JDK 8 to 25;
 *         hotspot/share/runtime/perfMemory.hpp (PerfDataPrologue, PerfDataEntry)
 * Units:  as the JVM writes them; ticks are divided by `sun.os.hrt.frequency` by the caller.
 *
 * Header, 32 bytes: magic CA FE C0 C0 | byte_order i8 (0 big, 1 little) | major i8 | minor i8 |
 *   accessible i8 | used i32 | overflow i32 | mod_time_stamp i64 | entry_offset i32 | num_entries i32
 * Entry: entry_length i32 | name_offset i32 | vector_length i32 (0 = scalar) | data_type i8 |
 *   flags i8 | data_units i8 | data_variability i8 | data_offset i32 | name NUL | padding | data
 *
 * The writer takes no lock and raises `used` and `num_entries` before it fills an entry. So an
 * entry that makes no sense ends the directory (`complete` is false) and the caller reads again.
 * The file belongs to the workload: every offset in it is checked before it is followed.
 */
import { limits } from '../../../catalog/limit.ts'
import { MalformedFile } from '../../read/malformed.ts'

const HEADER_BYTES = 32
const ENTRY_BYTES = 20
const MAGIC = 0xcafec0c0
const NAME_BYTES_MAX = 256
const TEXT_BYTES_MAX = 4_096
const TWO_POW_32 = 0x1_0000_0000

/** Bytes of one value, by the JVM's letter of the type. */
const SCALAR_BYTES: Readonly<Record<string, number>> = {
  Z: 1,
  B: 1,
  C: 2,
  S: 2,
  I: 4,
  F: 4,
  J: 8,
  D: 8,
}

export interface HsperfHeader {
  readonly littleEndian: boolean
  readonly major: number
  readonly minor: number
  /** False while the virtual machine starts. */
  readonly accessible: boolean
  readonly usedBytes: number
  /** Bytes of entries that did not fit; above 0 the late entries are missing. */
  readonly overflowBytes: number
  /** Ticks of the last structural change: an entry added, not a value changed. */
  readonly changedTicks: number
  readonly entryOffset: number
  readonly entries: number
}

interface Place {
  readonly offset: number
  readonly type: string
  /** 0 for a scalar. */
  readonly length: number
}

/** Where each counter lies; holds for later reads of the same file while its header is the same. */
export interface HsperfDirectory {
  readonly header: HsperfHeader
  readonly places: ReadonlyMap<string, Place>
  /** False when an entry was caught half written, or there are more entries than the limit. */
  readonly complete: boolean
  /** Bytes that a read must hold for all places to lie within it. */
  readonly endBytes: number
}

export function readHeader(view: DataView): HsperfHeader {
  if (view.byteLength < HEADER_BYTES)
    throw new MalformedFile('hsperfdata', `${view.byteLength} bytes`, 'a header of 32 bytes')
  const magic = view.getUint32(0)
  if (magic !== MAGIC)
    throw new MalformedFile('hsperfdata', magic.toString(16), 'the magic cafec0c0')
  const order = view.getInt8(4)
  if (order !== 0 && order !== 1)
    throw new MalformedFile('hsperfdata', `byte order ${order}`, 'byte order 0 or 1')
  const littleEndian = order === 1
  const major = view.getInt8(5)
  if (major !== 2) throw new MalformedFile('hsperfdata', `version ${major}`, 'version 2')
  const header = {
    littleEndian,
    major,
    minor: view.getInt8(6),
    accessible: view.getInt8(7) !== 0,
    usedBytes: view.getInt32(8, littleEndian),
    overflowBytes: view.getInt32(12, littleEndian),
    changedTicks: readLong(view, 16, littleEndian),
    entryOffset: view.getInt32(24, littleEndian),
    entries: view.getInt32(28, littleEndian),
  }
  if (header.entryOffset < HEADER_BYTES || header.entryOffset > view.byteLength)
    throw new MalformedFile(
      'hsperfdata',
      `entry offset ${header.entryOffset}`,
      'an offset in the file',
    )
  if (header.usedBytes < HEADER_BYTES || header.entries < 0)
    throw new MalformedFile(
      'hsperfdata',
      `${header.usedBytes} bytes in ${header.entries} entries`,
      'positive counts',
    )
  return header
}

/** Whether the places of a directory hold for the bytes that were read just now. */
export function isCurrent(directory: HsperfDirectory, view: DataView): boolean {
  if (!directory.complete || view.byteLength < directory.endBytes) return false
  const [was, is] = [directory.header, readHeader(view)]
  return (
    was.changedTicks === is.changedTicks &&
    was.entries === is.entries &&
    was.usedBytes === is.usedBytes &&
    was.entryOffset === is.entryOffset &&
    was.littleEndian === is.littleEndian &&
    was.accessible === is.accessible
  )
}

/** Throws MalformedFile when this is no hsperfdata file; a half-written entry is no error. */
export function parseHsperfdata(view: DataView): HsperfDirectory {
  const header = readHeader(view)
  const little = header.littleEndian
  const end = Math.min(view.byteLength, header.usedBytes)
  const wanted = Math.min(header.entries, limits.hsperfEntries.value)
  const places = new Map<string, Place>()
  let at = header.entryOffset
  let found = 0
  for (; found < wanted && at + ENTRY_BYTES <= end; found += 1) {
    const length = view.getInt32(at, little)
    if (length < ENTRY_BYTES || length > end - at) break
    const name = entryName(view, at, length, little)
    if (name === undefined) break
    const place = entryPlace(view, at, length, little)
    if (place !== undefined && !places.has(name)) places.set(name, place)
    at += length
  }
  return { header, places, complete: found === header.entries, endBytes: at }
}

/** The name ends with NUL inside its entry, or the entry is not written yet. */
function entryName(
  view: DataView,
  at: number,
  length: number,
  little: boolean,
): string | undefined {
  const start = view.getInt32(at + 4, little)
  if (start < ENTRY_BYTES || start >= length) return undefined
  const stop = Math.min(length, start + NAME_BYTES_MAX)
  let name = ''
  for (let i = start; i < stop; i += 1) {
    const byte = view.getUint8(at + i)
    if (byte === 0) return name === '' ? undefined : name
    name += String.fromCharCode(byte)
  }
  return undefined
}

/** Undefined for a type that we do not know or data that leave the entry. */
function entryPlace(
  view: DataView,
  at: number,
  length: number,
  little: boolean,
): Place | undefined {
  const vectorLength = view.getInt32(at + 8, little)
  const type = String.fromCharCode(view.getUint8(at + 12))
  const dataOffset = view.getInt32(at + 16, little)
  const bytes = SCALAR_BYTES[type]
  if (bytes === undefined || vectorLength < 0 || dataOffset < ENTRY_BYTES) return undefined
  // Arrays of anything but bytes do not occur; their length would be counted in elements.
  if (vectorLength > 0 && type !== 'B') return undefined
  if (dataOffset + (vectorLength === 0 ? bytes : vectorLength) > length) return undefined
  return { offset: at + dataOffset, type, length: vectorLength }
}

function readLong(view: DataView, at: number, little: boolean): number {
  const high = view.getInt32(little ? at + 4 : at, little)
  const low = view.getUint32(little ? at : at + 4, little)
  return high * TWO_POW_32 + low
}

/** The counters of one read. A name that is not there is undefined, never 0. */
export interface Counters {
  number(name: string): number | undefined
  text(name: string): string | undefined
}

export function countersOf(directory: HsperfDirectory, view: DataView): Counters {
  const little = directory.header.littleEndian
  return {
    number: (name) => {
      const place = directory.places.get(name)
      return place === undefined || place.length > 0 ? undefined : readScalar(view, place, little)
    },
    text: (name) => {
      const place = directory.places.get(name)
      return place === undefined || place.length === 0 ? undefined : readText(view, place)
    },
  }
}

function readScalar(view: DataView, { offset, type }: Place, little: boolean): number {
  switch (type) {
    case 'J':
      return readLong(view, offset, little)
    case 'I':
      return view.getInt32(offset, little)
    case 'S':
      return view.getInt16(offset, little)
    case 'C':
      return view.getUint16(offset, little)
    case 'F':
      return view.getFloat32(offset, little)
    case 'D':
      return view.getFloat64(offset, little)
    default:
      return view.getInt8(offset)
  }
}

function readText(view: DataView, { offset, length }: Place): string {
  const bytes = Buffer.from(view.buffer, view.byteOffset + offset, Math.min(length, TEXT_BYTES_MAX))
  const end = bytes.indexOf(0)
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end)
}
