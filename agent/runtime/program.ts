/**
 * What a process runs, as far as it can be told without asking it: its executable, its settings, what
 * it has mapped. It is read when the process is met and each time its maps are read again, not in
 * every pass; together about 0.3 ms.
 *
 * Source: /proc/PID/{exe,cmdline,environ,mountinfo,root}, proc(5)
 */
import { closeSync, readlinkSync, readSync, type Stats } from 'node:fs'
import { basename } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { limits } from '../../catalog/limit.ts'
import type { RuntimeKind } from '../../catalog/runtime-kind.ts'
import { type ReadAt, readAtOf } from './elf.ts'
import type { Maps } from './maps.ts'
import { mountedTypes, type Mounts, readMounts } from './mounts.ts'
import { openBelow, openExecutable, type OpenFile } from './open-safely.ts'
import { isGone, parseProcessStatus } from './process.ts'
import { readBytes, readRecord } from './read-record.ts'
import { allowedArguments, allowedVariables, type Texts, textsOf } from './settings.ts'

export interface Program {
  readonly kind: RuntimeKind
  /** Path as the process sees it; undefined where it may not be known. */
  readonly exe: string | undefined
  readonly maps: Maps
  /** The whole command line, which never leaves this machine; empty where it may not be read. */
  readonly words: readonly string[]
  /** Those that may be told, by name; undefined where they may not be read. */
  readonly environment: ReadonlyMap<string, string> | undefined
  readonly arguments: readonly string[] | undefined
  /** Undefined where that is not known. */
  readonly seesCgroups: boolean | undefined
  /** A part of its executable; undefined where it cannot be opened safely. */
  readonly look: <T>(at: (readAt: ReadAt, stats: Stats) => T) => T | undefined
  /** Text of a file as the process sees it; undefined where it is not there, or not safe to open. */
  readonly readFile: (path: string) => string | undefined
}

/** Throws when the process is gone. */
export function readProgram(procfs: string, pid: number, kind: RuntimeKind, maps: Maps): Program {
  const folder = `${procfs}/${pid}`
  const command = attempt(() => readTexts(`${folder}/cmdline`, limits.argumentsBytes.value))
  const environ = attempt(() => readTexts(`${folder}/environ`, limits.environBytes.value))
  const mounted = attempt(() => mountedTypes(procfs, pid))
  // There may be thousands of mounts: they are read when they are needed, and not kept.
  const mounts = () => readMounts(procfs, pid)
  return {
    kind,
    maps,
    exe: attempt(() => exeOf(folder)),
    words: command?.texts ?? [],
    environment: environ && allowedVariables(environ),
    arguments: command && allowedArguments(kind, normal(kind, command)),
    seesCgroups: mounted && (mounted.has('cgroup') || mounted.has('cgroup2')),
    look: (at) =>
      attempt(() => lookInto(folder, mounts(), ({ fd, stats }) => at(readAtOf(fd), stats))),
    readFile: (path) => attempt(() => readFileBelow(folder, path, mounts())),
  }
}

/** Whether nothing else can be said of one than of the other, so that what was said holds. */
export const isSameProgram = (one: Program, other: Program): boolean =>
  one.kind === other.kind &&
  one.exe === other.exe &&
  one.seesCgroups === other.seesCgroups &&
  one.maps.program === other.maps.program &&
  isDeepStrictEqual(
    [one.words, one.environment, one.arguments, one.maps.libraries],
    [other.words, other.environment, other.arguments, other.maps.libraries],
  )

/** What may not be read, or is refused, is unknown; a process that is gone is no answer at all. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (err) {
    if (isGone(err)) throw err
    return undefined
  }
}

const DELETED = ' (deleted)'

export function exeOf(folder: string): string {
  const path = readlinkSync(`${folder}/exe`)
  return path.endsWith(DELETED) ? path.slice(0, -DELETED.length) : path
}

export const nameOf = (exe: string | undefined): string => (exe === undefined ? '' : basename(exe))

function readTexts(path: string, most: number): Texts {
  const { bytes, cut } = readBytes(path, most)
  return textsOf(bytes, cut)
}

/** The starter of BEAM hands emulator flags on with a minus, and what is the program's behind `--`. */
function normal(kind: RuntimeKind, { texts, cut }: Texts): Texts {
  if (kind !== 'beam') return { texts, cut }
  const end = texts.indexOf('--')
  const flags = end < 0 ? texts : texts.slice(0, end)
  return { texts: flags.map((text) => text.replace(/^-/, '+')), cut }
}

/** Opens the executable that a process runs for as long as it is looked at. */
export function lookInto<T>(folder: string, mounts: Mounts, at: (file: OpenFile) => T): T {
  const file = openExecutable(`${folder}/exe`, mounts, limits.executableBytes.value)
  try {
    return at(file)
  } finally {
    closeSync(file.fd)
  }
}

function readFileBelow(folder: string, path: string, mounts: Mounts): string {
  const directories = path.split('/').filter((part) => part !== '')
  const name = directories.pop() ?? ''
  const { effectiveUid } = parseProcessStatus(readRecord(`${folder}/status`))
  const { fd, stats } = openBelow(`${folder}/root`, directories, name, {
    mounts,
    uid: effectiveUid,
    orRoot: true,
    sizeBytesMin: 1,
    sizeBytesMax: limits.runtimeFileBytes.value,
    sizeBytesStep: 1,
  })
  try {
    const buffer = Buffer.alloc(stats.size)
    return buffer.toString('utf8', 0, readSync(fd, buffer))
  } finally {
    closeSync(fd)
  }
}
