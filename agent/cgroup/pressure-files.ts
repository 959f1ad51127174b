/**
 * Pressure of one cgroup: on v2 beside its other files, on a hybrid machine in the v2 tree.
 *
 * There the v2 directory tells the truth only while the cgroup's processes are in it too. Some
 * runtimes make it and leave the processes at the root; `cgroup.events` says so (`populated 0`), and
 * then the series are absent, not 0.
 */
import { ABSENT, type KernelFile } from '../read/files.ts'
import { KeyedFile } from '../read/keyed-file.ts'
import { parsePressure } from '../read/pressure.ts'
import type { CgroupDirectory, OpenFiles } from './cgroup-files.ts'
import { PRESSURE } from './columns.ts'

const events = new KeyedFile('cgroup.events', [{ key: 'populated', column: 0, factor: 1 }])
const populated = new Float64Array(1)

export class PressureFiles {
  readonly #open: OpenFiles
  readonly #files: readonly (KernelFile | undefined)[]
  readonly #events: KernelFile | undefined

  constructor(open: OpenFiles, directory: CgroupDirectory | undefined, mayBeEmpty: boolean) {
    this.#open = open
    this.#files = PRESSURE.map(({ file }) => open.add(directory, file))
    this.#events = mayBeEmpty ? open.add(directory, 'cgroup.events') : undefined
  }

  read(values: Float64Array): void {
    const here = this.#events === undefined || this.#isPopulated()
    for (let i = 0; i < PRESSURE.length; i += 1) {
      const { columns } = PRESSURE[i]!
      const end = here ? this.#open.read(this.#files[i]) : ABSENT
      values[columns.some] = Number.NaN
      values[columns.full] = Number.NaN
      if (end >= 0) parsePressure(this.#open.files.bytes, end, values, columns)
    }
  }

  #isPopulated(): boolean {
    const end = this.#open.read(this.#events)
    if (end < 0) return false
    events.parse(this.#open.files.bytes, end, populated)
    return populated[0] === 1
  }
}
