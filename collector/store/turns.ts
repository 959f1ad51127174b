/** A bounded queue: `width` calls run at a time, a limited number wait in order, the rest is refused. */
import { StoreError } from './store-error.ts'

export class Turns {
  readonly #width: number
  readonly #longest: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(width: number, longest: number) {
    this.#width = width
    this.#longest = longest
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.#turn()
    try {
      return await work()
    } finally {
      this.#next()
    }
  }

  /** Waits its turn behind all others; whoever comes later waits behind it. */
  async drained(): Promise<void> {
    await Promise.all(Array.from({ length: this.#width }, () => this.#turn(Infinity)))
  }

  async #turn(longest = this.#longest): Promise<void> {
    if (this.#running < this.#width) {
      this.#running += 1
      return
    }
    if (this.#waiting.length >= longest) {
      throw new StoreError('ERR_OVERLOADED', `${this.#waiting.length} calls wait for the store`)
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  /** The place of a call that has ended goes to the first that waits. */
  #next(): void {
    const first = this.#waiting.shift()
    if (first === undefined) this.#running -= 1
    else first()
  }
}
