/**
 * Directories and files that the kernel tells changes of: inotify(7).
 *
 * The kernel allows each user a number of watches, and each process few groups of them. When one of
 * these limits is reached, no more is watched until it is tried again a minute later; who asked reads
 * without being told, as if there were no watches at all.
 */
import { type FSWatcher, watch } from 'node:fs'
import type { Log } from '../../settings/log.ts'
import type { Off } from '../machine/reader.ts'

/** `name` is that of the entry that changed, which is the file's own for a file. */
export type Told = (event: 'rename' | 'change', name: string) => void

const RETRY_MS = 60_000

const POLLED = 'short-lived containers may be missed, the others are found by the next pass'

/** By the code of the failure. */
const CURES: Readonly<Record<string, string>> = {
  ENOSPC: 'raise fs.inotify.max_user_watches (sysctl)',
  EMFILE: 'raise fs.inotify.max_user_instances (sysctl), or the limit of open files',
  ENFILE: 'raise fs.file-max (sysctl)',
  ENOMEM: 'give the agent more memory',
}

/** What all watches of this process have in common: the kernel's limits. */
export class WatchLimits {
  readonly #log: Log
  readonly #logged = new Set<string>()
  #failedMs = Number.NEGATIVE_INFINITY
  /** Why not all that should be is watched. */
  trouble: Off | undefined

  constructor(log: Log) {
    this.#log = log
  }

  mayTry(nowMs: number): boolean {
    const sinceMs = nowMs - this.#failedMs
    return sinceMs < 0 || sinceMs >= RETRY_MS
  }

  worked(): void {
    this.trouble = undefined
  }

  /** A directory that is no more, or that this user may not see, says nothing of the others. */
  failed({ code = '', message }: NodeJS.ErrnoException, nowMs: number): void {
    const cure = CURES[code]
    if (cure === undefined) return
    this.#failedMs = nowMs
    this.trouble = { reason: `cgroups are not watched: ${message}; ${POLLED}`, cure }
    if (this.#logged.has(code)) return
    this.#logged.add(code)
    this.#log.warn({ code, cure }, 'cgroups are not watched')
  }
}

export class Watches {
  readonly #most: number
  readonly #limits: WatchLimits
  readonly #watchers = new Map<string, FSWatcher>()

  constructor(most: number, limits: WatchLimits) {
    this.#most = most
    this.#limits = limits
  }

  get size(): number {
    return this.#watchers.size
  }

  /** False where it cannot be watched, because of a limit or since it is no more. */
  add(path: string, told: Told, nowMs: number): boolean {
    if (this.#watchers.has(path)) return true
    if (this.#watchers.size >= this.#most || !this.#limits.mayTry(nowMs)) return false
    let watcher: FSWatcher
    try {
      watcher = watch(path, { persistent: false }, (event, name) => {
        if (name !== null) told(event, name)
      })
    } catch (error) {
      this.#limits.failed(error as NodeJS.ErrnoException, nowMs)
      return false
    }
    watcher.on('error', () => this.remove(path))
    this.#watchers.set(path, watcher)
    this.#limits.worked()
    return true
  }

  remove(path: string): void {
    this.#watchers.get(path)?.close()
    this.#watchers.delete(path)
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
  }
}
