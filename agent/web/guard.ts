/** What a web configuration asks of every request before it is answered. */
import type { IncomingMessage } from 'node:http'
import type { WatchedConfig } from './config-watch.ts'
import type { WebConfig } from './config-file.ts'
import { type Page, text } from './page.ts'
import { Users } from './users.ts'

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
  async refusal(request: IncomingMessage, config: WebConfig): Promise<Page | undefined> {
    const { rateLimit, users } = config
    if (rateLimit !== undefined && !this.#bucket.take(rateLimit, performance.now())) {
      return text(429, 'too many requests\n')
    }
    if (users.size === 0) return undefined
    switch (await this.#users.admit(request.headers.authorization, users)) {
      case 'admitted':
        return undefined
      case 'busy':
        return {
          ...text(429, 'too many logins are being checked\n'),
          headers: { 'retry-after': '1' },
        }
      case 'refused':
        return {
          ...text(401, 'unauthorized\n'),
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
