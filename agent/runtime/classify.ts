/**
 * What kind of runtime a process is: told by what it has mapped and by its executable, never by the
 * name that it gives itself, which any process can change.
 *
 * Most programs are none, and of these the executable must be looked into, since Go and GraalVM leave
 * no library behind; the answer is kept by device and inode, so that it is asked for once a program
 * and not once a process. Another program may be written into the same inode later, or mounted under the
 * same number: so all answers are forgotten every ten minutes.
 */
import { limits } from '../../catalog/limit.ts'
import type { RuntimeKind } from '../../catalog/runtime-kind.ts'
import { readElf, readAtOf } from './elf.ts'
import { readGoBuild } from './go-build-info.ts'
import type { Maps } from './maps.ts'
import { readMounts } from './mounts.ts'
import { isGone } from './process.ts'
import { lookInto, nameOf } from './program.ts'

const NAMES: readonly (readonly [RegExp, RuntimeKind])[] = [
  [/^node(?:js)?$/, 'nodejs'],
  [/^(?:python|pypy)[\d.]*$/, 'python'],
  [/^beam\.smp$/, 'beam'],
  [/^(?:nginx|openresty|angie)(?:-debug)?$/, 'nginx'],
  [/^envoy$/, 'envoy'],
  [/^(?:postgres|postmaster)$/, 'postgresql'],
  [/^php-fpm[\d.]*$/, 'php-fpm'],
  [/^ruby[\d.]*$/, 'ruby'],
]

const LIBRARIES: readonly (readonly [RegExp, RuntimeKind])[] = [
  [/\/libcoreclr\.so$/, 'dotnet'],
  [/\/libnode\.so[^/]*$/, 'nodejs'],
  [/\/libpython[^/]*$/, 'python'],
  [/\/libruby[^/]*$/, 'ruby'],
]

/** By what is mapped and what the executable is called; undefined where it must be looked into. */
export function kindByName(exe: string | undefined, maps: Maps): RuntimeKind | undefined {
  if (maps.machine !== undefined) return 'jvm'
  const name = nameOf(exe)
  const named = NAMES.find(([pattern]) => pattern.test(name))
  const library = LIBRARIES.find(([pattern]) => maps.libraries.some((path) => pattern.test(path)))
  return named?.[1] ?? library?.[1]
}

const KEPT_MS = 600_000

export class Kinds {
  readonly #procfs: string
  #sinceMs = Number.NEGATIVE_INFINITY
  readonly #byProgram = new Map<string, RuntimeKind | undefined>()

  constructor(procfs: string) {
    this.#procfs = procfs
  }

  /** Throws when the process is gone. */
  of(pid: number, exe: string | undefined, maps: Maps, timeMs: number): RuntimeKind | undefined {
    const named = kindByName(exe, maps)
    if (named !== undefined || exe === undefined) return named
    const { program } = maps
    const key = `${program} ${exe}`
    this.#forgetOld(timeMs)
    if (program !== undefined && this.#byProgram.has(key)) return this.#byProgram.get(key)
    const kind = this.#lookInto(pid)
    if (program !== undefined) this.#keep(key, kind)
    return kind
  }

  #forgetOld(timeMs: number): void {
    const sinceMs = timeMs - this.#sinceMs
    if (sinceMs >= 0 && sinceMs < KEPT_MS) return
    this.#byProgram.clear()
    this.#sinceMs = timeMs
  }

  #keep(key: string, kind: RuntimeKind | undefined): void {
    if (this.#byProgram.size >= limits.executables.value)
      this.#byProgram.delete(this.#byProgram.keys().next().value!)
    this.#byProgram.set(key, kind)
  }

  /** An executable that cannot be opened safely, or makes no sense, tells nothing. */
  #lookInto(pid: number): RuntimeKind | undefined {
    try {
      const mounts = readMounts(this.#procfs, pid)
      return lookInto(`${this.#procfs}/${pid}`, mounts, ({ fd }) => kindOfFile(fd))
    } catch (err) {
      if (isGone(err)) throw err
      return undefined
    }
  }
}

function kindOfFile(fd: number): RuntimeKind | undefined {
  const readAt = readAtOf(fd)
  const elf = readElf(readAt)
  // GraalVM puts the heap that it made while it built into a section of this name.
  if (elf.sections.has('.svm_heap')) return 'native-image'
  return readGoBuild(readAt, elf) === undefined ? undefined : 'go'
}
