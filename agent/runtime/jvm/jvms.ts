/** All JVMs of the machine, by pid: what each says, and which of them share a counters file. */
import { readFileSync } from 'node:fs'
import type { Apart } from '../../apart/apart.ts'
import { parsePageSize } from '../../read/page-size.ts'
import type { KindReader, Said, Seen } from '../kind.ts'
import { Capabilities } from './capabilities.ts'
import { DeepLook } from './deep-look.ts'
import { JvmProcess } from './jvm-process.ts'
import type { RuntimeProcess } from '../scan.ts'
import { say } from './say.ts'

/** By then a JVM has decided what it decides at its start. */
const STARTED_MS = 15_000

function ownPageSize(): number | undefined {
  const bytes = readFileSync('/proc/self/auxv')
  return parsePageSize(bytes, bytes.length)
}

export class Jvms implements KindReader {
  readonly #procfs: string
  readonly #apart: Pick<Apart, 'ask'> | undefined
  readonly #pageBytes = ownPageSize()
  readonly #capabilities = new Capabilities()
  readonly #known = new Map<number, JvmProcess>()

  /** `apart` is there when their memory may be read. */
  constructor(procfs: string, apart?: Pick<Apart, 'ask'>) {
    this.#procfs = procfs
    this.#apart = apart
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
    for (const each of found) this.#lookAround(each.process, each.jvm, timeMs)
    return new Map(found.map((each) => [each.process.pid, say(each, each.jvm, shared)]))
  }

  forget(pid: number): void {
    this.#known.get(pid)?.close()
    this.#known.delete(pid)
  }

  #lookAround(process: RuntimeProcess, jvm: JvmProcess, timeMs: number): void {
    if (process.maps.machine !== 'hotspot') return
    const isDue = jvm.surroundings.look(
      this.#procfs,
      process.pid,
      timeMs,
      this.#pageBytes,
      this.#capabilities,
    )
    const base = jvm.surroundings.library?.base
    if (this.#apart === undefined || base === undefined) return
    if (jvm.look !== undefined && !(jvm.look.wasRefused && isDue)) return
    // Flags change while a JVM starts, which takes longer the less CPU it is given.
    if (timeMs - process.startMs < STARTED_MS) return
    jvm.look = new DeepLook(this.#apart, this.#procfs, process.pid, base)
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
