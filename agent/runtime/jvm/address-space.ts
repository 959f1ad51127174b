/**
 * Where in the address space of a JVM its library lies, and where its compiled code.
 *
 * Source: /proc/PID/maps, as in agent/runtime/maps.ts; compiled code is what is anonymous and may be
 *         written and run: HotSpot makes exactly the part of its code cache so that is in use
 */
import { closeSync, openSync, readSync } from 'node:fs'
import { limits } from '../../../catalog/limit.ts'
import { readBytes } from '../read-record.ts'

export interface Library {
  /** Name of the mapping in /proc/PID/map_files. */
  readonly range: string
  /** Where its first byte lies. */
  readonly base: number
  /** As the process sees it; a removed one has no path any more. */
  readonly path: string
  readonly deleted: boolean
}

export interface Extent {
  readonly from: number
  readonly to: number
}

export interface AddressSpace {
  readonly library?: Library
  readonly code: readonly Extent[]
  /** True when the text was longer than the limit and the rest was not looked at. */
  readonly cut: boolean
}

const LIBRARY = /^0*([0-9a-f]+)-0*([0-9a-f]+) \S+ 0+ \S+ \d+ +(\/.*\/libjvm\.so)( \(deleted\))?$/m
const CODE = /^([0-9a-f]+)-([0-9a-f]+) rwxp 0+ 00:00 0 *$/gm

export function parseAddressSpace(text: string, cut: boolean): AddressSpace {
  const [, from = '', to = '', path = '', deleted] = LIBRARY.exec(text) ?? []
  const code = [...text.matchAll(CODE)].map(([, start = '', end = '']) => ({
    from: Number.parseInt(start, 16),
    to: Number.parseInt(end, 16),
  }))
  if (path === '') return { code, cut }
  const base = Number.parseInt(from, 16)
  return {
    library: { range: `${from}-${to}`, base, path, deleted: deleted !== undefined },
    code,
    cut,
  }
}

/** Throws what open(2) and read(2) throw. */
export function readAddressSpace(procfs: string, pid: number): AddressSpace {
  const { bytes, cut } = readBytes(`${procfs}/${pid}/maps`, limits.jvmMapsBytes.value)
  return parseAddressSpace(bytes.toString('latin1'), cut)
}

const PRESENT_BYTE = 0x80
const ENTRY_BYTES = 8
const entries = Buffer.allocUnsafe(64 << 10)

/**
 * Bytes of these extents that are in RAM: one bit a page, so that nothing else of the process is
 * walked, however large its heap. Throws what open(2) and read(2) throw.
 *
 * Source: /proc/PID/pagemap, 64 bits a page in the byte order of the machine; the highest: present
 */
export function residentBytes(
  procfs: string,
  pid: number,
  extents: readonly Extent[],
  pageBytes: number,
): number {
  const fd = openSync(`${procfs}/${pid}/pagemap`, 'r')
  try {
    let pages = 0
    for (const { from, to } of extents) {
      const end = Math.ceil(to / pageBytes) * ENTRY_BYTES
      for (let at = Math.floor(from / pageBytes) * ENTRY_BYTES; at < end;) {
        const length = readSync(fd, entries, 0, Math.min(entries.length, end - at), at)
        if (length === 0) break
        for (let i = HIGHEST; i < length; i += ENTRY_BYTES)
          if ((entries[i]! & PRESENT_BYTE) !== 0) pages += 1
        at += length
      }
    }
    return pages * pageBytes
  } finally {
    closeSync(fd)
  }
}

/** Which byte of an entry holds its highest bit. */
const HIGHEST = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? ENTRY_BYTES - 1 : 0
