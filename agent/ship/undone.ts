/** What a disk failed to do with whole files, and is asked for again from time to time. */
import { limits } from '../../catalog/limit.ts'
import type { Clock } from './clock.ts'

export type UndoneAct = 'open' | 'remove'

export class Undone {
  readonly #acts: Readonly<Record<UndoneAct, (name: string) => void>>
  readonly #failed: (act: UndoneAct, error: unknown) => void
  readonly #clock: Clock
  readonly #left = new Map<string, UndoneAct>()
  #triedUs: number

  constructor(
    acts: Readonly<Record<UndoneAct, (name: string) => void>>,
    failed: (act: UndoneAct, error: unknown) => void,
    clock: Clock,
  ) {
    this.#acts = acts
    this.#failed = failed
    this.#clock = clock
    this.#triedUs = clock.bootUs()
  }

  /** Does it now, or later; a file that is gone needs neither. */
  try(act: UndoneAct, name: string): void {
    try {
      this.#acts[act](name)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
      this.#left.set(name, act)
      this.#failed(act, error)
    }
  }

  again(): void {
    const nowUs = this.#clock.bootUs()
    if (nowUs - this.#triedUs < limits.spoolReopenMs.value * 1_000) return
    this.#triedUs = nowUs
    const left = [...this.#left]
    this.#left.clear()
    for (const [name, act] of left) this.try(act, name)
  }
}
