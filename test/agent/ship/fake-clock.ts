/** Time that passes when a test says so. */
import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../../../agent/ship/clock.ts'

interface Timer {
  readonly atUs: number
  readonly owner: object
  readonly done: () => void
}

export class FakeTime {
  wallMs = Date.parse('2026-11-21T08:00:00Z')
  us = 3_600_000_000
  readonly #timers = new Set<Timer>()

  /** A clock for one process. */
  clock(): Clock {
    const owner = {}
    return Object.assign(owner, {
      now: () => this.wallMs,
      bootUs: () => this.us,
      wait: (ms: number, signal: AbortSignal) => this.#wait(owner, ms, signal),
    })
  }

  #wait(owner: object, ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer: Timer = {
        atUs: this.us + Math.ceil(ms * 1_000),
        owner,
        done: () => {
          this.#timers.delete(timer)
          signal.removeEventListener('abort', timer.done)
          resolve()
        },
      }
      this.#timers.add(timer)
      signal.addEventListener('abort', timer.done)
      if (signal.aborted) timer.done()
    })
  }

  /** The process with this clock waits no more. */
  kill(clock: Clock): void {
    for (const timer of this.#timers) if (timer.owner === clock) this.#timers.delete(timer)
  }

  async advance(ms: number): Promise<void> {
    const endUs = this.us + ms * 1_000
    await settle()
    for (;;) {
      const next = [...this.#timers].toSorted((a, b) => a.atUs - b.atUs)[0]
      if (next === undefined || next.atUs > endUs) break
      this.#pass(next.atUs)
      next.done()
      await settle()
    }
    this.#pass(endUs)
  }

  #pass(toUs: number): void {
    this.wallMs += (toUs - this.us) / 1_000
    this.us = toUs
  }
}

/** Everything that waits for no time happens. */
export async function settle(): Promise<void> {
  await turn()
  await turn()
}
