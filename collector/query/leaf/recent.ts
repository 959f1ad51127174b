/**
 * What was asked a moment ago and may be asked again at once: the panels of a dashboard select the same
 * series. Who asks while the answer is still on its way waits for the same one.
 */
interface Kept {
  readonly atMs: number
  readonly answer: Promise<unknown>
}

export class Recent {
  readonly #forMs: number
  readonly #most: number
  readonly #now: () => number
  readonly #kept = new Map<string, Kept>()

  constructor(forMs: number, most: number, now: () => number = () => performance.now()) {
    this.#forMs = forMs
    this.#most = most
    this.#now = now
  }

  /** Keys of different kinds of answers differ. What failed is asked again. */
  get<T>(key: string, ask: () => Promise<T>): Promise<T> {
    const nowMs = this.#now()
    const known = this.#kept.get(key)
    if (known !== undefined && nowMs - known.atMs < this.#forMs) return known.answer as Promise<T>
    this.#kept.delete(key)
    // In the order in which they were asked, so the first is the oldest.
    for (const [oldest, { atMs }] of this.#kept) {
      if (nowMs - atMs < this.#forMs && this.#kept.size < this.#most) break
      this.#kept.delete(oldest)
    }
    const answer = ask()
    const kept = { atMs: nowMs, answer }
    this.#kept.set(key, kept)
    answer.catch(() => {
      if (this.#kept.get(key) === kept) this.#kept.delete(key)
    })
    return answer
  }
}
