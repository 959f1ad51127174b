/**
 * How many cgroups the kernel says it has: while that stands still, none was added.
 *
 * Source: v2, `nr_descendants` in cgroup.stat of the root; exact
 *         v1, `num_cgroups` in /proc/cgroups; cgroups that are dying are still in it
 */
import { KernelFile, type KernelFiles } from '../read/files.ts'
import { KeyedFile } from '../read/keyed-file.ts'
import type { Layout } from './mode.ts'

export class KernelCounts {
  readonly #files: KernelFiles
  readonly #layout: Layout
  readonly #file: KernelFile
  readonly #descendants = new KeyedFile('cgroup.stat', [
    { key: 'nr_descendants', column: 0, factor: 1 },
  ])
  readonly #value = new Float64Array(1)
  #last: Buffer | undefined

  constructor(files: KernelFiles, layout: Layout) {
    this.#files = files
    this.#layout = layout
    this.#file =
      layout.mode === 'v2'
        ? new KernelFile(`${layout.hierarchies[0]!.directory}/cgroup.stat`)
        : files.proc('cgroups')
  }

  /** True where the kernel does not tell. */
  changed(): boolean {
    const end = this.#files.readAll(this.#file)
    if (end < 0) return true
    return this.#layout.mode === 'v2' ? this.#changedDescendants(end) : this.#changedBytes(end)
  }

  #changedDescendants(end: number): boolean {
    const before = this.#value[0]
    this.#descendants.parse(this.#files.bytes, end, this.#value)
    return this.#value[0] !== before
  }

  #changedBytes(end: number): boolean {
    const now = this.#files.bytes.subarray(0, end)
    if (this.#last?.equals(now)) return false
    this.#last = Buffer.from(now)
    return true
  }
}
