/** Names that count for a while: until the second turn after they were added. */
export class Recent {
  readonly #most: number
  #now = new Set<string>()
  #before = new Set<string>()

  constructor(most: number) {
    this.#most = most
  }

  get isEmpty(): boolean {
    return this.#now.size + this.#before.size === 0
  }

  has(name: string): boolean {
    return this.#now.has(name) || this.#before.has(name)
  }

  /** Beyond the limit a name is not kept. */
  add(name: string): void {
    if (this.#now.size < this.#most) this.#now.add(name)
  }

  /** True where it was there. */
  delete(name: string): boolean {
    const wasNow = this.#now.delete(name)
    return this.#before.delete(name) || wasNow
  }

  turn(): void {
    this.#before = this.#now
    this.#now = new Set()
  }
}
