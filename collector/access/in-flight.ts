/**
 * A bound on what is in flight, shared among tenants: none may hold more than a multiple of what is
 * still free. Who is alone has most of it and there is always room for another; n who want all they
 * can get have equal shares.
 *
 * Source: A. K. Choudhury, E. L. Hahne, "Dynamic Queue Length Thresholds for Shared-Memory Packet
 * Switches", IEEE/ACM Transactions on Networking 6(2), 1998.
 */
export class InFlight {
  readonly #limit: number
  /** Infinity where nobody else can come. */
  readonly #multiple: number
  readonly #held = new Map<string, number>()
  #total = 0

  constructor(limit: number, multiple: number) {
    this.#limit = limit
    this.#multiple = multiple
  }

  get total(): number {
    return this.#total
  }

  /** Holds as much more for a tenant; false, and nothing held, when that is too much. */
  hold(tenant: string, amount: number): boolean {
    const total = this.#total + amount
    const own = (this.#held.get(tenant) ?? 0) + amount
    const free = this.#limit - total
    // Infinity times nothing is no number; whoever is alone may take the last of it.
    if (free < 0 || (this.#multiple !== Infinity && own > this.#multiple * free)) return false
    this.add(tenant, amount)
    return true
  }

  /** Holds what is there already, however much that is. */
  add(tenant: string, amount: number): void {
    this.#held.set(tenant, (this.#held.get(tenant) ?? 0) + amount)
    this.#total += amount
  }

  release(tenant: string, amount: number): void {
    const own = (this.#held.get(tenant) ?? 0) - amount
    if (own > 0) this.#held.set(tenant, own)
    else this.#held.delete(tenant)
    this.#total -= amount
  }
}
