/**
 * Which virtual machine a process has loaded, and which counters file it has mapped.
 *
 * Source: /proc/PID/maps, one line a mapping:
 *         address-address perms offset device inode   path
 *         A newline in a path is printed as \012, so that lines can be trusted.
 */
import { closeSync, openSync, readSync } from 'node:fs'
import { limits } from '../../catalog/limit.ts'

export interface Maps {
  readonly machine?: 'hotspot' | 'openj9'
  /** Mappings of a hsperfdata file that the process shares and writes. */
  readonly counters: readonly CountersMapping[]
  /** True when the text was longer than the limit and the rest was not looked at. */
  readonly cut: boolean
}

export interface CountersMapping {
  /** Name of the mapping in /proc/PID/map_files. */
  readonly range: string
  readonly device: string
  readonly inode: number
  readonly directory: string
  readonly pid: number
  readonly deleted: boolean
}

const HOTSPOT = /\/libjvm\.so(?: \(deleted\))?$/
const OPENJ9 = /\/libj9vm\d*\.so(?: \(deleted\))?$/
const COUNTERS =
  /^([0-9a-f]+)-([0-9a-f]+) rw.s [0-9a-f]+ ([0-9a-f]+:[0-9a-f]+) (\d+) .*\/(hsperfdata_[^/]+)\/(\d{1,10})( \(deleted\))?$/
/** What every line that matters holds; the search for it is what makes long maps cheap. */
const NEEDLES = ['libjvm.so', 'libj9vm', '/hsperfdata_'] as const

/** The lines that matter, out of any number of them. */
export function parseMapsLines(lines: readonly string[]): Omit<Maps, 'cut'> {
  const hotspot = lines.some((line) => HOTSPOT.test(line))
  const openj9 = lines.some((line) => OPENJ9.test(line))
  const counters: CountersMapping[] = []
  for (const line of lines) {
    const match = COUNTERS.exec(line)
    if (match === null) continue
    const [, from = '', to = '', device = '', inode, directory = '', pid, deleted] = match
    counters.push({
      range: `${unpadded(from)}-${unpadded(to)}`,
      device,
      inode: Number(inode),
      directory,
      pid: Number(pid),
      deleted: deleted !== undefined,
    })
  }
  // OpenJ9 brings a libjvm.so too, which only leads to its own library.
  if (openj9) return { machine: 'openj9', counters }
  return hotspot ? { machine: 'hotspot', counters } : { counters }
}

/** maps pads addresses to eight digits, map_files does not. */
const unpadded = (address: string): string => address.replace(/^0+(?=.)/, '')

const chunk = Buffer.allocUnsafe(64 << 10)
const NEWLINE = 0x0a
/** A process may map the same library many times over; this many lines tell enough. */
const LINES_MAX = 100

/** Throws what open(2) and read(2) throw: ENOENT and ESRCH when it is gone, EACCES, EPERM. */
export function readMaps(path: string): Maps {
  const lines: string[] = []
  let carried = 0
  let readBytes = 0
  const fd = openSync(path, 'r')
  try {
    for (;;) {
      const bytes = readSync(fd, chunk, carried, chunk.length - carried, null)
      if (bytes === 0) break
      readBytes += bytes
      const end = carried + bytes
      const newline = chunk.lastIndexOf(NEWLINE, end - 1)
      keepWanted(chunk.subarray(0, newline + 1), lines)
      carried = end - newline - 1
      if (carried === chunk.length || readBytes >= limits.mapsBytes.value)
        return { ...parseMapsLines(lines), cut: true }
      chunk.copyWithin(0, newline + 1, end)
    }
  } finally {
    closeSync(fd)
  }
  return { ...parseMapsLines(lines), cut: false }
}

function keepWanted(text: Buffer, lines: string[]): void {
  for (const needle of NEEDLES) {
    let at = text.indexOf(needle)
    while (at >= 0 && lines.length < LINES_MAX) {
      const end = text.indexOf(NEWLINE, at)
      lines.push(text.toString('utf8', text.lastIndexOf(NEWLINE, at) + 1, end))
      at = text.indexOf(needle, end)
    }
  }
}
