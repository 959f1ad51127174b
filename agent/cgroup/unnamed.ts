/**
 * Containers that ended before anybody said what they were. Their ends wait for a moment: who was
 * asked may still answer, and only then they count under their image.
 */
import { limits } from '../../catalog/limit.ts'
import type { Cgroup } from './cgroup.ts'
import { describe, type Describing } from './describe.ts'
import type { Endings } from './endings.ts'
import type { Identity } from './identity.ts'

/** An engine is asked within it three times; see agent/identity/asker.ts. */
const PATIENCE_MS = 5_000

interface Waiting {
  readonly untilMs: number
  readonly identity: Identity
  readonly path: string
  /** Hands it on with what is known by now. */
  readonly end: () => void
}

export class Unnamed {
  readonly #endings: Endings
  readonly #describing: Describing
  #waiting: Waiting[] = []

  constructor(endings: Endings, describing: Describing) {
    this.#endings = endings
    this.#describing = describing
  }

  /** A cgroup that ended, described with what is known of it now. */
  add(cgroup: Cgroup, timeMs: number): void {
    const { identity, node } = cgroup
    const end = () => this.#endings.add(cgroup, timeMs)
    if (identity === undefined) end()
    else {
      const learned = () => {
        const { more } = cgroup
        describe(cgroup, this.#describing)
        cgroup.more = more
        end()
      }
      this.#wait(identity, node.path, timeMs, learned)
    }
  }

  /** A container that came and went before anyone looked. */
  unseen(identity: Identity, path: string, timeMs: number): void {
    this.#wait(identity, path, timeMs, () =>
      this.#endings.unseen(identity, this.#describing.identities?.of(identity, path)?.image),
    )
  }

  #wait(identity: Identity, path: string, timeMs: number, end: () => void): void {
    const { identities } = this.#describing
    // It is asked for even if nobody saw it while it was there.
    identities?.of(identity, path)
    const expected = identities?.expects?.(identity, path) === true
    if (!expected || this.#waiting.length >= limits.endedEntities.value) end()
    else this.#waiting.push({ untilMs: timeMs + PATIENCE_MS, identity, path, end })
  }

  /** Ends those of which all is known that will be. */
  settle(timeMs: number): void {
    if (this.#waiting.length === 0) return
    const { identities } = this.#describing
    const still: Waiting[] = []
    for (const each of this.#waiting) {
      const { untilMs, identity, path, end } = each
      // A clock that was set back must not hold it for long.
      const due = timeMs >= untilMs || untilMs - timeMs > PATIENCE_MS
      if (due || identities?.expects?.(identity, path) !== true) end()
      else still.push(each)
    }
    this.#waiting = still
  }

  /** Ends all, as they are known now. */
  close(): void {
    for (const { end } of this.#waiting) end()
    this.#waiting = []
  }
}
