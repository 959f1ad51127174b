/**
 * A spool that may come later: where the disk is full or read-only when the agent starts, it starts all
 * the same and tries again. What a person must mend is an error at the start.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { limits } from '../../catalog/limit.ts'
import { type Log, RepeatedWarnings } from '../../settings/log.ts'
import type { Clock } from './clock.ts'
import { type Disk, openDirectory } from './disk.ts'
import type { Fsync } from './fsync.ts'
import { Spool } from './spool.ts'
import { noCounts, type SpoolCounts } from './spool-counts.ts'
import { SpoolError } from './spool-error.ts'

export interface SpoolSettings {
  readonly path: string
  readonly fsync: Fsync
  readonly maxBytes: number
  readonly maxAgeMs: number
}

export interface LateSpoolOptions extends Omit<SpoolSettings, 'path'> {
  /** Takes the directory; throws as long as that fails. */
  readonly open: () => Disk
  readonly bootId: string
  readonly clock: Clock
  readonly log: Log
}

/** What passes by itself. */
const PASSING = new Set([
  'ENOSPC',
  'EDQUOT',
  'EROFS',
  'EIO',
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'EAGAIN',
])

export class LateSpool {
  readonly #options: LateSpoolOptions
  readonly #warnings: RepeatedWarnings
  readonly counts: SpoolCounts = noCounts()
  #spool: Spool | undefined
  #triedUs = 0

  /** Throws SpoolError where trying again would not help. */
  constructor(options: LateSpoolOptions) {
    this.#options = options
    this.#warnings = new RepeatedWarnings(options.log)
    this.#open()
  }

  static at(
    { path, ...bounds }: SpoolSettings,
    { procfs, clock, log }: { procfs: string; clock: Clock; log: Log },
  ): LateSpool {
    const bootId = readBootId(procfs)
    return new LateSpool({ ...bounds, open: () => openDirectory(path), bootId, clock, log })
  }

  get policy(): Fsync {
    return this.#options.fsync
  }

  /** The spool, once there is one. */
  get spool(): Spool | undefined {
    const { clock } = this.#options
    const isDue = clock.bootUs() - this.#triedUs >= limits.spoolReopenMs.value * 1_000
    if (this.#spool === undefined && isDue) {
      try {
        this.#open()
      } catch (err) {
        this.#failed(err)
      }
    }
    return this.#spool
  }

  /** Somebody removed the directory, and what was in it; another is made when this is tried again. */
  lost(): void {
    const spool = this.#spool
    if (spool === undefined) return
    this.#spool = undefined
    this.#triedUs = this.#options.clock.bootUs()
    spool.close(true).catch((error: unknown) => this.#failed(error))
  }

  async close(): Promise<void> {
    await this.#spool?.close()
    this.#spool = undefined
    this.#triedUs = Number.POSITIVE_INFINITY
  }

  #open(): void {
    const { open, log, ...options } = this.#options
    this.#triedUs = options.clock.bootUs()
    let disk: Disk | undefined
    try {
      disk = open()
      this.#spool = new Spool({ ...options, log, disk }, this.counts)
    } catch (error) {
      disk?.leave()
      const { code, message } = error as NodeJS.ErrnoException
      if (error instanceof SpoolError) throw error
      if (!PASSING.has(code ?? ''))
        throw new SpoolError('ERR_SPOOL_OPEN', message, { cause: error })
      this.#failed(error)
    }
  }

  #failed(err: unknown): void {
    this.counts.errors.open += 1
    const message = 'spool cannot be opened, batches wait in memory'
    this.#warnings.warn('open', { err }, message, this.#options.clock.now())
  }
}

/** Empty where it is not told: what another process wrote is then as old as the clock says. */
function readBootId(procfs: string): string {
  try {
    return readFileSync(join(procfs, 'sys/kernel/random/boot_id'), 'latin1').trim()
  } catch {
    return ''
  }
}
