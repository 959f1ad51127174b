/**
 * Ships batches to a collector, or to any receiver of OTLP/HTTP: a queue in memory, one request at a
 * time, in order, oldest first. `offer` never waits, so a pass is never held up by a slow network.
 *
 *   queued ──► sent ──► stored      2xx; points that the receiver rejected are counted
 *     ▲          ├────► rejected    any other answer: sending it again would change nothing
 *     └─ waits ──┘                  no answer, 408, 429, 502, 503, 504
 *     │          └────► repacked    415 to zstd that was our own choice: gzip from now on
 *     └───────────────► dropped     the queue is full (oldest first), or the agent stops
 *
 * A batch that is sent again carries the same `candor-batch`, so that a receiver can tell.
 * Source: the OTLP specification, "OTLP/HTTP Response", "Failures"
 */
import { limits } from '../../catalog/limit.ts'
import { type Log, RepeatedWarnings } from '../../settings/log.ts'
import {
  decodeResponse,
  decodeStatus,
  OTLP_TYPE,
  type PartialSuccess,
} from '../../wire/otlp-response.ts'
import { backoffMs, parseRetryAfter } from './backoff.ts'
import { compress, type Compression, type Encoding, repackAsGzip, takesZstd } from './compress.ts'
import { type Answer, openPoster, type Poster } from './post.ts'

/** Time as the queue sees it; tests have their own. */
export interface Clock {
  now(): number
  /** Resolves after `ms`, or as soon as the signal says so. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

export interface PushOptions {
  /** Where to post; without a path it is `/v1/metrics`. */
  readonly url: string
  /** `auto` is gzip until the receiver says that it takes zstd. */
  readonly compression: Compression
  /** Machine id and boot id: what batch ids begin with. */
  readonly sender: string
  readonly userAgent: string
  readonly log: Log
  readonly clock?: Clock
  readonly random?: () => number
  readonly timeoutMs?: number
  readonly queueBytes?: number
}

export interface PushStats {
  readonly stored: number
  readonly rejected: number
  readonly rejectedPoints: number
  readonly retries: number
  readonly dropped: Readonly<Record<DropReason, number>>
  readonly queueBytes: number
}
export type DropReason = 'pushQueueBytes' | 'stopped'

interface Batch {
  readonly id: string
  body: Buffer
  encoding: Encoding | undefined
  /** Resolves when the body is as small as it gets. */
  readonly packed: Promise<void>
}

const RETRYABLE = new Set([408, 429, 502, 503, 504])

const realClock: Clock = {
  now: Date.now,
  wait: (ms, signal) =>
    new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal.addEventListener('abort', done)
      if (signal.aborted) done()
    }),
}

export class Push {
  readonly #options: Required<PushOptions>
  readonly #url: URL
  /** Without a password that may stand in it. */
  readonly shownUrl: string
  readonly #warnings: RepeatedWarnings
  /** Of the batches to come. */
  #encoding: Encoding | undefined
  /** The receiver said that it takes zstd, and did not. */
  #refusedZstd = false
  readonly #queue: Batch[] = []
  #queueBytes = 0
  /** The first of the queue is on its way: it may arrive, so it cannot be dropped. */
  #inFlight = false
  #sequence: number
  #stored = 0
  #rejected = 0
  #rejectedPoints = 0
  #retries = 0
  readonly #dropped: Record<DropReason, number> = { pushQueueBytes: 0, stopped: 0 }
  #failures = 0
  #arrival = Promise.withResolvers<void>()
  readonly #stopping = new AbortController()
  readonly #giveUp = new AbortController()
  readonly #running: Promise<void>

  constructor(options: PushOptions) {
    this.#options = {
      clock: realClock,
      random: Math.random,
      timeoutMs: limits.pushTimeoutMs.value,
      queueBytes: limits.pushQueueBytes.value,
      ...options,
    }
    this.#url = new URL(options.url)
    if (this.#url.pathname === '/') this.#url.pathname = '/v1/metrics'
    this.shownUrl = this.#url.origin + this.#url.pathname
    this.#warnings = new RepeatedWarnings(options.log)
    const { compression } = options
    this.#encoding =
      compression === 'auto' ? 'gzip' : compression === 'none' ? undefined : compression
    // An agent that is started again within a boot must not use an id twice.
    this.#sequence = this.#options.clock.now()
    this.#running = this.#run()
  }

