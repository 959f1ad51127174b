/**
 * What the files of one cgroup have in common, whatever the kernel's version: they stay open while
 * the cgroup lives, and they vanish together when it is removed.
 */
import { ABSENT, GONE, KernelFile, type KernelFiles } from '../read/files.ts'
import { parseNumber } from '../read/scan.ts'

/** Thrown when a file that was read before is no more. */
export class CgroupGone extends Error {
  override readonly name = 'CgroupGone'
}

export interface CgroupFiles {
  /** Fills all columns but the limits. Throws `CgroupGone`, `MalformedFile` or a refusal. */
  readUsage(values: Float64Array): void
  /** Fills the columns of this cgroup's own limits, and looks for files that were missing. */
  readLimits(values: Float64Array): void
  /**
   * Tightest memory limit of this cgroup and all above it as the kernel computed it, those above
   * the mount included; undefined where the kernel does not say.
   */
  readonly hierarchicalMemoryLimit: number | undefined
  close(): void
}

/** The kept-open files of one cgroup. */
export class OpenFiles {
  readonly files: KernelFiles
  readonly #all: KernelFile[] = []

  constructor(files: KernelFiles) {
    this.files = files
  }

  /** Undefined where the cgroup has no such directory. */
  add(directory: string | undefined, name: string): KernelFile | undefined {
    if (directory === undefined) return undefined
    const file = new KernelFile(`${directory}/${name}`)
    this.#all.push(file)
    return file
  }

  /** Number of bytes that were read, or `ABSENT`. */
  read(file: KernelFile | undefined): number {
    if (file === undefined) return ABSENT
    const end = this.files.read(file)
    if (end === GONE) throw new CgroupGone(file.path)
    return end
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
}
