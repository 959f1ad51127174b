/**
 * Which virtual machine and which libraries a process has loaded, which counters file it has mapped,
 * and the memory that its malloc has taken.
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
  /** Paths of libraries that tell a runtime, an allocator or a C library, each once. */
  readonly libraries: readonly string[]
  /** Device and inode of the executable, where it was named and is mapped. */
  readonly program?: string
  /** Anonymous mappings that look like an arena of the malloc of glibc. */
  readonly arenas: number
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
const DELETED = / \(deleted\)$/
const COUNTERS =
  /^([0-9a-f]+)-([0-9a-f]+) rw.s [0-9a-f]+ ([0-9a-f]+:[0-9a-f]+) (\d+) .*\/(hsperfdata_[^/]+)\/(\d{1,10})( \(deleted\))?$/
const FILE = /^\S+ \S+ \S+ (\S+ \d+) +(\/.*)$/
const LIBRARY =
  /(\/[^ ].*\/(?:libcoreclr\.so|libpython[^/]*|libruby[^/]*|libnode\.so[^/]*|lib(?:jemalloc|tcmalloc|mimalloc)[^/]*|ld-musl-[^/]*))$/
/** What every line that matters holds; the search for it is what makes long maps cheap. */
const NEEDLES = [
  'libjvm.so',
  'libj9vm',
  '/hsperfdata_',
  '/libcoreclr.so',
  '/libpython',
  '/libruby',
  '/libnode.so',
  '/libjemalloc',
  '/libtcmalloc',
  '/libmimalloc',
  '/ld-musl-',
] as const

/** The lines that matter, out of any number of them; `exe` is the path of the executable. */
function parseMapsLines(
  lines: readonly string[],
  exe: string | undefined,
): Omit<Maps, 'cut' | 'arenas'> {
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
  const libraries = [
    ...new Set(lines.flatMap((line) => LIBRARY.exec(line.replace(DELETED, ''))?.[1] ?? [])),
  ]
  const program = lines
    .map((line) => FILE.exec(line.replace(DELETED, '')))
    .find((match) => match !== null && match[2] === exe)?.[1]
  const found = { counters, libraries, ...(program !== undefined && { program }) }
  // OpenJ9 brings a libjvm.so too, which only leads to its own library.
  if (openj9) return { machine: 'openj9', ...found }
  return hotspot ? { machine: 'hotspot', ...found } : found
}

/** maps pads addresses to eight digits, map_files does not. */
const unpadded = (address: string): string => address.replace(/^0+(?=.)/, '')

const chunk = Buffer.allocUnsafe(64 << 10)
const NEWLINE = 0x0a
/** A process may map the same library many times over; this many lines of a chunk tell enough. */
const LINES_MAX = 100

/** Throws what open(2) and read(2) throw: ENOENT and ESRCH when it is gone, EACCES, EPERM. */
export function readMaps(path: string, exe?: string): Maps {
  const needles = exe === undefined ? NEEDLES : [...NEEDLES, exe]
  const lines: string[] = []
  let arenas = 0
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
      const whole = chunk.subarray(0, newline + 1)
      keepWanted(whole, needles, lines)
      arenas += countArenas(whole)
      carried = end - newline - 1
      if (carried === chunk.length || readBytes >= limits.mapsBytes.value)
        return { ...parseMapsLines(lines, exe), arenas, cut: true }
      chunk.copyWithin(0, newline + 1, end)
    }
  } finally {
    closeSync(fd)
  }
  return { ...parseMapsLines(lines, exe), arenas, cut: false }
}

function keepWanted(text: Buffer, needles: readonly string[], lines: string[]): void {
  for (const needle of needles) {
    const most = lines.length + LINES_MAX
    let at = text.indexOf(needle)
    while (at >= 0 && lines.length < most) {
      const end = text.indexOf(NEWLINE, at)
      lines.push(text.toString('utf8', text.lastIndexOf(NEWLINE, at) + 1, end))
      at = text.indexOf(needle, end)
    }
  }
}

/** An arena lies on a border of its size; such an address ends with this many zeros. */
const ALIGNED = '000000-'
const ARENA_BYTES = 64 << 20
const ARENA =
  /^([0-9a-f]+)-([0-9a-f]+) rw-p 00000000 00:00 0 *\n\2-([0-9a-f]+) ---p 00000000 00:00 0/

/**
 * malloc reserves 64 MiB for each arena but the first and makes its beginning usable: a mapping that
 * may be written, and one right behind it that may not be touched. A pair that two reads tear apart is
 * missed.
 */
function countArenas(text: Buffer): number {
  let arenas = 0
  for (let at = text.indexOf(ALIGNED); at >= 0; at = text.indexOf(ALIGNED, at + 1)) {
    const start = text.lastIndexOf(NEWLINE, at) + 1
    const next = text.indexOf(NEWLINE, at)
    const end = next < 0 ? -1 : text.indexOf(NEWLINE, next + 1)
    const match = end < 0 ? null : ARENA.exec(text.toString('latin1', start, end))
    if (match === null) continue
    const [from, to] = [Number.parseInt(match[1]!, 16), Number.parseInt(match[3]!, 16)]
    if (from % ARENA_BYTES === 0 && to - from === ARENA_BYTES) arenas += 1
  }
  return arenas
}
