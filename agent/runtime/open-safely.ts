/**
 * Opens a file that a workload controls, without being led astray, held up or fed without end; one
 * way to be held up is left, told at `LOCAL`.
 *
 * Everything below /proc/PID/root is the container's: its symbolic links resolve against our root,
 * and its names may be FIFOs, devices, sparse giants, or lie on a file system whose server never
 * answers. So the mounts are looked at before anything is opened; each component is opened by itself
 * with O_PATH, which neither follows nor blocks; the mount that it landed on is checked again before
 * anything is looked up in it; and only a regular file of the right owner and size is opened for
 * reading, through the descriptor that was checked.
 *
 * Source: open(2) O_PATH; proc_pid_fdinfo(5) `mnt_id:`; proc_pid_mountinfo(5)
 */
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  type Stats,
} from 'node:fs'
import { limits } from '../../catalog/limit.ts'
import { unescape } from '../machine/mounts.ts'

const O_PATH = 0o10000000
const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY, O_NONBLOCK, O_NOCTTY } = constants

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

export type Refusal =
  | 'absent'
  | 'not permitted'
  | 'symbolic link'
  | 'not a directory'
  | 'directory writable by others'
  | 'not a regular file'
  | 'hard links'
  | 'owner'
  | 'size'
  | 'file system may block'

export class Refused extends Error {
  override readonly name = 'Refused'
  readonly refusal: Refusal

  constructor(refusal: Refusal, options?: ErrorOptions) {
    super(`not opened: ${refusal}`, options)
    this.refusal = refusal
  }
}

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

/** Undefined where it may not be read. */
function readMachine(procfs: string): Mounts | undefined {
  try {
    return parseMountinfo(readText(`${procfs}/1/mountinfo`))
  } catch {
    return undefined
  }
}

const isLocal = (type: string | undefined): boolean => type !== undefined && LOCAL.has(type)

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
  const fd = openSync(path, 'r')
  try {
    const pieces: Buffer[] = []
    for (let bytes = 0; ;) {
      const piece = Buffer.allocUnsafe(64 << 10)
      const length = readSync(fd, piece)
      if (length === 0) return Buffer.concat(pieces).toString('utf8')
      pieces.push(piece.subarray(0, length))
      bytes += length
      if (bytes > limits.mountinfoBytes.value) throw new Refused('size')
    }
  } finally {
    closeSync(fd)
  }
}

export interface Expected {
  readonly mounts: Mounts
  readonly uid: number
  readonly sizeBytesMin: number
  readonly sizeBytesMax: number
  /** The size must be a multiple of it. */
  readonly sizeBytesStep: number
}

export interface OpenFile {
  /** Owned by the caller, who closes it. */
  readonly fd: number
  readonly stats: Stats
}

/**
 * Opens `<root>/<directories…>/<name>`; `root` is followed, being the kernel's own link. The last
 * directory must belong to the expected owner, or to root, and be writable by nobody else: the
 * rule that HotSpot itself applies. Throws Refused.
 */
export function openBelow(
  root: string,
  directories: readonly string[],
  name: string,
  expected: Expected,
): OpenFile {
  requireLocalPoints([...directories, name], expected.mounts)
  let at = openPath(root, O_DIRECTORY)
  try {
    requireLocal(at, expected.mounts)
    for (const [i, directory] of directories.entries()) {
      const next = openPath(`/proc/self/fd/${at}/${component(directory)}`, O_DIRECTORY | O_NOFOLLOW)
      closeSync(at)
      at = next
      requireLocal(at, expected.mounts)
      if (i === directories.length - 1) requirePrivate(fstatSync(at), expected.uid)
    }
    const file = openPath(`/proc/self/fd/${at}/${component(name)}`, O_NOFOLLOW)
    return reopen(file, expected, 1)
  } finally {
    closeSync(at)
  }
}

/**
 * Opens what a link of the kernel's own leads to, such as /proc/PID/map_files/…: exactly the file
 * that is mapped, even when its name is gone. Throws Refused.
 */
export function openMapped(link: string, expected: Expected): OpenFile {
  return reopen(openPath(link, 0), expected, 0)
}

/** Takes ownership of `path`, an O_PATH descriptor. */
function reopen(path: number, expected: Expected, linksMin: number): OpenFile {
  try {
    requireLocal(path, expected.mounts)
    const stats = fstatSync(path)
    if (!stats.isFile())
      throw new Refused(stats.isSymbolicLink() ? 'symbolic link' : 'not a regular file')
    if (stats.nlink > 1 || stats.nlink < linksMin) throw new Refused('hard links')
    if (stats.uid !== expected.uid) throw new Refused('owner')
    const { size } = stats
    if (
      size < expected.sizeBytesMin ||
      size > expected.sizeBytesMax ||
      size % expected.sizeBytesStep !== 0
    )
      throw new Refused('size')
    try {
      return { fd: openSync(`/proc/self/fd/${path}`, O_RDONLY | O_NONBLOCK | O_NOCTTY), stats }
    } catch (err) {
      throw refusedBy(err)
    }
  } finally {
    closeSync(path)
  }
}

function openPath(path: string, flags: number): number {
  try {
    return openSync(path, O_PATH | flags)
  } catch (err) {
    throw refusedBy(err)
  }
}

function requireLocal(fd: number, { byId }: Mounts): void {
  const id = /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1]
  const type = byId.get(Number(id))
  if (!isLocal(type)) throw new Refused('file system may block')
}

/** Some file systems ask their server already when a path steps onto them: look before the step. */
function requireLocalPoints(components: readonly string[], { byPoint }: Mounts): void {
  for (let depth = 0; depth <= components.length; depth += 1) {
    const type = byPoint.get(`/${components.slice(0, depth).join('/')}`)
    if (type !== undefined && !LOCAL.has(type)) throw new Refused('file system may block')
  }
}

function requirePrivate(stats: Stats, uid: number): void {
  if (stats.uid !== uid && stats.uid !== 0) throw new Refused('owner')
  if ((stats.mode & 0o022) !== 0) throw new Refused('directory writable by others')
}

/** One name, not a path: a slash or a dot name would leave the directory that was checked. */
function component(name: string): string {
  if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0'))
    throw new Refused('absent')
  return name
}

const REFUSALS: Readonly<Record<string, Refusal>> = {
  ENOENT: 'absent',
  ESRCH: 'absent',
  EACCES: 'not permitted',
  EPERM: 'not permitted',
  ELOOP: 'symbolic link',
  ENOTDIR: 'not a directory',
}

/** An error without a meaning of its own here (EMFILE, EIO) goes on as it is. */
function refusedBy(err: unknown): unknown {
  const code = err instanceof Error && 'code' in err ? String(err.code) : ''
  const refusal = REFUSALS[code]
  return refusal === undefined ? err : new Refused(refusal, { cause: err })
}
