/** What a web configuration asks of every request before it is answered. */
import type { IncomingMessage } from 'node:http'
import type { WatchedConfig } from './config-watch.ts'
import type { WebConfig } from './config-file.ts'
import { Users } from './users.ts'

/** What a request is refused with. */
export interface Refusal {
  readonly status: number
  readonly message: string
  readonly headers: Readonly<Record<string, string>>
}

export class Guard {
  readonly #config: WatchedConfig
  readonly #users = new Users()
  readonly #bucket = new Bucket()

  constructor(config: WatchedConfig) {
    this.#config = config
  }

  /** What is in force when this request comes. */
  config(): WebConfig {
    return this.#config.current()
  }

  /** The refusal, or undefined for who may enter. */
  async refusal(request: IncomingMessage, config: WebConfig): Promise<Refusal | undefined> {
    const { rateLimit, users } = config
    if (rateLimit !== undefined && !this.#bucket.take(rateLimit, performance.now())) {
      return { status: 429, message: 'too many requests', headers: {} }
    }
    if (users.size === 0) return undefined
    switch (await this.#users.admit(request.headers.authorization, users)) {
      case 'admitted':
        return undefined
      case 'busy':
        return {
          status: 429,
          message: 'too many logins are being checked',
          headers: { 'retry-after': '1' },
        }
      case 'refused':
        return {
          status: 401,
          message: 'unauthorized',
          headers: { 'www-authenticate': 'Basic realm="candor", charset="UTF-8"' },
        }
    }
  }

  close(): Promise<void> {
    return this.#users.close()
  }
}

/** A token an interval, and at most `burst` of them saved. */
export class Bucket {
  #tokens: number | undefined
  #sinceMs = 0

  take({ intervalMs, burst }: NonNullable<WebConfig['rateLimit']>, nowMs: number): boolean {
    const earned = (nowMs - this.#sinceMs) / intervalMs
    this.#tokens = Math.min(burst, (this.#tokens ?? burst) + earned)
    this.#sinceMs = nowMs
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}
