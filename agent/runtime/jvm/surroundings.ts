/**
 * What lies around one JVM and changes slowly: what its build can do, and how much of its compiled code
 * is in RAM. Looked at when it is met and every five minutes after that.
 */
import { limits } from '../../../catalog/limit.ts'
import { type Mounts, readMounts } from '../mounts.ts'
import { openExecutable, openLibrary, type OpenFile } from '../open-safely.ts'
import { isGone } from '../process.ts'
import { Refused } from '../refused.ts'
import {
  type AddressSpace,
  type Library,
  readAddressSpace,
  residentBytes,
} from './address-space.ts'
import type { Capabilities } from './capabilities.ts'

const LOOK_AGAIN_MS = 300_000

export class Surroundings {
  #dueMs = Number.NEGATIVE_INFINITY
  #space: AddressSpace | undefined
  #codeBytes: number | undefined
  #capabilities: string | undefined
  /** Its library may not be opened: not asked again before the next look. */
  #refused = false

  get library(): Library | undefined {
    return this.#space?.library
  }

  /** One a line; undefined while they are not known. */
  get capabilities(): string | undefined {
    return this.#capabilities
  }

  get codeResidentBytes(): number | undefined {
    return this.#codeBytes
  }

  /** What may not be read stays unknown. True when it was time to look at what changes slowly. */
  look(
    procfs: string,
    pid: number,
    timeMs: number,
    pageBytes: number | undefined,
    capabilities: Capabilities,
  ): boolean {
    const isDue = timeMs >= this.#dueMs || this.#dueMs - timeMs > 2 * LOOK_AGAIN_MS
    if (isDue) {
      // Spread by pid, so that not all fall into one pass.
      this.#dueMs = timeMs + LOOK_AGAIN_MS + ((pid % 60) * LOOK_AGAIN_MS) / 60
      this.#refused = false
      this.#space = attempt(() => readAddressSpace(procfs, pid))
      this.#codeBytes = this.#readCode(procfs, pid, pageBytes)
    }
    const { library } = this
    if (this.#capabilities !== undefined || this.#refused || library === undefined) return isDue
    try {
      this.#capabilities = capabilities.of(() => openOf(procfs, pid, library))
    } catch (err) {
      if (!isGone(err) && !(err instanceof Refused)) throw err
      this.#refused = true
    }
    return isDue
  }

  #readCode(procfs: string, pid: number, pageBytes: number | undefined): number | undefined {
    const space = this.#space
    if (space === undefined || space.cut || pageBytes === undefined) return undefined
    // All compiled code lies in memory of its kind: without any it was not recognised.
    if (space.code.length === 0) return undefined
    return attempt(() => residentBytes(procfs, pid, space.code, pageBytes))
  }
}

/** A process that is gone is found so elsewhere. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** By the kernel's link, which leads to exactly the mapped file, or else by its path. */
function openOf(procfs: string, pid: number, { range, path, deleted }: Library): OpenFile {
  const folder = `${procfs}/${pid}`
  const mounts: Mounts = readMounts(procfs, pid)
  const most = limits.executableBytes.value
  try {
    return openExecutable(`${folder}/map_files/${range}`, mounts, most)
  } catch (err) {
    const mayBeFound = err instanceof Refused && ['not permitted', 'absent'].includes(err.refusal)
    if (!mayBeFound || deleted) throw err
    return openLibrary(`${folder}/root`, path, mounts, most)
  }
}
