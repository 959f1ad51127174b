/**
 * What a spool holds, as bytes. Numbers are little-endian.
 *
 *   segment = header record*
 *   header  = "CANDOR\0\1" crc:u32 boot-bytes:u32 unix-ms:f64 boot-us:f64 boot:40 bytes
 *   record  = "CBAT" mark:4 crc:u32 body-bytes:u32 body-crc:u32 unix-ms:f64 id-bytes:u16 encoding:u8 0
 *             id body
 *   mark    = "wait" | "done"
 *
 * A crc is CRC-32 of everything after it up to the end of the id, or of the header; the body has its
 * own, so that a record can be passed over without reading it. The mark alone is ever written again,
 * and is no part of a checksum: whatever is not "done" waits.
 */
import { crc32 } from 'node:zlib'
import { limits } from '../../catalog/limit.ts'
import type { Batch } from './batch.ts'

export const HEADER_BYTES = 72
const MAGIC = Buffer.from('CANDOR\0\x01', 'latin1')
const BOOT_BYTES = 40

export interface SegmentHeader {
  /** Unix ms at which it was begun, and µs since that boot. */
  readonly timeMs: number
  readonly bootUs: number
  readonly bootId: string
}

export function encodeHeader({ timeMs, bootUs, bootId }: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES)
  MAGIC.copy(bytes)
  const length = bytes.write(bootId, 32, BOOT_BYTES, 'latin1')
  bytes.writeUInt32LE(length, 12)
  bytes.writeDoubleLE(timeMs, 16)
  bytes.writeDoubleLE(bootUs, 24)
  bytes.writeUInt32LE(crc32(bytes.subarray(12)), 8)
  return bytes
}

/** Undefined where the bytes are not the header of a segment. */
export function decodeHeader(bytes: Buffer): SegmentHeader | undefined {
  if (bytes.length < HEADER_BYTES || !bytes.subarray(0, 8).equals(MAGIC)) return undefined
  if (bytes.readUInt32LE(8) !== crc32(bytes.subarray(12, HEADER_BYTES))) return undefined
  const length = bytes.readUInt32LE(12)
  if (length > BOOT_BYTES) return undefined
  return {
    timeMs: bytes.readDoubleLE(16),
    bootUs: bytes.readDoubleLE(24),
    bootId: bytes.toString('latin1', 32, 32 + length),
  }
}

const RECORD = Buffer.from('CBAT', 'latin1')
const FIXED_BYTES = 32
const ENCODINGS = [undefined, 'gzip', 'zstd'] as const
export const MARK_AT = 4
export const DONE = Buffer.from('done', 'latin1')
const WAIT = Buffer.from('wait', 'latin1')

const MAX_ID_BYTES = 2_016
/** As many bytes hold whatever stands before a body. */
export const RECORD_HEAD_BYTES = FIXED_BYTES + MAX_ID_BYTES

/** What stands before a body. */
export interface RecordHead {
  readonly id: string
  readonly timeMs: number
  readonly encoding: Batch['encoding']
  readonly isDone: boolean
  readonly headBytes: number
  readonly bodyBytes: number
  readonly bodyCrc: number
}

/** The head of a batch's record; throws RangeError where no record can hold it. */
export function encodeHead({ id, timeMs, encoding, body }: Batch): Buffer {
  const idBytes = Buffer.byteLength(id)
  if (idBytes > MAX_ID_BYTES || body.length > limits.spoolRecordBytes.value) {
    throw new RangeError(`no record of the spool holds ${idBytes} and ${body.length} bytes`)
  }
  const bytes = Buffer.alloc(FIXED_BYTES + idBytes)
  RECORD.copy(bytes)
  WAIT.copy(bytes, MARK_AT)
  bytes.writeUInt32LE(body.length, 12)
  bytes.writeUInt32LE(crc32(body), 16)
  bytes.writeDoubleLE(timeMs, 20)
  bytes.writeUInt16LE(idBytes, 28)
  bytes.writeUInt8(ENCODINGS.indexOf(encoding), 30)
  bytes.write(id, FIXED_BYTES)
  bytes.writeUInt32LE(crc32(bytes.subarray(12)), 8)
  return bytes
}

/** Undefined where the bytes do not begin with the whole head of a record. */
export function decodeHead(bytes: Buffer): RecordHead | undefined {
  if (bytes.length < FIXED_BYTES || !bytes.subarray(0, 4).equals(RECORD)) return undefined
  const headBytes = FIXED_BYTES + bytes.readUInt16LE(28)
  if (headBytes > Math.min(bytes.length, RECORD_HEAD_BYTES)) return undefined
  if (bytes.readUInt32LE(8) !== crc32(bytes.subarray(12, headBytes))) return undefined
  const bodyBytes = bytes.readUInt32LE(12)
  if (bodyBytes > limits.spoolRecordBytes.value) return undefined
  return {
    id: bytes.toString('utf8', FIXED_BYTES, headBytes),
    timeMs: bytes.readDoubleLE(20),
    encoding: ENCODINGS[bytes.readUInt8(30)],
    isDone: bytes.subarray(MARK_AT, MARK_AT + 4).equals(DONE),
    headBytes,
    bodyBytes,
    bodyCrc: bytes.readUInt32LE(16),
  }
}

export const isWhole = ({ bodyCrc }: RecordHead, body: Buffer): boolean => crc32(body) === bodyCrc
