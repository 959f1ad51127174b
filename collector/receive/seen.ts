/**
 * What was announced to the store lately, so that an entity, a series or a fact is written when it is new, when
 * what is said of it has changed, and now and then so that its last_seen moves; not with every point.
 */
import { limits } from '../../catalog/limit.ts'

interface Seen {
  /** Id of what was said of it. */
  readonly print: bigint
  readonly firstMs: number
  readonly lastMs: number
  /** When it was announced, by our own clock. */
  readonly toldMs: number
  /** Something else is known of its id by now, or nothing. */
  isGone: boolean
}

/** What was announced of one id: nothing is due of it between two times, until it is gone. */
export type Fresh = Seen

export class SeenCache {
  readonly #limit: number
  readonly #refreshMs: number
  readonly #now: () => number
  readonly #seen = new Map<bigint, Seen>()
  /** Ids in the order in which they were announced, until their fate is known. */
  #open: bigint[] = []

  constructor(limit: number, refreshMs: number, now: () => number = Date.now) {
    this.#limit = limit
    this.#refreshMs = refreshMs
    this.#now = now
  }

  /** What was announced within the last hour; what is alive is announced more often. */
  get size(): number {
    const idleMs = this.#now() - limits.tenantIdleMs.value
    for (const [id, { toldMs }] of this.#seen) {
      if (toldMs > idleMs) break
      this.#drop(id)
    }
    return this.#seen.size
  }

  has(id: bigint): boolean {
    return this.#seen.has(id)
  }

  /** Whether there may be no room for `more` where there may be as many as `most`. */
  isNear(most: number, more: number): boolean {
    return this.#seen.size + more > most && this.size + more > most
  }

  /** Whether to announce what was seen from one time to another; from now on it counts as announced. */
  isDue(id: bigint, print: bigint, firstMs: number, lastMs: number): boolean {
    const seen = this.#seen.get(id)
    if (
      seen !== undefined &&
      seen.print === print &&
      firstMs >= seen.firstMs &&
      lastMs < seen.lastMs + this.#refreshMs
    ) {
      return false
    }
    // Deleted first, so that the map stays in the order of announcements.
    this.#drop(id)
    this.#seen.set(id, {
      print,
      firstMs: Math.min(firstMs, seen?.firstMs ?? firstMs),
      lastMs: Math.max(lastMs, seen?.lastMs ?? lastMs),
      toldMs: this.#now(),
      isGone: false,
    })
    if (this.#seen.size > this.#limit) this.#drop(this.#seen.keys().next().value!)
    this.#open.push(id)
    return true
  }

  /** For what is asked often: the answer of `isDue`, as long as it is the same without asking. */
  fresh(id: bigint): Fresh | undefined {
    return this.#seen.get(id)
  }

  isFresh(
    { isGone, firstMs: fromMs, lastMs: newestMs }: Fresh,
    firstMs: number,
    lastMs: number,
  ): boolean {
    return !isGone && firstMs >= fromMs && lastMs < newestMs + this.#refreshMs
  }

  /** A position to roll back to. */
  mark(): number {
    return this.#open.length
  }

  rollback(mark: number): void {
    this.forget(this.#open.splice(mark))
  }

  /** Ids announced since the last take, for `forget` if they do not reach the store. */
  take(): readonly bigint[] {
    const taken = this.#open
    this.#open = []
    return taken
  }

  forget(ids: readonly bigint[]): void {
    for (const id of ids) this.#drop(id)
  }

  #drop(id: bigint): void {
    const seen = this.#seen.get(id)
    if (seen === undefined) return
    seen.isGone = true
    this.#seen.delete(id)
  }
}
