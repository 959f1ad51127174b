/**
 * How long to wait for an answer. A receiver that is there and late is waited for longer the next time:
 * giving up would have it do the same work again, and more of it the later it is.
 */

/** So many times the time that a receiver has at first. */
const MOST = 6

export class Patience {
  readonly #firstMs: number
  #ms: number

  constructor(firstMs: number) {
    this.#firstMs = firstMs
    this.#ms = firstMs
  }

  get ms(): number {
    return this.#ms
  }

  /** An answer came; the next may take twice as long. */
  answered(tookMs: number): void {
    this.#ms = Math.min(this.#firstMs * MOST, Math.max(this.#firstMs, 2 * tookMs))
  }

  /** None came; `isThere` where a connection was. */
  gaveUp(isThere: boolean): void {
    this.#ms = isThere ? Math.min(this.#firstMs * MOST, 2 * this.#ms) : this.#firstMs
  }
}
