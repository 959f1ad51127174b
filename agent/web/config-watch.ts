/**
 * The web configuration that is in force. The file and those that it names are looked at before each
 * request and each handshake: when one of them changed, all are read again. A broken one changes
 * nothing but a warning and a metric, and neither does one that would open what was closed.
 */
import { readFileSync, statSync } from 'node:fs'
import type { Log } from '../../settings/log.ts'
import { UsageError } from '../../settings/usage-error.ts'
import type { parseWebConfig, WebConfig } from './config-file.ts'

type Parse = typeof parseWebConfig

export class WatchedConfig {
  readonly #path: string
  readonly #parse: Parse
  readonly #log: Log
  #config: WebConfig
  /** What the newest reading opened, whether or not it came into force. */
  #files: readonly string[] = []
  #mark: string
  #readMs = Date.now()
  #good = true
  readonly #listeners: ((config: WebConfig) => void)[] = []

  private constructor(path: string, parse: Parse, log: Log) {
    this.#path = path
    this.#parse = parse
    this.#log = log
    this.#config = this.#read()
    this.#mark = this.#look()
  }

  /** Throws UsageError with every problem of the file. */
  static async open(path: string, log: Log): Promise<WatchedConfig> {
    const { parseWebConfig: parse } = await import('./config-file.ts')
    return new WatchedConfig(path, parse, log)
  }

  /** Whether others can be let in safely: everything is encrypted, or everyone must say who they are. */
  get protects(): boolean {
    return protects(this.#config)
  }

  /** 1 when the file as it is now is in force, and Unix time of the last reading that worked. */
  get reload(): { readonly success: number; readonly timeSeconds: number } {
    return { success: this.#good ? 1 : 0, timeSeconds: this.#readMs / 1000 }
  }

  /** What is in force now. */
  current(): WebConfig {
    if (this.#look() !== this.#mark) this.renew()
    return this.#config
  }

  /** Called with each configuration that comes into force from now on. */
  onChange(listener: (config: WebConfig) => void): void {
    this.#listeners.push(listener)
  }

  /** Reads everything again; false when what there is now cannot come into force. */
  renew(): boolean {
    const before = this.#config
    try {
      // Looked at first: what changes while it is read is read once more.
      this.#mark = this.#look()
      const now = this.#read()
      this.#assertMayFollow(now)
      this.#config = now
      this.#mark = this.#look()
      for (const listener of this.#listeners) listener(now)
      this.#good = true
      this.#readMs = Date.now()
      this.#log.info({ path: this.#path }, 'web configuration read')
    } catch (err) {
      this.#config = before
      this.#good = false
      // A file that is not there yet may be what is wrong.
      this.#mark = this.#look()
      this.#log.warn({ err, path: this.#path }, 'web configuration is broken, the old one stays')
    }
    return this.#good
  }

  #read(): WebConfig {
    let text: string
    try {
      text = readText(this.#path)
    } catch (error) {
      throw new UsageError('ERR_BAD_CONFIG', [
        `--web.config.file: ${this.#path} cannot be read: ${(error as Error).message}`,
      ])
    }
    const files: string[] = []
    this.#files = files
    return this.#parse(this.#path, text, (path) => {
      files.push(path)
      return readText(path)
    })
  }

  /** The listeners are there already, and perhaps open to others because of what the file said. */
  #assertMayFollow(now: WebConfig): void {
    if ((now.tls === undefined) !== (this.#config.tls === undefined)) {
      throw new UsageError('ERR_BAD_CONFIG', [
        `${this.#path}: TLS can only be added or taken away by a restart`,
      ])
    }
    if (this.protects && !protects(now)) {
      throw new UsageError('ERR_BAD_CONFIG', [
        `${this.#path}: without TLS, all users can only be taken away by a restart`,
      ])
    }
  }

  /** Changes with the files. */
  #look(): string {
    return [this.#path, ...new Set([...this.#config.files, ...this.#files])].map(markOf).join('\n')
  }
}

const protects = ({ tls, users }: WebConfig): boolean => tls !== undefined || users.size > 0

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
