/**
 * What receiving remembers of each tenant that sent something lately. They share the memory that there
 * is for how requests were laid out: a tenant that sends many kinds of them costs the others nothing.
 */
import { limits } from '../../catalog/limit.ts'
import { Tenant } from './tenant.ts'

interface Remembered {
  readonly tenant: Tenant
  usedMs: number
}

export class Tenants {
  readonly #known = new Map<string, Remembered>()

  /** By its name, which a token has said: there are as many as the token file names. */
  of(name: string, nowMs: number): Tenant {
    let known = this.#known.get(name)
    if (known === undefined) {
      this.#forgetIdle(nowMs)
      known = { tenant: new Tenant(name), usedMs: nowMs }
      this.#known.set(name, known)
      this.#share()
    }
    known.usedMs = nowMs
    return known.tenant
  }

  /** When a tenant last sent something, Unix ms; undefined where it did not lately. */
  lastMs(name: string): number | undefined {
    return this.#known.get(name)?.usedMs
  }

  all(nowMs: number): Iterable<Tenant> {
    if (this.#forgetIdle(nowMs)) this.#share()
    return [...this.#known.values()].map(({ tenant }) => tenant)
  }

  /** Whether there was any. */
  #forgetIdle(nowMs: number): boolean {
    const before = this.#known.size
    for (const [name, { usedMs }] of this.#known) {
      if (nowMs - usedMs > limits.tenantIdleMs.value) this.#known.delete(name)
    }
    return this.#known.size < before
  }

  #share(): void {
    for (const { tenant } of this.#known.values()) tenant.share(1 / this.#known.size)
  }
}
