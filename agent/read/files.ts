/**
 * The only reader of /proc and /sys.
 *
 * Kernel files stay open: a pass costs one positioned read a file, into one buffer that all files
 * share. An open kernel file holds about 5 KiB of kernel memory and one of this process's
 * descriptors, so their number is bounded; files beyond the bound are opened for each read. Where
 * the bound is met, what is read less often is closed to make room for what is read more often.
 *
 * A file that does not exist is a feature that this kernel does not have: `ABSENT`, never an error.
 * A file that was read before and is no more, is `GONE`: its cgroup or device was removed.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs'
import { limits } from '../../catalog/limit.ts'
import { MalformedFile } from './malformed.ts'

export const ABSENT = -1
export const GONE = -2

const FIRST_BUFFER_BYTES = 64 << 10
/**
 * For each read of a file of /proc/sys the kernel clears a buffer that is one byte longer than what is
 * asked for, however short the file is. A page holds all of them but tables of numbers, which are
 * read on. Source: fs/proc/proc_sysctl.c, proc_sys_call_handler
 */
const SYSCTL_BYTES = 4095
/** Descriptors that are left to sockets, logs and short reads. */
const SPARE_DESCRIPTORS = 256

const NEWLINE = 10

const NOT_OPEN = -1
const MISSING = -2

/** How often a file is read, most often first; those of the machine before those of its cgroups. */
export const HEATS = { eachPass: 0, eachPassOfMany: 1, lessNeeded: 2, afterChange: 3 } as const
export type Heat = (typeof HEATS)[keyof typeof HEATS]
const COLDEST = HEATS.afterChange

/** A file that is read pass after pass. */
export class KernelFile {
  readonly path: string
  readonly heat: Heat
  /** `NOT_OPEN` before the first read and beyond the bound; `MISSING` when it does not exist. */
  descriptor: number = NOT_OPEN
  /** Whether it could be read at least once. */
  known = false
  /** The most bytes to ask for in one read. */
  readonly atOnce: number

  constructor(path: string, heat: Heat = HEATS.eachPass, atOnce: number = limits.fileBytes.value) {
    this.path = path
    this.heat = heat
    this.atOnce = atOnce
  }
}

export interface Paths {
  readonly procfs: string
  readonly sysfs: string
  readonly cgroupfs: string
  /** Where the machine's root directory is mounted; `/` where it is that of this process. */
  readonly rootfs: string
}

