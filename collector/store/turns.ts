/**
 * A bounded queue: `width` calls run at a time, of each caller a limited number wait in order, the rest
 * is refused. Callers take turns: one that has many calls waiting delays another by one of them.
 */
import { StoreError } from './store-error.ts'

export class Turns {
  readonly #width: number
  readonly #longest: number
  /** By caller; whose turn it is comes first. */
  readonly #waiting = new Map<string, (() => void)[]>()
  /** What waits behind all others. */
  readonly #last: (() => void)[] = []
  #isDraining = false
  #running = 0

  constructor(width: number, longest: number) {
    this.#width = width
    this.#longest = longest
  }

  async run<T>(work: () => Promise<T>, caller = ''): Promise<T> {
    await this.#turn(caller)
    try {
      return await work()
    } finally {
      this.#next()
    }
  }

  /** Waits its turn behind all others; whoever comes later waits behind it. */
  async drained(): Promise<void> {
    this.#isDraining = true
    await Promise.all(Array.from({ length: this.#width }, () => this.#turn('')))
  }

  async #turn(caller: string): Promise<void> {
    if (this.#running < this.#width) {
      this.#running += 1
      return
    }
    const queue = this.#isDraining ? this.#last : (this.#waiting.get(caller) ?? [])
    if (!this.#isDraining) {
      if (queue.length >= this.#longest) {
        throw new StoreError('ERR_OVERLOADED', `${queue.length} calls wait for the store`)
      }
      this.#waiting.set(caller, queue)
    }
    await new Promise<void>((resolve) => queue.push(resolve))
  }

  /** The place of a call that has ended goes to the first that waits, whose caller then comes last. */
  #next(): void {
    const [turn] = this.#waiting
    if (turn === undefined) {
      const last = this.#last.shift()
      if (last === undefined) this.#running -= 1
      else last()
      return
    }
    const [caller, queue] = turn
    this.#waiting.delete(caller)
    const first = queue.shift()!
    if (queue.length > 0) this.#waiting.set(caller, queue)
    first()
  }
}
