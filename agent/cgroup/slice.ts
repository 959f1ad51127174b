/** A part of some work that is done in one go, so that the rest of the process waits for it no longer. */

const LONGEST_MS = 10
/** A pause after it is this many times as long. */
const PAUSE_FACTOR = 9

export class Slice {
  readonly #startMs = performance.now()

  get spentMs(): number {
    return performance.now() - this.#startMs
  }

  get isOver(): boolean {
    return this.spentMs > LONGEST_MS
  }

  get pauseMs(): number {
    return this.spentMs * PAUSE_FACTOR
  }
}