export class KernelFiles {
  readonly paths: Paths
  /** What the last read returned lies at its beginning. */
  bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_BUFFER_BYTES)
  readonly #mostOpen: number
  /** By heat. */
  readonly #open: readonly Set<KernelFile>[] = Array.from({ length: COLDEST + 1 }, () => new Set())
  #openFiles = 0

  constructor(paths: Paths, mostOpen: number = descriptorBudget()) {
    this.paths = paths
    this.#mostOpen = mostOpen
  }

  get openFiles(): number {
    return this.#openFiles
  }

  proc(path: string): KernelFile {
    const whole = `${this.paths.procfs}/${path}`
    return new KernelFile(whole, HEATS.eachPass, this.#atOnce(whole))
  }

  /**
   * A file of /proc/net as the machine's first process sees it. `net` itself is what this process
   * sees: in a container with a network of its own that is another one, wherever /proc is mounted.
   */
  net(path: string): KernelFile {
    const { procfs } = this.paths
    const first = procfs === '/proc' ? undefined : this.stat(`${procfs}/1/net`)
    return this.proc(first === undefined ? `net/${path}` : `1/net/${path}`)
  }

  sys(path: string): KernelFile {
    return new KernelFile(`${this.paths.sysfs}/${path}`)
  }

  /**
   * Reads a file that the kernel writes as one record, such as every file of a cgroup: what fits the
   * buffer comes in one read. Returns the number of bytes, `ABSENT` or `GONE`.
   */
  read(file: KernelFile): number {
    if (file.descriptor < 0) return this.#readUnopened(file, false)
    try {
      return this.#record(file, file.descriptor)
    } catch (error) {
      return this.#failed(file, error)
    }
  }

  /** Reads a file of many records, of which the kernel gives about a page at a time. */
  readAll(file: KernelFile): number {
    if (file.descriptor < 0) return this.#readUnopened(file, true)
    try {
      return this.#rest(file, file.descriptor, 0)
    } catch (error) {
      return this.#failed(file, error)
    }
  }

  /**
   * Reads a file of any length piece by piece: `take` is called with the number of bytes that whole
   * lines fill, until the file ends. What is beyond `most` bytes would be a part only, so it throws.
   */
  readLines(file: KernelFile, most: number, take: (end: number) => void): number {
    if (file.descriptor === MISSING) return ABSENT
    let beyondBound: number | undefined
    try {
      if (file.descriptor < 0) {
        const descriptor = openSync(file.path, 'r')
        if (this.#hasRoom(file)) this.#keep(file, descriptor)
        else beyondBound = descriptor
      }
      const length = this.#lines(file.path, beyondBound ?? file.descriptor, most, take)
      file.known = true
      return length
    } catch (error) {
      return this.#failed(file, error)
    } finally {
      if (beyondBound !== undefined) closeSync(beyondBound)
    }
  }

  /** A short file that is read rarely, as text without its line end; undefined where it is not. */
  readText(path: string): string | undefined {
    const end = this.readOnce(path)
    return end < 0 ? undefined : this.bytes.toString('utf8', 0, end).trimEnd()
  }

  /**
   * As `readText`, for an attribute of sysfs: what a device cannot tell now, such as the speed of a
   * link that is down, its driver refuses with an error of its own choice.
   */
  readAttribute(path: string): string | undefined {
    try {
      return this.readText(path)
    } catch (error) {
      if (error instanceof MalformedFile || isRefusal(error)) throw error
      return undefined
    }
  }

  /** As `read`, for a file that is read rarely: it is closed again. */
  readOnce(path: string): number {
    let descriptor: number
    try {
      descriptor = openSync(path, 'r')
    } catch (error) {
      return absentOr(error)
    }
    try {
      return this.#rest({ path, atOnce: this.#atOnce(path) }, descriptor, 0)
    } catch (error) {
      return absentOr(error)
    } finally {
      closeSync(descriptor)
    }
  }

  /**
   * As `readOnce`, for a file that the kernel writes as one record: what fits the buffer comes in one
   * read.
   */
  readRecord(path: string): number {
    let descriptor: number
    try {
      descriptor = openSync(path, 'r')
    } catch (error) {
      return absentOr(error)
    }
    try {
      return this.#record({ path, atOnce: this.#atOnce(path) }, descriptor)
    } catch (error) {
      return absentOr(error)
    } finally {
      closeSync(descriptor)
    }
  }

  /** As `readOnce`; `ABSENT` too where the path leads to another file than it did. */
  readSame(path: string, inode: number): number {
    let descriptor: number
    try {
      descriptor = openSync(path, 'r')
    } catch (error) {
      return absentOr(error)
    }
    try {
      return fstatSync(descriptor).ino === inode
        ? this.#rest({ path, atOnce: this.#atOnce(path) }, descriptor, 0)
        : ABSENT
    } catch (error) {
      return absentOr(error)
    } finally {
      closeSync(descriptor)
    }
  }

  /** Whether it is there, and at a small part of what a failing read costs. */
  exists(path: string): boolean {
    return existsSync(path)
  }

  /** Undefined where no symbolic link is there. */
  linkTarget(path: string): string | undefined {
    try {
      return readlinkSync(path)
    } catch (error) {
      // So it is named where a file is there that is no link.
      if ((error as NodeJS.ErrnoException).code !== 'EINVAL') absentOr(error)
      return undefined
    }
  }

  /** The path without symbolic links; undefined where nothing is there. */
  realPath(path: string): string | undefined {
    try {
      return realpathSync(path)
    } catch {
      return undefined
    }
  }

  /** Undefined where nothing is there. */
  stat(path: string): Stats | undefined {
    return statSync(path, { throwIfNoEntry: false })
  }

  /** Names of all that is in a directory, sorted; empty where there is no such directory. */
  names(path: string): string[] {
    try {
      return readdirSync(path).toSorted()
    } catch (error) {
      absentOr(error)
      return []
    }
  }

  /** Names of the directories in a directory. */
  directories(path: string): string[] {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
  }

  /** Looks anew for a file that was missing. */
  retry(file: KernelFile): void {
    if (file.descriptor === MISSING) file.descriptor = NOT_OPEN
  }

  close(file: KernelFile): void {
    if (!this.#open[file.heat]!.delete(file)) return
    this.#openFiles -= 1
    closeSync(file.descriptor)
    file.descriptor = NOT_OPEN
  }

  closeAll(): void {
    for (const files of this.#open) for (const file of files) this.close(file)
  }

  /** Whether a file may stay open; where the bound is met, a colder one is closed for it. */
  #hasRoom({ heat }: KernelFile): boolean {
    if (this.#openFiles < this.#mostOpen) return true
    for (let colder: number = COLDEST; colder > heat; colder -= 1) {
      for (const file of this.#open[colder]!) {
        this.close(file)
        return true
      }
    }
    return false
  }

  #keep(file: KernelFile, descriptor: number): void {
    file.descriptor = descriptor
    this.#open[file.heat]!.add(file)
    this.#openFiles += 1
  }

  #readUnopened(file: KernelFile, all: boolean): number {
    if (file.descriptor === MISSING) return ABSENT
    if (!this.#hasRoom(file)) return this.#readBeyondBound(file, all)
    try {
      this.#keep(file, openSync(file.path, 'r'))
    } catch (error) {
      return this.#failed(file, error)
    }
    const length = all ? this.readAll(file) : this.read(file)
    if (length >= 0) file.known = true
    return length
  }

  #readBeyondBound(file: KernelFile, all: boolean): number {
    const length = all ? this.readOnce(file.path) : this.readRecord(file.path)
    if (length >= 0) file.known = true
    else if (file.known) return GONE
    else file.descriptor = MISSING
    return length
  }

  /** What the kernel gives at once is all, unless it is as much as was asked for. */
  #record(file: Pick<KernelFile, 'path' | 'atOnce'>, descriptor: number): number {
    const most = Math.min(file.atOnce, this.bytes.length)
    const length = readSync(descriptor, this.bytes, 0, most, 0)
    return length < most ? length : this.#rest(file, descriptor, length)
  }

  /** Reads on from `length` until the file ends; the buffer grows with the file. */
  #rest(
    { path, atOnce }: Pick<KernelFile, 'path' | 'atOnce'>,
    descriptor: number,
    length: number,
  ): number {
    let total = length
    for (;;) {
      if (total === this.bytes.length) this.#grow(path)
      const most = Math.min(atOnce, this.bytes.length - total)
      const read = readSync(descriptor, this.bytes, total, most, total)
      if (read === 0) return total
      total += read
    }
  }

  #atOnce(path: string): number {
    const { procfs } = this.paths
    return path.startsWith(`${procfs}/sys/`) ? SYSCTL_BYTES : limits.fileBytes.value
  }

  #lines(path: string, descriptor: number, most: number, take: (end: number) => void): number {
    let position = 0
    let kept = 0
    for (;;) {
      if (kept === this.bytes.length) this.#grow(path)
      const read = readSync(descriptor, this.bytes, kept, this.bytes.length - kept, position)
      position += read
      if (position > most) throw new MalformedFile(path, 'a longer file', `at most ${most} bytes`)
      const filled = kept + read
      const end = read === 0 ? filled : this.bytes.subarray(0, filled).lastIndexOf(NEWLINE) + 1
      if (end > 0) take(end)
      if (read === 0) return position
      this.bytes.copyWithin(0, end, filled)
      kept = filled - end
    }
  }

  #grow(path: string): void {
    if (this.bytes.length >= limits.fileBytes.value) {
      const longest = `at most ${limits.fileBytes.value} bytes`
      throw new MalformedFile(path, 'a longer file', longest)
    }
    const larger = Buffer.allocUnsafeSlow(this.bytes.length * 2)
    this.bytes.copy(larger)
    this.bytes = larger
  }

  #failed(file: KernelFile, error: unknown): number {
    this.close(file)
    const outcome = absentOr(error)
    if (outcome === ABSENT && file.known) return GONE
    file.descriptor = MISSING
    return outcome
  }
}

/** Codes by which the kernel says that it has no such file, or has it no more. */
const ABSENCE = new Set(['ENOENT', 'ENODEV', 'ENOTDIR', 'ESRCH', 'EOPNOTSUPP', 'ENOTSUP'])

/** Any other failure, a refusal for one, is a fault that the caller must report. */
function absentOr(error: unknown): number {
  if (ABSENCE.has((error as NodeJS.ErrnoException).code ?? '')) return ABSENT
  throw error
}

/** The kernel has it, and does not let this process read it. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM')

/** How many kernel files may stay open, by the limit that this process runs under. */
export function descriptorBudget(
  readLimits: () => string = () => readFileSync('/proc/self/limits', 'utf8'),
): number {
  let allowed = 1024
  try {
    allowed = Number(/^Max open files\s+(\d+)/m.exec(readLimits())?.[1] ?? allowed)
  } catch {
    // Without /proc the smallest usual limit holds.
  }
  const share = Math.floor(allowed * limits.keptOpenShare.value)
  return Math.max(0, Math.min(share, allowed - SPARE_DESCRIPTORS))
}
