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
}

/** That nothing is due of one id between two times, as long as the cache is in the same state. */
export interface Fresh {
  readonly state: number
  readonly fromMs: number
  readonly untilMs: number
}

export class SeenCache {
  readonly #limit: number
  readonly #refreshMs: number
  readonly #now: () => number
  readonly #seen = new Map<bigint, Seen>()
  /** Ids in the order in which they were announced, until their fate is known. */
  #open: bigint[] = []
  /** Another one whenever something is due again that was not. */
  #state = 0

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
      this.#seen.delete(id)
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
    if (seen !== undefined && seen.print !== print) this.#state += 1
    // Deleted first, so that the map stays in the order of announcements.
    this.#seen.delete(id)
    this.#seen.set(id, {
      print,
      firstMs: Math.min(firstMs, seen?.firstMs ?? firstMs),
      lastMs: Math.max(lastMs, seen?.lastMs ?? lastMs),
      toldMs: this.#now(),
    })
    if (this.#seen.size > this.#limit) {
      this.#seen.delete(this.#seen.keys().next().value!)
      this.#state += 1
    }
    this.#open.push(id)
    return true
  }

  /** For what is asked often: the answer of `isDue`, as long as it is the same without asking. */
  fresh(id: bigint): Fresh | undefined {
    const seen = this.#seen.get(id)
    return (
      seen && {
        state: this.#state,
        fromMs: seen.firstMs,
        untilMs: seen.lastMs + this.#refreshMs,
      }
    )
  }

  isFresh({ state, fromMs, untilMs }: Fresh, firstMs: number, lastMs: number): boolean {
    return state === this.#state && firstMs >= fromMs && lastMs < untilMs
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
    for (const id of ids) this.#seen.delete(id)
    if (ids.length > 0) this.#state += 1
  }
}
