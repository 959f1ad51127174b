/**
 * Who may enter: HTTP basic authentication against bcrypt hashes.
 *
 * A comparison takes as long as its cost asks for, 70 ms and more, so it is made in a thread of its
 * own that is there as long as somebody needs it; one at a time, and a bounded number waits. The
 * outcome is remembered under a keyed hash of everything that it depends on, so that a scraper pays
 * once. Of an unknown user the password is compared too: the answer takes the same time.
 *
 * Source: RFC 7617; exporter-toolkit, docs/web-configuration.md, About bcrypt
 */
import { createHmac, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { limits } from '../../catalog/limit.ts'
import type { Comparison } from './bcrypt-worker.ts'

export type Admission = 'admitted' | 'refused' | 'busy'

interface Credentials {
  readonly user: string
  readonly password: string
}

export class Users {
  readonly #key = randomBytes(32)
  /** Outcomes, or comparisons that are going on, the oldest first. */
  readonly #known = new Map<string, Promise<boolean>>()
  /** Of those who were let in: nobody who guesses can drive them out. */
  readonly #admitted = new Map<string, Promise<boolean>>()
  #worker: Worker | undefined
  #idle: NodeJS.Timeout | undefined
  #waiting = 0
  #last: Promise<unknown> = Promise.resolve()

  /** `authorization` is the header; `users` has the hashes. */
  async admit(
    authorization: string | undefined,
    users: ReadonlyMap<string, string>,
  ): Promise<Admission> {
    const given = credentialsOf(authorization)
    if (given === undefined) return 'refused'
    const hash = users.get(given.user)
    const comparison = { password: given.password, hash: hash ?? dearest(users) }
    const key = createHmac('sha256', this.#key)
      .update(JSON.stringify([given.user, comparison.hash, given.password]))
      .digest('base64')
    let same = this.#admitted.get(key) ?? this.#known.get(key)
    if (same === undefined) {
      if (this.#waiting >= limits.webLogins.value) return 'busy'
      same = this.#compare(comparison)
      remember(this.#known, key, same)
      same.catch(() => this.#known.delete(key))
    }
    if (!(await same) || hash === undefined) return 'refused'
    this.#known.delete(key)
    remember(this.#admitted, key, same)
    return 'admitted'
  }

  /** Ends the thread; what waits for it is refused. */
  async close(): Promise<void> {
    clearTimeout(this.#idle)
    await this.#worker?.terminate()
    this.#worker = undefined
  }

  /** After those that were asked for before. */
  #compare(comparison: Comparison): Promise<boolean> {
    this.#waiting += 1
    const mine = this.#last.then(() => this.#ask(comparison))
    this.#last = mine.catch(() => {}).finally(() => (this.#waiting -= 1))
    return mine
  }

  async #ask(comparison: Comparison): Promise<boolean> {
    clearTimeout(this.#idle)
    this.#worker ??= this.#start()
    const worker = this.#worker
    const { promise: ended, reject } = Promise.withResolvers<never>()
    const onExit = () => reject(new Error('the comparison of passwords was given up'))
    worker.once('exit', onExit)
    try {
      // A thread has no origin.
      // oxlint-disable-next-line unicorn/require-post-message-target-origin
      worker.postMessage(comparison)
      const [same] = (await Promise.race([once(worker, 'message'), ended])) as [boolean]
      return same
    } finally {
      worker.off('exit', onExit)
      this.#idle = setTimeout(() => void this.close(), limits.webLoginIdleMs.value).unref()
    }
  }

  #start(): Worker {
    const worker = new Worker(new URL('./bcrypt-worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 },
    })
    worker.unref()
    worker.once('exit', () => {
      if (this.#worker === worker) this.#worker = undefined
    })
    return worker
  }
}

/** The hash that takes longest, to stand in for that of an unknown user. */
const dearest = (users: ReadonlyMap<string, string>): string =>
  [...users.values()].reduce((a, b) => (b.slice(4, 6) > a.slice(4, 6) ? b : a))

function credentialsOf(authorization: string | undefined): Credentials | undefined {
  const match = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(authorization ?? '')
  if (match === null) return undefined
  const text = Buffer.from(match[1]!, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 0) return undefined
  return { user: text.slice(0, colon), password: text.slice(colon + 1) }
}

/** The oldest goes where there are too many. */
function remember(known: Map<string, Promise<boolean>>, key: string, same: Promise<boolean>): void {
  if (!known.has(key) && known.size >= limits.webLoginsKept.value) {
    known.delete(known.keys().next().value!)
  }
  known.set(key, same)
}
