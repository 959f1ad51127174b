/**
 * Work between passes, which nobody waits for: it runs in timers, where a failure would end the whole
 * process. What fails here, the next pass does, and tells of it should it fail too.
 */
import type { Log } from '../../settings/log.ts'

export class Guard {
  readonly #log: Log
  readonly #onFailure: () => void
  readonly #logged = new Set<string>()

  constructor(log: Log, onFailure: () => void) {
    this.#log = log
    this.#onFailure = onFailure
  }

  /** False where it failed; each kind of failure is logged once. */
  attempt(work: () => boolean): boolean {
    try {
      return work()
    } catch (err) {
      this.#onFailure()
      const { code = '' } = err as NodeJS.ErrnoException
      if (!this.#logged.has(code)) {
        this.#logged.add(code)
        this.#log.warn({ err }, 'a cgroup cannot be looked at between passes')
      }
      return false
    }
  }
}
