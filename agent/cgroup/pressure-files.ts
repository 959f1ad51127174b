/**
 * Pressure of one cgroup: on v2 beside its other files, on a hybrid machine in the v2 tree.
 *
 * There the v2 directory tells the truth only while the cgroup's processes are in it too. Some
 * runtimes make it and leave the processes at the root; `cgroup.events` says so (`populated 0`), and
 * then the series are absent, not 0. What waited since the last look was there: the question is only
 * asked while nothing did.
 */
import { ABSENT, HEATS, type KernelFile } from '../read/files.ts'
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
  readonly #mayBeEmpty: boolean
  /** Of the last look, while there were processes; NaN when there were none. */
  #sum = Number.NaN

  constructor(open: OpenFiles, directory: CgroupDirectory | undefined, mayBeEmpty: boolean) {
    this.#open = open
    this.#files = PRESSURE.map(({ file }) => open.add(directory, file, HEATS.lessNeeded))
    this.#mayBeEmpty = mayBeEmpty
    this.#events = mayBeEmpty ? open.add(directory, 'cgroup.events', HEATS.lessNeeded) : undefined
  }

  read(values: Float64Array): void {
    if (!this.#mayBeEmpty) {
      this.#readFiles(values)
      return
    }
    const wasThere = !Number.isNaN(this.#sum)
    if (wasThere) {
      const before = this.#sum
      this.#sum = this.#readFiles(values)
      if (this.#sum !== before) return
    }
    if (!this.#isPopulated()) {
      this.#sum = Number.NaN
      for (const { columns } of PRESSURE) {
        values[columns.some] = Number.NaN
        values[columns.full] = Number.NaN
      }
    } else if (!wasThere) {
      this.#sum = this.#readFiles(values)
    }
  }

  /** Returns the sum of what it read. */
  #readFiles(values: Float64Array): number {
    let sum = 0
    for (let i = 0; i < PRESSURE.length; i += 1) {
      const { columns } = PRESSURE[i]!
      const end = this.#open.read(this.#files[i])
      values[columns.some] = Number.NaN
      values[columns.full] = Number.NaN
      if (end === ABSENT) continue
      parsePressure(this.#open.files.bytes, end, values, columns)
      sum += values[columns.some] || 0
      sum += values[columns.full] || 0
    }
    return sum
  }

  #isPopulated(): boolean {
    const end = this.#open.read(this.#events)
    if (end < 0) return false
    events.parse(this.#open.files.bytes, end, populated)
    return populated[0] === 1
  }
}
