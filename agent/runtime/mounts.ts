/**
 * The mounts that a process sees, and which of them may hold up who looks into them.
 *
 * Source: proc_pid_mountinfo(5)
 */
import { limits } from '../../catalog/limit.ts'
import { unescape } from '../machine/mounts.ts'
import { readBytes } from './read-record.ts'
import { Refused } from './refused.ts'

/**
 * File systems that ask no server of their own. A list of the good ones, since a new network or
 * user-space file system must not be able to stop the agent.
 *
 * overlay is on it since nearly every container's root is one; it answers from the layers below it,
 * which may lie on NFS or FUSE (lazily pulled images do). Its options name the layers as the mounting
 * process saw them, and runtimes mount in the machine's own namespace: so they are looked up there,
 * and an overlay with a layer that may block is one that may. What cannot be looked up is taken for
 * local: layers that are named by a path from a working directory that nobody knows any more, and
 * those of an overlay that was mounted inside a container.
 */
const LOCAL = new Set(
  'tmpfs ramfs rootfs overlay aufs ext2 ext3 ext4 xfs btrfs bcachefs zfs f2fs jfs nilfs2 reiserfs erofs squashfs hostfs'.split(
    ' ',
  ),
)

interface Overlay {
  readonly id: number
  readonly point: string
  /** Whole paths as the mounting process saw them. */
  readonly layers: readonly string[]
}

export interface Mounts {
  readonly overlays: readonly Overlay[]
  /** File system type by mount id; ids are the kernel's own, the same in every namespace. */
  readonly byId: ReadonlyMap<number, string>
  /** File system type by mount point, as the process sees it; the newest of several wins. */
  readonly byPoint: ReadonlyMap<string, string>
}

export function parseMountinfo(text: string): Mounts {
  const byId = new Map<number, string>()
  const byPoint = new Map<string, string>()
  const overlays: Overlay[] = []
  for (const line of text.split('\n')) {
    const match = /^(\d+) \d+ \S+ \S+ (\S+) .*? - (\S+) \S*(?: (.*))?$/.exec(line)
    if (match === null) continue
    const [, id, escaped = '', type = '', options = ''] = match
    const point = unescape(escaped)
    byId.set(Number(id), type)
    byPoint.set(point, type)
    if (type === 'overlay') overlays.push({ id: Number(id), point, layers: layersOf(options) })
  }
  return { byId, byPoint, overlays }
}

/** Of the options of an overlay; a colon or comma within a path has a backslash before it. */
function layersOf(options: string): string[] {
  const lists = options.matchAll(/(?:^|,)(?:lowerdir\+?|upperdir|datadir\+)=((?:[^,\\]|\\.)*)/g)
  return [...lists]
    .flatMap(([, list = '']) => unescape(list).match(/(?:[^:\\]|\\.)+/g) ?? [])
    .map((path) => path.replace(/\\(.)/g, '$1'))
    .filter((path) => path.startsWith('/'))
}

/**
 * The mounts of a process. A process in a chroot does not list the mount that it stands on; where
 * that is one of ours, our own list has it.
 */
export function readMounts(procfs: string, pid: number): Mounts {
  const theirs = parseMountinfo(readText(`${procfs}/${pid}/mountinfo`))
  const ours = parseMountinfo(readText('/proc/self/mountinfo'))
  const { overlays } = theirs
  const machine = overlays.length === 0 ? ours : (readMachine(procfs) ?? ours)
  const byId = new Map([...ours.byId, ...theirs.byId])
  const byPoint = new Map(theirs.byPoint)
  for (const { id, point, layers } of overlays) {
    const blocking = layers.map((layer) => typeAt(layer, machine)).find((type) => !isLocal(type))
    if (blocking === undefined) continue
    byId.set(id, `overlay on ${blocking}`)
    if (byPoint.get(point) === 'overlay') byPoint.set(point, `overlay on ${blocking}`)
  }
  return { byId, byPoint, overlays }
}

/** File system types of all that a process sees, at the points where it sees them. */
export const mountedTypes = (procfs: string, pid: number): ReadonlySet<string> =>
  new Set(parseMountinfo(readText(`${procfs}/${pid}/mountinfo`)).byPoint.values())

/** Undefined where it may not be read. */
function readMachine(procfs: string): Mounts | undefined {
  try {
    return parseMountinfo(readText(`${procfs}/1/mountinfo`))
  } catch {
    return undefined
  }
}

export const isLocal = (type: string | undefined): boolean => type !== undefined && LOCAL.has(type)

/** What a path lies on: the type at the longest mount point above it. */
function typeAt(path: string, { byPoint }: Mounts): string | undefined {
  for (let at = path; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
    const type = byPoint.get(at)
    if (type !== undefined) return type
  }
  return byPoint.get('/')
}

/** A container may have very many mounts, of names as long as it likes. */
function readText(path: string): string {
  const { bytes, cut } = readBytes(path, limits.mountinfoBytes.value)
  if (cut) throw new Refused('size')
  return bytes.toString('utf8')
}
