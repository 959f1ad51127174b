/**
 * What keeps a store in shape beside those who write and ask: rollups every minute, then, every hour,
 * retention. One after the other, in the background of the store.
 */
import { type Log, RepeatedWarnings } from '../../settings/log.ts'
import { type Tracing, UNTRACED } from '../telemetry/tracing.ts'
import type { OwnMetrics } from '../web/self-metrics.ts'
import type { ColumnBatch } from './columns.ts'
import { dropOld, forgetUnseen, type Retention } from './retention.ts'
import { Rollups } from './rollup/rollups.ts'
import type { Store } from './store.ts'

const ROUND_MS = 60_000
const RETENTION_MS = 3_600_000
const FORGET_MS = 86_400_000

export interface UpkeepOptions {
  readonly store: Pick<Store, 'query' | 'command'>
  readonly own: OwnMetrics
  readonly log: Log
  readonly retention: Retention
  readonly tracing?: Tracing
}

export class Upkeep {
  readonly #options: UpkeepOptions
  readonly #rollups: Rollups
  readonly #warnings: RepeatedWarnings
  readonly #stop = new AbortController()
  #droppedMs = Number.NEGATIVE_INFINITY
  #forgotMs = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(options: UpkeepOptions) {
    this.#options = options
    this.#rollups = new Rollups(options)
    this.#warnings = new RepeatedWarnings(options.log)
  }

  run(): void {
    this.#running = this.#round(Date.now()).finally(() => {
      if (!this.#stop.signal.aborted) this.#timer = setTimeout(() => this.run(), ROUND_MS)
    })
  }

  /** Waits for the statement that runs. */
  async stop(): Promise<void> {
    this.#stop.abort()
    clearTimeout(this.#timer)
    await this.#running
  }

  /** To be told of every batch after it was stored: its rows may be late. */
  stored(batch: ColumnBatch): void {
    this.#rollups.stored(batch)
  }

  /** Never rejects: what failed is tried again by the next round. */
  async #round(nowMs: number): Promise<void> {
    const { signal } = this.#stop
    await this.#try('rollup', nowMs, () => this.#rollups.round(signal))
    const options = {
      ...this.#options,
      madeMs: (table: string) => this.#rollups.minutesMs(table),
    }
    if (!signal.aborted && nowMs - this.#droppedMs >= RETENTION_MS) {
      const isDone = await this.#try('retention', nowMs, () => dropOld(options, nowMs))
      if (isDone) this.#droppedMs = nowMs
    }
    if (!signal.aborted && nowMs - this.#forgotMs >= FORGET_MS) {
      // It writes whole tables anew: what failed is not tried again at once.
      this.#forgotMs = nowMs
      await this.#try('forgetting', nowMs, () => forgetUnseen(options, nowMs))
    }
  }

  async #try(what: string, nowMs: number, work: () => Promise<void>): Promise<boolean> {
    try {
      const { tracing = UNTRACED } = this.#options
      await tracing.run('upkeep', () => what, work)
      return true
    } catch (err) {
      this.#options.own.inc('upkeepFailures', { what })
      this.#warnings.warn(what, { err, what }, 'upkeep of the store failed', nowMs)
      return false
    }
  }
}

/** A store that tells what it has stored. */
export const telling = (
  store: Pick<Store, 'insertRows'>,
  stored: (batch: ColumnBatch) => void,
): Pick<Store, 'insertRows'> => ({
  insertRows: async (batch) => {
    await store.insertRows(batch)
    stored(batch)
  },
})
