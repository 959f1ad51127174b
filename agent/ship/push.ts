/**
 * Ships batches to a collector, or to any receiver of OTLP/HTTP, one request at a time. `offer` never
 * waits, so a pass is never held up by a slow network. docs/delivery.md says what is guaranteed.
 *
 *   offered ─► live ──► sent ──► stored     2xx; points that the receiver rejected are counted
 *               │       ▲  │ ├─► rejected   any other answer: sending it again would change nothing
 *      too many │       │  │ └─► repacked   415 to zstd that was our own choice: gzip from now on
 *               ▼       │  ▼ no answer, 408, 429, 502, 503, 504
 *               backlog ┴──┘               in the spool, or in memory; dropped beyond a bound
 */
import { limits } from '../../catalog/limit.ts'
import { type Log, RepeatedWarnings } from '../../settings/log.ts'
import { backoffMs } from './backoff.ts'
import { type DropReason, sequenceFrom } from './batch.ts'
import { type Clock, realClock } from './clock.ts'
import type { Compression } from './compress.ts'
import type { Credentials } from './credentials.ts'
import type { LateSpool } from './late-spool.ts'
import { type Order, Outbox } from './outbox.ts'
import { type Outcome, Sender, type SenderOptions } from './sender.ts'
import { noCounts, type SpoolCounts } from './spool-counts.ts'

export interface PushOptions {
  readonly url: string
  readonly compression: Compression
  readonly order?: Order
  /** Machine id and boot id: what batch ids begin with. */
  readonly sender: string
  readonly userAgent: string
  readonly credentials?: Credentials
  readonly log: Log
  /** Closed when this stops. Absent: what cannot be sent waits in memory. */
  readonly spool?: LateSpool | undefined
  readonly clock?: Clock
  readonly random?: () => number
  readonly timeoutMs?: number
  readonly connect?: NonNullable<SenderOptions['connect']>
  readonly queueBytes?: number
}

export interface PushStats {
  readonly stored: number
  readonly rejected: number
  readonly rejectedPoints: number
  readonly retries: number
  readonly dropped: Readonly<Record<DropReason, number>>
  /** In memory. */
  readonly queueBytes: number
  /** Absent without a spool. */
  readonly spool?: SpoolStats
}

export interface SpoolStats extends Pick<SpoolCounts, 'written' | 'cutBytes' | 'errors'> {
  readonly bytes: number
  readonly batches: number
  /** Unix ms before which nothing waits; undefined where nothing does. */
  readonly oldestMs: number | undefined
  readonly isWritable: boolean
}

export class Push {
  readonly #options: PushOptions & Required<Pick<PushOptions, 'clock' | 'random'>>
  readonly #warnings: RepeatedWarnings
  readonly #nextNumber: () => number
  readonly #sender: Sender
  readonly #outbox: Outbox
  #stored = 0
  #rejected = 0
  #rejectedPoints = 0
  #retries = 0
  #lost = 0
  #failures = 0
  readonly #stopping = new AbortController()
  readonly #running: Promise<void>

  constructor(options: PushOptions) {
    this.#options = { clock: realClock, random: Math.random, ...options }
    const { clock, log } = this.#options
    this.#warnings = new RepeatedWarnings(log)
    this.#nextNumber = sequenceFrom(() => clock.bootUs())
    this.#sender = new Sender({ ...options, clock })
    this.#outbox = new Outbox({
      order: options.order ?? 'live-first',
      spool: options.spool,
      queueBytes: options.queueBytes ?? limits.pushQueueBytes.value,
      clock,
      log,
      pack: (batch) => this.#sender.pack(batch),
    })
    this.#running = this.#run()
  }

  /** Without a password that may stand in it. */
  get shownUrl(): string {
    return this.#sender.shownUrl
  }

  get stats(): PushStats {
    const { spool: late } = this.#options
    const counts = late?.counts ?? noCounts()
    return {
      stored: this.#stored,
      rejected: this.#rejected,
      rejectedPoints: this.#rejectedPoints,
      retries: this.#retries,
      dropped: { pushQueueBytes: this.#outbox.dropped, stopped: this.#lost, ...counts.dropped },
      queueBytes: this.#outbox.bytes,
      ...(late !== undefined && {
        spool: {
          written: counts.written,
          cutBytes: counts.cutBytes,
          errors: { ...counts.errors },
          bytes: late.spool?.bytes ?? 0,
          batches: late.spool?.batches ?? 0,
          oldestMs: late.spool?.oldestMs,
          isWritable: this.#outbox.isWritable === true,
        },
      }),
    }
  }

  /** Takes request bodies over; what they displace is counted. */
  offer(bodies: readonly Buffer[]): void {
    if (this.#stopping.signal.aborted) return
    const { sender, clock } = this.#options
    const timeMs = clock.now()
    this.#outbox.add(
      bodies.map((body) => ({
        id: `${sender}/${this.#nextNumber()}`,
        timeMs,
        body,
        encoding: undefined,
      })),
    )
  }

  /** Sends what it can within `withinMs`; the rest stays in the spool, or is dropped and counted. */
  async stop(withinMs: number = limits.pushStopMs.value): Promise<void> {
    this.#stopping.abort()
    const timer = setTimeout(() => this.#sender.giveUp(), withinMs)
    await this.#outbox.stop()
    await this.#running
    clearTimeout(timer)
    const lost = await this.#outbox.close()
    this.#lost += lost
    if (lost > 0) this.#options.log.warn({ batches: lost }, 'push stopped, batches lost')
  }

  async #run(): Promise<void> {
    const { clock, random } = this.#options
    const { signal } = this.#stopping
    for (;;) {
      const batch = await this.#outbox.next()
      if (batch === undefined) break
      const outcome = await this.#sender.send(batch)
      if (outcome.fate !== 'again') {
        this.#outbox.done(outcome.fate === 'stored')
        this.#settle(outcome)
        continue
      }
      this.#outbox.failed()
      this.#failures += 1
      this.#retries += 1
      const { fate: _fate, retryAfterMs, ...fields } = outcome
      const queueBytes = this.#outbox.bytes
      this.#warn({ ...fields, queueBytes }, 'push failed, trying again')
      if (signal.aborted) break
      await clock.wait(backoffMs(this.#failures, retryAfterMs, random), signal)
    }
    await this.#sender.close()
  }

  #settle(outcome: Exclude<Outcome, { fate: 'again' }>): void {
    if (this.#failures > 0) this.#options.log.info({ url: this.shownUrl }, 'push works again')
    this.#failures = 0
    if (outcome.fate === 'rejected') {
      const { status, reason } = outcome
      this.#rejected += 1
      this.#warn({ status, reason }, 'push rejected, batch lost')
      return
    }
    this.#stored += 1
    if (outcome.partial === undefined) return
    const { rejectedPoints: points, message: reason } = outcome.partial
    this.#rejectedPoints += points
    this.#warn({ points, reason }, 'push stored in part, points lost')
  }

  #warn(fields: Readonly<Record<string, unknown>>, message: string): void {
    const all = { url: this.shownUrl, ...fields }
    this.#warnings.warn(message, all, message, this.#options.clock.now())
  }
}
