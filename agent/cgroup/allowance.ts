/** How much of this process's time work may take that nobody asked for: a share, saved up to a bound. */
export class Allowance {
  readonly #share: number
  readonly #mostMs: number
  #leftMs: number
  #atMs = Number.NaN

  constructor(share: number, mostMs: number) {
    this.#share = share
    this.#mostMs = mostMs
    this.#leftMs = mostMs
  }

  /** What may be spent now; `nowMs` is of a clock that never runs back. */
  leftMs(nowMs: number): number {
    const sinceMs = Number.isNaN(this.#atMs) ? 0 : nowMs - this.#atMs
    this.#atMs = nowMs
    this.#leftMs = Math.min(this.#mostMs, this.#leftMs + sinceMs * this.#share)
    return this.#leftMs
  }

  /** More than was left is paid back before anything is spent again. */
  spend(ms: number): void {
    this.#leftMs -= ms
  }
}
