/** Whose limits are read in a pass. */

/** Limits change rarely: within this time each cgroup's are read again. */
const LIMITS_MS = 60_000

export class LimitsRound {
  /** Where the round goes on. */
  #next = 0
  #lastMs = Number.NaN

  /** Each pass takes some, so that in `LIMITS_MS` all had their turn. */
  takeTurn(all: readonly { limitsDue: boolean }[], timeMs: number): void {
    const elapsedMs = timeMs - this.#lastMs
    this.#lastMs = timeMs
    const share = elapsedMs >= 0 ? Math.min(1, elapsedMs / LIMITS_MS) : 1
    for (let n = Math.ceil(all.length * share); n > 0; n -= 1) {
      this.#next = (this.#next + 1) % all.length
      all[this.#next]!.limitsDue = true
    }
  }
}
