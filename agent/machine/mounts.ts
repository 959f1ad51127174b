/**
 * What is mounted where.
 *
 * Source: /proc/1/mountinfo; Documentation/filesystems/proc.rst, 3.5
 *         `36 35 98:0 /root /mnt rw,noatime master:1 - ext3 /dev/root rw,errors=continue`
 *         Blanks, line ends and backslashes of a path stand as `\040`, `\011`, `\012`, `\134`.
 */
import { limits } from '../../catalog/limit.ts'
import type { KernelFile, KernelFiles } from '../read/files.ts'
import { MalformedFile } from '../read/malformed.ts'

export interface Mount {
  /** The line as it stands there: another mount has another. */
  readonly line: string
  /** `8:1` */
  readonly number: string
  /** As the kernel writes it, with its escapes: so does node_exporter. */
  readonly device: string
  readonly mountpoint: string
  readonly fstype: string
  readonly readonly: boolean
  /** Of the file system: `rw,lowerdir=…`. */
  readonly options: string
}

/**
 * The mounts of the machine: those of its first process, or of this one where they are hidden. As long
 * as nothing changes, which is nearly always, they are not parsed again and the same array comes back.
 */
export function mountsOf(files: KernelFiles): () => readonly Mount[] | undefined {
  const sources = ['1', 'self'].map((process) => files.proc(`${process}/mountinfo`))
  /** The file as it was, in the pieces in which it came. */
  let pieces: Buffer[] = []
  let mounts: readonly Mount[] = []

  function read(file: KernelFile): boolean {
    let next = 0
    let changed = false
    const length = files.readLines(file, limits.mountinfoBytes.value, (end) => {
      const piece = files.bytes.subarray(0, end)
      if (pieces[next]?.equals(piece) !== true) {
        pieces[next] = Buffer.from(piece)
        changed = true
      }
      next += 1
    })
    if (length < 0) return false
    if (changed || next !== pieces.length) {
      pieces = pieces.slice(0, next)
      mounts = parse(pieces)
    }
    return true
  }

  return () => {
    try {
      return sources.some(read) ? mounts : undefined
    } catch (error) {
      // What was read up to here is not what the mounts are of.
      pieces = []
      throw error
    }
  }
}

function parse(pieces: readonly Buffer[]): Mount[] {
  const mounts: Mount[] = []
  for (const piece of pieces) parseMounts(piece, piece.length, mounts)
  return mounts
}

/** Adds the mounts of these lines; throws `MalformedFile`. */
export function parseMounts(bytes: Uint8Array, end: number, mounts: Mount[]): void {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, end).toString('utf8')
  for (const line of text.split('\n')) if (line !== '') mounts.push(parseMount(line))
}

function parseMount(line: string): Mount {
  const [before = '', behind = ''] = line.split(' - ', 2)
  const [, , number = '', , mountpoint, own] = before.split(' ')
  const [fstype = '', device, options = ''] = behind.split(' ')
  if (mountpoint === undefined || own === undefined || device === undefined || fstype === '') {
    throw new MalformedFile('mountinfo', line, '`36 35 98:0 / /mnt rw - ext3 /dev/root rw`')
  }
  return {
    line,
    number,
    device,
    mountpoint: unescape(mountpoint),
    fstype,
    readonly: has(own, 'ro') || has(options, 'ro'),
    options,
  }
}

/** What is mounted over by another at the same place cannot be reached by its path any more. */
export function reachable(mounts: readonly Mount[]): Mount[] {
  return [...new Map(mounts.map((mount) => [mount.mountpoint, mount])).values()]
}

/** A path with what the kernel escapes put back. */
export const unescape = (path: string): string =>
  path.replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  )

const has = (options: string, option: string): boolean => options.split(',').includes(option)

/** Whether `path` is `folder` or lies below it. */
export const isBelow = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`)
