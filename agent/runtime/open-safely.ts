/**
 * Opens a file that a workload controls, without being led astray, held up or fed without end; one
 * way to be held up is left, told at `LOCAL` in mounts.ts.
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
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs'
import { isLocal, type Mounts } from './mounts.ts'
import { type Refusal, Refused } from './refused.ts'

const O_PATH = 0o10000000
const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY, O_NONBLOCK, O_NOCTTY } = constants

export interface Expected {
  readonly mounts: Mounts
  readonly uid: number
  /** Whether it may be root's as well, as files of an image are. */
  readonly orRoot?: boolean
  readonly sizeBytesMin: number
  readonly sizeBytesMax: number
  /** The size must be a multiple of it. */
  readonly sizeBytesStep: number
}

export interface OpenFile {
  /** Owned by the caller, who closes it. */
  readonly fd: number
  readonly stats: Stats
  /** Type of the file system that it lies on. */
  readonly fileSystem: string
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
  const at = openDirectory(root, directories, name, expected.mounts)
  try {
    if (directories.length > 0) requirePrivate(fstatSync(at), expected.uid)
    const file = openPath(`/proc/self/fd/${at}/${component(name)}`, O_NOFOLLOW)
    return reopen(file, expected, 1)
  } finally {
    closeSync(at)
  }
}

/** The directory that `name` is to be looked up in, as an O_PATH descriptor. */
function openDirectory(
  root: string,
  directories: readonly string[],
  name: string,
  mounts: Mounts,
): number {
  requireLocalPoints([...directories, name], mounts)
  let at = openPath(root, O_DIRECTORY)
  try {
    requireLocal(at, mounts)
    for (const directory of directories) {
      const next = openPath(`/proc/self/fd/${at}/${component(directory)}`, O_DIRECTORY | O_NOFOLLOW)
      closeSync(at)
      at = next
      requireLocal(at, mounts)
    }
    return at
  } catch (err) {
    closeSync(at)
    throw err
  }
}

/**
 * Opens what a link of the kernel's own leads to, such as /proc/PID/map_files/…: exactly the file
 * that is mapped, even when its name is gone. Throws Refused.
 */
export function openMapped(link: string, expected: Expected): OpenFile {
  return reopen(openPath(link, 0), expected, 0)
}

/**
 * Opens the executable that a process runs, by the kernel's own link to it. Whose it is does not
 * matter: the kernel has let the process run it. Throws Refused.
 */
export function openExecutable(link: string, mounts: Mounts, sizeBytesMax: number): OpenFile {
  return reopenExecutable(openPath(link, 0), mounts, sizeBytesMax)
}

/**
 * Opens a library that a process has loaded by the path that it has there, where the kernel's own link
 * to it may not be followed. Whose it is does not matter here either. Throws Refused.
 */
export function openLibrary(
  root: string,
  path: string,
  mounts: Mounts,
  sizeBytesMax: number,
): OpenFile {
  const directories = path.split('/').filter((part) => part !== '')
  const name = directories.pop() ?? ''
  const at = openDirectory(root, directories, name, mounts)
  try {
    const file = openPath(`/proc/self/fd/${at}/${component(name)}`, O_NOFOLLOW)
    return reopenExecutable(file, mounts, sizeBytesMax)
  } finally {
    closeSync(at)
  }
}

/** Takes ownership of `path`, an O_PATH descriptor. */
function reopenExecutable(path: number, mounts: Mounts, sizeBytesMax: number): OpenFile {
  try {
    const fileSystem = requireLocal(path, mounts)
    const stats = fstatSync(path)
    if (!stats.isFile()) throw new Refused('not a regular file')
    if (stats.size > sizeBytesMax) throw new Refused('size')
    return { fd: openForReading(path), stats, fileSystem }
  } finally {
    closeSync(path)
  }
}

/** Takes ownership of `path`, an O_PATH descriptor. */
function reopen(path: number, expected: Expected, linksMin: number): OpenFile {
  try {
    const fileSystem = requireLocal(path, expected.mounts)
    const stats = fstatSync(path)
    if (!stats.isFile())
      throw new Refused(stats.isSymbolicLink() ? 'symbolic link' : 'not a regular file')
    if (stats.nlink > 1 || stats.nlink < linksMin) throw new Refused('hard links')
    if (stats.uid !== expected.uid && !(expected.orRoot === true && stats.uid === 0))
      throw new Refused('owner')
    const { size } = stats
    if (
      size < expected.sizeBytesMin ||
      size > expected.sizeBytesMax ||
      size % expected.sizeBytesStep !== 0
    )
      throw new Refused('size')
    return { fd: openForReading(path), stats, fileSystem }
  } finally {
    closeSync(path)
  }
}

function openForReading(path: number): number {
  try {
    return openSync(`/proc/self/fd/${path}`, O_RDONLY | O_NONBLOCK | O_NOCTTY)
  } catch (err) {
    throw refusedBy(err)
  }
}

function openPath(path: string, flags: number): number {
  try {
    return openSync(path, O_PATH | flags)
  } catch (err) {
    throw refusedBy(err)
  }
}

function requireLocal(fd: number, { byId }: Mounts): string {
  const id = /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1]
  const type = byId.get(Number(id))
  if (type === undefined || !isLocal(type)) throw new Refused('file system may block')
  return type
}

/** Some file systems ask their server already when a path steps onto them: look before the step. */
function requireLocalPoints(components: readonly string[], { byPoint }: Mounts): void {
  for (let depth = 0; depth <= components.length; depth += 1) {
    const type = byPoint.get(`/${components.slice(0, depth).join('/')}`)
    if (type !== undefined && !isLocal(type)) throw new Refused('file system may block')
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
