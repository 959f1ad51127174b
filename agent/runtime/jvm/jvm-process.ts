/** One JVM for as long as its process lives: its counters file, kept open, and its facts. */
import { isGone, parseProcessStatus } from '../process.ts'
import { readRecord } from '../read-record.ts'
import type { RuntimeProcess } from '../scan.ts'
import {
  closeCounters,
  countersIn,
  type CountersFile,
  keyOf,
  NoCounters,
  openCounters,
  readCounters,
  WITHOUT_COUNTERS,
} from './counters-file.ts'
import { Collections } from './collections.ts'
import type { DeepLook } from './deep-look.ts'
import type { Counters, HsperfDirectory } from './hsperfdata.ts'
import { factsOf, type JvmFacts } from './jvm.ts'
import { Surroundings } from './surroundings.ts'
import { ThreadTimes } from './thread-times.ts'

/** Boot time has whole seconds, and the virtual machine notes its start a moment after exec. */
const START_TOLERANCE_MS = 2_000

export class JvmProcess {
  readonly threads = new ThreadTimes()
  readonly collections = new Collections()
  readonly surroundings = new Surroundings()
  /** Into its memory; absent unless that was asked for, and while the JVM starts. */
  look: DeepLook | undefined
  #file: CountersFile | undefined
  #directory: HsperfDirectory | undefined
  #facts: JvmFacts | undefined
  #looks = 0
  #without: NoCounters | undefined

  /** Names the open file across processes; undefined when none is open. */
  get fileKey(): string | undefined {
    return this.#file?.key
  }

  /** Type of the file system that holds its counters. */
  get fileSystem(): string | undefined {
    return this.#file?.fileSystem
  }

  get facts(): JvmFacts | undefined {
    return this.#facts
  }

  /** Looks for the counters whenever the scan has read the maps; false when the process is gone. */
  find(procfs: string, process: RuntimeProcess): boolean {
    if (process.looks === this.#looks) return true
    this.#looks = process.looks
    const key = this.fileKey
    if (key !== undefined && process.maps.counters.some((m) => keyOf(m) === key)) return true
    this.close()
    try {
      this.#file = open(procfs, process)
    } catch (err) {
      if (isGone(err)) return false
      this.#without = asNoCounters(err)
    }
    return true
  }

  /**
   * The counters of this moment, or why there are none; they hold until those of another JVM are
   * read. `shared` names the files that several living processes have open.
   */
  read(process: RuntimeProcess, shared: ReadonlySet<string>): Counters | NoCounters {
    const file = this.#file
    if (file === undefined) return this.#readMemory()
    try {
      const { directory, counters } = readCounters(file, this.#directory)
      if (directory !== this.#directory) this.#facts = factsOf(counters)
      this.#directory = directory
      const certain = file.exact && !shared.has(file.key)
      if (certain || this.#startedWith(process)) return counters
      this.#directory = undefined
      this.#facts = undefined
      return new NoCounters(WITHOUT_COUNTERS.foreign)
    } catch (err) {
      return asNoCounters(err)
    }
  }

  /** Counters that no file holds, or none that may be opened; the JVM has them all the same. */
  #readMemory(): Counters | NoCounters {
    const without = this.#without ?? new NoCounters(WITHOUT_COUNTERS.none)
    try {
      const view = this.look?.takeCounters()
      if (view === undefined) return without
      const { directory, counters } = countersIn(view, this.#directory)
      if (directory !== this.#directory) this.#facts = factsOf(counters)
      this.#directory = directory
      return counters
    } catch (err) {
      return asNoCounters(err)
    }
  }

  /**
   * Whether the counters began with the process. JVMs up to 8 overwrite each other's file when
   * containers share one /tmp. Not asked where the mapping alone is proof, since setting the clock
   * moves the boot time that the start is computed from.
   */
  #startedWith({ startMs }: RuntimeProcess): boolean {
    const startedMs = this.#facts?.startMs
    return startedMs !== undefined && Math.abs(startedMs - startMs) <= START_TOLERANCE_MS
  }

  close(): void {
    if (this.#file !== undefined) closeCounters(this.#file)
    this.#file = undefined
    this.#directory = undefined
    this.#facts = undefined
    this.#without = undefined
  }
}

function open(procfs: string, { pid, maps }: RuntimeProcess): CountersFile {
  if (maps.machine === 'openj9') throw new NoCounters(WITHOUT_COUNTERS.openj9)
  const status = parseProcessStatus(readRecord(`${procfs}/${pid}/status`))
  return openCounters(procfs, pid, status, maps.counters)
}

const asNoCounters = (err: unknown): NoCounters =>
  err instanceof NoCounters ? err : new NoCounters(WITHOUT_COUNTERS.failed, { cause: err })
