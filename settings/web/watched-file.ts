/**
 * A file of settings that is in force as it is now. It and the files that it names are looked at when
 * somebody asks for what they say: when one of them changed, all are read again. A broken one changes
 * nothing but a warning and a metric, and neither does one that may not follow what is in force.
 */
import { readFileSync, statSync } from 'node:fs'
import type { Log } from '../log.ts'
import { UsageError } from '../usage-error.ts'

/** What the file is, and how its text is understood. */
export interface WatchedKind<T> {
  /** Names the file on the command line. */
  readonly flag: string
  /** What people call it. */
  readonly what: string
  /** Least time between two looks; 0 to look each time. */
  readonly lookMs: number
  /** Throws UsageError with every problem. `readFile` throws where a file cannot be read. */
  readonly parse: (file: string, text: string, readFile: (path: string) => string) => T
  /** Throws UsageError when `now` may not take the place of `before` without a restart. */
  readonly assertMayFollow: (now: T, before: T, file: string) => void
}

/** When the file as it is now is in force 1, else 0; and Unix time of the last reading that worked. */
export interface Reload {
  readonly success: number
  readonly timeSeconds: number
}

export class WatchedFile<T extends { readonly files: readonly string[] }> {
  readonly #path: string
  readonly #kind: WatchedKind<T>
  readonly #log: Log
  #value: T
  /** What the newest reading opened, whether or not it came into force. */
  #files: readonly string[] = []
  #mark: string
  #lookedMs: number
  #readMs = Date.now()
  #good = true
  readonly #listeners: ((value: T) => void)[] = []

  /** Throws UsageError with every problem of the file. */
  constructor(path: string, kind: WatchedKind<T>, log: Log) {
    this.#path = path
    this.#kind = kind
    this.#log = log
    this.#value = this.#read()
    this.#mark = this.#look()
    this.#lookedMs = performance.now()
  }

  get reload(): Reload {
    return { success: this.#good ? 1 : 0, timeSeconds: this.#readMs / 1000 }
  }

  /** What is in force now. */
  current(): T {
    const { lookMs } = this.#kind
    const nowMs = lookMs === 0 ? 0 : performance.now()
    if (lookMs > 0 && nowMs - this.#lookedMs < lookMs) return this.#value
    this.#lookedMs = nowMs
    if (this.#look() !== this.#mark) this.renew()
    return this.#value
  }

  /** Called with each value that comes into force from now on. */
  onChange(listener: (value: T) => void): void {
    this.#listeners.push(listener)
  }

  /** Reads everything again; false when what there is now cannot come into force. */
  renew(): boolean {
    const { what, assertMayFollow } = this.#kind
    const before = this.#value
    try {
      // Looked at first: what changes while it is read is read once more.
      this.#mark = this.#look()
      const now = this.#read()
      assertMayFollow(now, before, this.#path)
      this.#value = now
      this.#mark = this.#look()
      for (const listener of this.#listeners) listener(now)
      this.#good = true
      this.#readMs = Date.now()
      this.#log.info({ path: this.#path }, `${what} read`)
    } catch (err) {
      this.#value = before
      this.#good = false
      // A file that is not there yet may be what is wrong.
      this.#mark = this.#look()
      this.#log.warn({ err, path: this.#path }, `${what} is broken, the old one stays`)
    }
    return this.#good
  }

  #read(): T {
    let text: string
    try {
      text = readText(this.#path)
    } catch (error) {
      throw new UsageError('ERR_BAD_CONFIG', [
        `--${this.#kind.flag}: ${this.#path} cannot be read: ${(error as Error).message}`,
      ])
    }
    const files: string[] = []
    this.#files = files
    return this.#kind.parse(this.#path, text, (path) => {
      files.push(path)
      return readText(path)
    })
  }

  /** Changes with the files. */
  #look(): string {
    return [this.#path, ...new Set([...this.#value.files, ...this.#files])].map(markOf).join('\n')
  }
}

const readText = (path: string): string => readFileSync(path, 'utf8')

/**
 * A secret in Kubernetes is a link to a link: what counts is the file at its end. A file that may not
 * be looked at has a mark too: that it became so is a change like another.
 */
function markOf(path: string): string {
  try {
    const stat = statSync(path, { throwIfNoEntry: false })
    return stat === undefined
      ? ''
      : `${stat.dev} ${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}`
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'not known'
  }
}
