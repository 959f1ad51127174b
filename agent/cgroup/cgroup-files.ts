/**
 * What the files of one cgroup have in common, whatever the kernel's version: they stay open while
 * the cgroup lives, and they vanish together when it is removed.
 */
import type { Entity, Row } from '../../wire/sample.ts'
import { ABSENT, GONE, type Heat, KernelFile, type KernelFiles } from '../read/files.ts'
import { parseNumber } from '../read/scan.ts'

/** Thrown when a file that was read before is no more, or another cgroup has its directory's name. */
export class CgroupGone extends Error {
  override readonly name = 'CgroupGone'
}

/** Why some of a cgroup's figures are missing that are there. */
export type UnreadPart = 'network' | 'containerRows' | 'containerDescriptors'

export interface CgroupFiles {
  /**
   * Fills all columns but those of `readLimits`. Nothing in a cgroup that used no CPU and whose memory
   * is as it was could run, fork, allocate, meet a limit or be throttled: what only such doing changes
   * is then read once a minute, behind `readLimits`. What others do to it is read each time: pressure,
   * networks, the number of processes, what is dirty until it is written, and on v2 the disks, which
   * are written to for it. How the kernel sorts what stays in memory waits for the minute. Throws `CgroupGone`, `MalformedFile` or a refusal.
   */
  readUsage(values: Float64Array): void
  /**
   * Fills the columns of this cgroup's own limits and of all that hardly changes or costs much, and
   * looks for files that were missing.
   */
  readLimits(values: Float64Array): void
  /**
   * Reads for the last time all that can still be read, and leaves the rest as it was. Throws nothing
   * for what is no more.
   */
  readFinal(values: Float64Array): void
  /**
   * Tightest memory limit of this cgroup and all above it as the kernel computed it, those above
   * the mount included; undefined where the kernel does not say.
   */
  readonly hierarchicalMemoryLimit: number | undefined
  /** Told whenever the cgroup's entity is another one: the rows of `more` are its. */
  describe(entity: Entity): void
  /** Rows of the tables with a key, a device or an interface, as of the last `readUsage`. */
  readonly more: readonly Row[]
  /** Undefined where all that is there was read. */
  readonly unread: UnreadPart | undefined
  close(): void
}

export interface CgroupDirectory {
  readonly path: string
  /** By which it is known; undefined where nobody has looked yet. */
  readonly inode: number | undefined
}

/**
 * The kept-open files of one cgroup.
 *
 * An open file belongs to one cgroup for ever, a path to whichever has the name at the moment. So
 * after reads that went by path, the directories must still be those that the cgroup is known by:
 * else what was read may be another's.
 */
export class OpenFiles {
  readonly files: KernelFiles
  readonly #all: KernelFile[] = []
  readonly #inodes = new Map<string, number | undefined>()
  /** Paths of `once` at which nothing was. */
  readonly #missing = new Set<string>()
  /** Directories below which something was found by its path since `prove`. */
  readonly #unproven = new Set<string>()

  constructor(files: KernelFiles) {
    this.files = files
  }

  /** Undefined where the cgroup has no such directory. */
  add(directory: CgroupDirectory | undefined, name: string, heat: Heat): KernelFile | undefined {
    if (directory === undefined) return undefined
    this.#know(directory)
    const file = new KernelFile(`${directory.path}/${name}`, heat)
    this.#all.push(file)
    return file
  }

  /** Number of bytes that were read, or `ABSENT`. */
  read(file: KernelFile | undefined): number {
    if (file === undefined) return ABSENT
    const isByPath = file.descriptor < 0
    const end = this.files.read(file)
    if (end === GONE) throw new CgroupGone(file.path)
    if (isByPath && end >= 0) this.#unproven.add(file.path.slice(0, file.path.lastIndexOf('/')))
    return end
  }

  /** As `read`, for a file that is read rarely and not kept open. */
  once(directory: CgroupDirectory | undefined, name: string): number {
    if (directory === undefined) return ABSENT
    const path = `${directory.path}/${name}`
    if (this.#missing.has(path) && !this.files.exists(path)) return ABSENT
    this.#know(directory)
    const end = this.files.readRecord(path)
    if (end < 0) this.#missing.add(path)
    else this.#missing.delete(path)
    if (end >= 0) this.#unproven.add(directory.path)
    return end
  }

  /** To be called when all is read. Throws `CgroupGone` where it may be another cgroup's. */
  prove(): void {
    if (this.#unproven.size === 0) return
    for (const path of this.#unproven) {
      const known = this.#inodes.get(path)
      const inode = this.files.stat(path)?.ino
      if (known === undefined) this.#inodes.set(path, inode)
      else if (inode !== known) throw new CgroupGone(path)
    }
    this.#unproven.clear()
  }

  readNumber(file: KernelFile | undefined): number {
    const end = this.read(file)
    return end < 0 ? Number.NaN : parseNumber(this.files.bytes, end)
  }

  /** Looks anew for missing files: a controller may have been switched on. */
  retry(): void {
    for (const file of this.#all) this.files.retry(file)
  }

  close(): void {
    for (const file of this.#all) this.files.close(file)
  }

  #know({ path, inode }: CgroupDirectory): void {
    if (!this.#inodes.has(path)) this.#inodes.set(path, inode)
  }
}
