/**
 * When the next insert may start: a number of them at once, which is what a collector with few senders
 * needs, then one in each interval. Where an insert had many rows lately, more of them will come within
 * an interval of the first: it is waited for, since a part of few rows is merged as often as one of many.
 */
import { limits } from '../../catalog/limit.ts'

/** Of one insert; about a fleet of 20 machines with 20 containers each. */
const MANY_ROWS = 400
/** A pass or two of those who sent them. */
const LATELY_MS = 30_000

export class Pace {
  readonly #intervalMs: number
  readonly #burst: number
  #left: number
  #atMs = -Infinity
  #manyMs = -Infinity

  constructor(intervalMs: number = limits.commitMs.value, burst: number = limits.commits.value) {
    this.#intervalMs = intervalMs
    this.#burst = burst
    this.#left = burst
  }

  /**
   * From now until an insert may start whose first request came at `sinceMs`; both are of any clock that
   * never goes back.
   */
  waitMs(nowMs: number, sinceMs: number): number {
    const waitMs = (1 - this.#at(nowMs)) * this.#intervalMs
    const isBusy = nowMs - this.#manyMs < LATELY_MS
    return Math.max(0, waitMs, isBusy ? sinceMs + this.#intervalMs - nowMs : 0)
  }

  /** An insert has started, whether it had to wait or not. */
  take(nowMs: number, rows: number): void {
    if (rows >= MANY_ROWS) this.#manyMs = nowMs
    this.#left = Math.max(0, this.#at(nowMs) - 1)
    this.#atMs = nowMs
  }

  #at(nowMs: number): number {
    return Math.min(this.#burst, this.#left + (nowMs - this.#atMs) / this.#intervalMs)
  }
}
