/** Sends one batch at a time to one receiver, and says what came of it. */
import { limits } from '../../catalog/limit.ts'
import { OTLP_TYPE } from '../../wire/otlp-response.ts'
import type { Batch } from './batch.ts'
import type { Clock } from './clock.ts'
import { authorizationOf, type Credentials } from './credentials.ts'
import { compress, type Compression } from './compress.ts'
import { EncodingChoice } from './encoding.ts'
import { Patience } from './patience.ts'
import { NoAnswer, openPoster, type Poster } from './post.ts'
import { judge, type Verdict } from './verdict.ts'

export interface SenderOptions {
  /** Where to post; without a path it is `/v1/metrics`. */
  readonly url: string
  /** `auto` is gzip until the receiver says that it takes zstd. */
  readonly compression: Compression
  readonly userAgent: string
  readonly credentials?: Credentials
  readonly clock: Clock
  /** For a connection, and for an answer of a receiver that is not late. */
  readonly timeoutMs?: number
  /** Connects to the receiver; tests have a network of their own. */
  readonly connect?: (url: URL, credentials?: Credentials) => Promise<Poster>
}

export type Outcome =
  | (Verdict & { readonly status: number })
  | { readonly fate: 'again'; readonly err: unknown; readonly retryAfterMs: undefined }

export class Sender {
  readonly #options: SenderOptions
  readonly #url: URL
  /** Without a password that may stand in it. */
  readonly shownUrl: string
  readonly #encoding: EncodingChoice
  readonly #connectMs: number
  readonly #patience: Patience
  readonly #giveUp = new AbortController()
  readonly #poster: Promise<Poster>

  constructor(options: SenderOptions) {
    this.#options = options
    this.#url = new URL(options.url)
    if (this.#url.pathname === '/') this.#url.pathname = '/v1/metrics'
    this.shownUrl = this.#url.origin + this.#url.pathname
    this.#encoding = new EncodingChoice(options.compression)
    this.#connectMs = options.timeoutMs ?? limits.pushTimeoutMs.value
    this.#patience = new Patience(this.#connectMs)
    this.#poster = (options.connect ?? openPoster)(this.#url, options.credentials)
  }

  /** Compresses the body as the receiver takes it. */
  async pack(batch: Batch): Promise<void> {
    const encoding = this.#encoding.current
    if (encoding === undefined) return
    batch.body = await compress(batch.body, encoding)
    batch.encoding = encoding
  }

  /** Never rejects: no answer is an outcome. */
  async send(batch: Batch): Promise<Outcome> {
    const { clock, userAgent, credentials = {} } = this.#options
    try {
      const poster = await this.#poster
      for (;;) {
        this.#encoding.fit(batch)
        const { id, body, encoding } = batch
        const headers = {
          'content-type': OTLP_TYPE,
          ...(encoding && { 'content-encoding': encoding }),
          'content-length': body.length,
          'user-agent': userAgent,
          'candor-batch': id,
          ...authorizationOf(credentials),
        }
        const { signal } = this.#giveUp
        const startUs = clock.bootUs()
        const times = { connectMs: this.#connectMs, timeoutMs: this.#patience.ms }
        const answer = await poster.post({ headers, body, ...times, signal })
        this.#patience.answered((clock.bootUs() - startUs) / 1_000)
        if (this.#encoding.learn(answer, batch)) continue
        return { ...judge(answer, clock.now()), status: answer.status }
      }
    } catch (err) {
      this.#patience.gaveUp(err instanceof NoAnswer && err.isThere)
      return { fate: 'again', err, retryAfterMs: undefined }
    }
  }

  /** Waits no longer for the answer to what is on its way. */
  giveUp(): void {
    this.#giveUp.abort()
  }

  async close(): Promise<void> {
    const poster = await this.#poster
    poster.close()
  }
}
