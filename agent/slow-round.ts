/**
 * When slow readers run: each once a minute. In the first pass all of them do, so that nothing is
 * missing in it; from then on each has a place of its own in the minute, so that no pass bears them all.
 */

export const SLOW_MS = 60_000

export class SlowRound {
  readonly #places: number
  readonly #dueMs: number[]

  constructor(readers: number) {
    this.#places = readers
    this.#dueMs = Array.from({ length: readers }, () => Number.NEGATIVE_INFINITY)
  }

  /** True when the reader at this place is to run now; it is then taken to have run. */
  isDue(place: number, timeMs: number): boolean {
    const dueMs = this.#dueMs[place]!
    // Only a clock that was set back leads further than a minute ahead.
    if (timeMs < dueMs && dueMs - timeMs <= SLOW_MS) return false
    const isFirst = dueMs === Number.NEGATIVE_INFINITY
    const afterMs = isFirst ? (SLOW_MS * (place + 1)) / this.#places : SLOW_MS
    this.#dueMs[place] = timeMs + afterMs
    return true
  }
}
