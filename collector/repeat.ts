/**
 * Does something at every interval; what takes longer delays the next time, by as long as it took: it
 * never has more than half of the time, and what comes in has the rest. A stop waits for the query that
 * runs, not for the whole.
 */
import { type Log, RepeatedWarnings } from '../settings/log.ts'

export type Work = (nowMs: number, signal: AbortSignal) => Promise<void>

export class Repeat {
  readonly #work: Work
  readonly #intervalMs: number
  readonly #name: string
  readonly #warnings: RepeatedWarnings
  readonly #stop = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()

  /** `name` says in the log what failed. */
  constructor(name: string, work: Work, intervalMs: number, log: Log) {
    this.#name = name
    this.#work = work
    this.#intervalMs = intervalMs
    this.#warnings = new RepeatedWarnings(log)
  }

  /** For what has nothing to do at first. */
  startLater(): void {
    this.#timer = setTimeout(() => this.start(), this.#intervalMs)
  }

  start(): void {
    const startedMs = Date.now()
    this.#running = this.#do(startedMs).finally(() => {
      if (this.#stop.signal.aborted) return
      const tookMs = Date.now() - startedMs
      const wait = Math.max(0, tookMs, this.#intervalMs - tookMs)
      this.#timer = setTimeout(() => this.start(), wait)
    })
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    clearTimeout(this.#timer)
    await this.#running
  }

  /** Never rejects. */
  async #do(nowMs: number): Promise<void> {
    try {
      await this.#work(nowMs, this.#stop.signal)
    } catch (err) {
      this.#warnings.warn(this.#name, { err }, `${this.#name} failed`, nowMs)
    }
  }
}
