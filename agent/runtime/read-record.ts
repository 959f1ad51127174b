/**
 * Files of /proc that are read once and closed, through one buffer of this module, so that reading
 * leaves no garbage behind but what the caller makes of it.
 */
import { closeSync, openSync, readSync } from 'node:fs'

const buffer = Buffer.allocUnsafeSlow(64 << 10)

/**
 * A file that the kernel writes as one record, as latin1: a read that leaves room in the buffer was all
 * of it. Throws what open(2) and read(2) throw.
 */
export function readRecord(path: string): string {
  const fd = openSync(path, 'r')
  try {
    let text = ''
    for (;;) {
      const bytes = readSync(fd, buffer)
      text += buffer.toString('latin1', 0, bytes)
      if (bytes < buffer.length) return text
    }
  } finally {
    closeSync(fd)
  }
}

export interface Bytes {
  /** A copy of the caller's own where it is longer than the buffer; else valid until the next read. */
  readonly bytes: Buffer
  /** Whether there was more than the limit. */
  readonly cut: boolean
}

/** A file of many records, of which the kernel gives about a page at a time, up to `most` bytes. */
export function readBytes(path: string, most: number): Bytes {
  const fd = openSync(path, 'r')
  try {
    const full: Buffer[] = []
    let filled = 0
    for (let length = 0; length <= most;) {
      const bytes = readSync(fd, buffer, filled, buffer.length - filled, null)
      if (bytes === 0) return { bytes: joined(full, filled), cut: false }
      length += bytes
      filled += bytes
      if (filled < buffer.length) continue
      full.push(Buffer.from(buffer))
      filled = 0
    }
    return { bytes: joined(full, filled), cut: true }
  } finally {
    closeSync(fd)
  }
}

const joined = (full: readonly Buffer[], filled: number): Buffer => {
  const last = buffer.subarray(0, filled)
  return full.length === 0 ? last : Buffer.concat([...full, last])
}
