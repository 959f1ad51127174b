/** All JVMs of the machine, by pid: what each says, and which of them share a counters file. */
import { readFileSync } from 'node:fs'
import { parsePageSize } from '../../read/page-size.ts'
import type { KindReader, Said, Seen } from '../kind.ts'
import { Capabilities } from './capabilities.ts'
import { JvmProcess } from './jvm-process.ts'
import { say } from './say.ts'

function ownPageSize(): number | undefined {
  const bytes = readFileSync('/proc/self/auxv')
  return parsePageSize(bytes, bytes.length)
}

export class Jvms implements KindReader {
  readonly #procfs: string
  readonly #pageBytes = ownPageSize()
  readonly #capabilities = new Capabilities()
  readonly #known = new Map<number, JvmProcess>()

  constructor(procfs: string) {
    this.#procfs = procfs
  }

  get openFiles(): number {
    let files = 0
    for (const { fileKey } of this.#known.values()) if (fileKey !== undefined) files += 1
    return files
  }

  read(seen: readonly Seen[], timeMs: number): ReadonlyMap<number, Said> {
    this.#capabilities.startPass()
    const found = seen
      .map((each) => ({ ...each, jvm: this.#knownOf(each.process.pid) }))
      .filter(({ process, jvm }) => jvm.find(this.#procfs, process))
    // All files are opened before the first is read: only then it shows which of them are shared.
    const shared = this.#sharedFiles()
    for (const { process, jvm } of found)
      if (process.maps.machine === 'hotspot')
        jvm.surroundings.look(
          this.#procfs,
          process.pid,
          timeMs,
          this.#pageBytes,
          this.#capabilities,
        )
    return new Map(found.map((each) => [each.process.pid, say(each, each.jvm, shared)]))
  }

  forget(pid: number): void {
    this.#known.get(pid)?.close()
    this.#known.delete(pid)
  }

  #knownOf(pid: number): JvmProcess {
    const known = this.#known.get(pid) ?? new JvmProcess()
    this.#known.set(pid, known)
    return known
  }

  #sharedFiles(): ReadonlySet<string> {
    const seen = new Set<string>()
    const shared = new Set<string>()
    for (const { fileKey } of this.#known.values()) {
      if (fileKey === undefined) continue
      if (seen.has(fileKey)) shared.add(fileKey)
      seen.add(fileKey)
    }
    return shared
  }
}