  get stats(): PushStats {
    return {
      stored: this.#stored,
      rejected: this.#rejected,
      rejectedPoints: this.#rejectedPoints,
      retries: this.#retries,
      dropped: { ...this.#dropped },
      queueBytes: this.#queueBytes,
    }
  }

  /** Takes request bodies over; what they displace is counted. */
  offer(bodies: readonly Buffer[]): void {
    if (this.#stopping.signal.aborted) return
    for (const body of bodies) {
      const { promise: packed, resolve } = Promise.withResolvers<void>()
      const id = `${this.#options.sender}/${this.#sequence++}`
      const batch: Batch = { id, body, encoding: undefined, packed }
      this.#queue.push(batch)
      this.#queueBytes += body.length
      this.#pack(batch).then(resolve, resolve)
    }
    this.#shorten()
    this.#arrival.resolve()
  }

  /** Sends what it can within `withinMs`, then drops the rest and counts it. */
  async stop(withinMs: number = limits.pushStopMs.value): Promise<void> {
    this.#stopping.abort()
    this.#arrival.resolve()
    const timer = setTimeout(() => this.#giveUp.abort(), withinMs)
    await this.#running
    clearTimeout(timer)
    const left = this.#queue.splice(0)
    this.#queueBytes = 0
    this.#dropped.stopped += left.length
    if (left.length > 0)
      this.#options.log.warn({ batches: left.length }, 'push stopped, batches lost')
  }

  async #pack(batch: Batch): Promise<void> {
    const encoding = this.#encoding
    if (encoding === undefined) return
    this.#replace(batch, await compress(batch.body, encoding), encoding)
  }

  #replace(batch: Batch, body: Buffer, encoding: Encoding): void {
    if (this.#queue.includes(batch)) this.#queueBytes += body.length - batch.body.length
    batch.body = body
    batch.encoding = encoding
  }

  #shorten(): void {
    while (this.#queueBytes > this.#options.queueBytes) {
      const [oldest] = this.#queue.splice(this.#inFlight ? 1 : 0, 1)
      if (oldest === undefined) return
      this.#queueBytes -= oldest.body.length
      this.#dropped.pushQueueBytes += 1
    }
  }

  async #run(): Promise<void> {
    const poster = await openPoster(this.#url)
    try {
      for (;;) {
        const batch = this.#queue[0]
        if (batch === undefined) {
          if (this.#stopping.signal.aborted) return
          this.#arrival = Promise.withResolvers()
          await this.#arrival.promise
          continue
        }
        await batch.packed
        if (this.#queue[0] !== batch) continue
        const waitMs = await this.#send(poster, batch)
        if (waitMs === undefined) continue
        if (this.#stopping.signal.aborted) return
        await this.#options.clock.wait(waitMs, this.#stopping.signal)
      }
    } finally {
      poster.close()
    }
  }

  /** How long to wait before trying again; undefined when the batch's fate is decided. */
  async #send(poster: Poster, batch: Batch): Promise<number | undefined> {
    this.#inFlight = true
    if (batch.encoding === 'zstd' && this.#refusedZstd) {
      this.#replace(batch, repackAsGzip(batch.body), 'gzip')
    }
    try {
      const answer = await poster.post({
        headers: {
          'content-type': OTLP_TYPE,
          ...(batch.encoding && { 'content-encoding': batch.encoding }),
          'content-length': batch.body.length,
          'user-agent': this.#options.userAgent,
          'candor-batch': batch.id,
        },
        body: batch.body,
        timeoutMs: this.#options.timeoutMs,
        signal: this.#giveUp.signal,
      })
      return this.#choose(answer, batch) ? undefined : this.#judge(answer)
    } catch (err) {
      return this.#failed({ err }, undefined)
    } finally {
      this.#inFlight = false
    }
  }

  /** Learns from an answer what the receiver takes; true when the batch must go again as gzip. */
  #choose({ status, acceptEncoding }: Answer, { encoding }: Batch): boolean {
    if (this.#options.compression !== 'auto' || this.#refusedZstd) return false
    if (status === 415 && encoding === 'zstd') {
      this.#refusedZstd = true
      this.#encoding = 'gzip'
      return true
    }
    if (takesZstd(acceptEncoding)) this.#encoding = 'zstd'
    return false
  }

  #judge(answer: Answer): number | undefined {
    const { status, retryAfter, body } = answer
    if (RETRYABLE.has(status)) {
      const afterMs = parseRetryAfter(retryAfter, this.#options.clock.now())
      return this.#failed({ status, reason: decodeStatus(body) }, afterMs)
    }
    if (this.#failures > 0) this.#options.log.info({ url: this.shownUrl }, 'push works again')
    this.#failures = 0
    this.#queueBytes -= this.#queue.shift()!.body.length
    if (status >= 200 && status < 300) {
      this.#stored += 1
      this.#countPartial(body)
    } else {
      this.#rejected += 1
      this.#warn({ status, reason: decodeStatus(body) }, 'push rejected, batch lost')
    }
    return undefined
  }

  #countPartial(body: Buffer): void {
    const partial = readPartial(body)
    if (partial === undefined || partial.rejectedPoints === 0) return
    this.#rejectedPoints += partial.rejectedPoints
    const { rejectedPoints: points, message: reason } = partial
    this.#warn({ points, reason }, 'push stored in part, points lost')
  }

  #failed(fields: Readonly<Record<string, unknown>>, retryAfterMs: number | undefined): number {
    this.#failures += 1
    this.#retries += 1
    this.#warn({ ...fields, queueBytes: this.#queueBytes }, 'push failed, trying again')
    return backoffMs(this.#failures, retryAfterMs, this.#options.random)
  }

  #warn(fields: Readonly<Record<string, unknown>>, message: string): void {
    const all = { url: this.shownUrl, ...fields }
    this.#warnings.warn(message, all, message, this.#options.clock.now())
  }
}

/** An answer of 2xx means stored, whatever its body. */
function readPartial(body: Buffer): PartialSuccess | undefined {
  try {
    return decodeResponse(body)
  } catch {
    return undefined
  }
}
