/**
 * When the next insert may start: a number of them at once, which is what a collector with few senders
 * needs, then one in each interval.
 */
import { limits } from '../../catalog/limit.ts'

export class Pace {
  readonly #intervalMs: number
  readonly #burst: number
  #left: number
  #atMs = -Infinity

  constructor(intervalMs: number = limits.commitMs.value, burst: number = limits.commits.value) {
    this.#intervalMs = intervalMs
    this.#burst = burst
    this.#left = burst
  }

  /** From now until an insert may start; `nowMs` is of any clock that never goes back. */
  waitMs(nowMs: number): number {
    return Math.max(0, (1 - this.#at(nowMs)) * this.#intervalMs)
  }

  /** An insert has started, whether it had to wait or not. */
  take(nowMs: number): void {
    this.#left = Math.max(0, this.#at(nowMs) - 1)
    this.#atMs = nowMs
  }

  #at(nowMs: number): number {
    return Math.min(this.#burst, this.#left + (nowMs - this.#atMs) / this.#intervalMs)
  }
}
