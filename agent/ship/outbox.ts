/**
 * What is to be sent, and in which order: live batches, those of this process that were not tried yet,
 * and the backlog. What is live goes first; the backlog takes half of the time at most, so that a
 * receiver that comes back is not run over, and gets every fourth request at least, so that it ends.
 */
import { limits } from '../../catalog/limit.ts'
import type { Log } from '../../settings/log.ts'
import { Backlog } from './backlog.ts'
import type { Batch } from './batch.ts'
import type { Clock } from './clock.ts'
import type { LateSpool } from './late-spool.ts'

/** `oldest-first` is for receivers that refuse what is older than what they have. */
export const ORDERS = ['live-first', 'oldest-first'] as const
export type Order = (typeof ORDERS)[number]

export interface OutboxOptions {
  readonly order: Order
  /** Closed with this. Absent: the backlog is in memory. */
  readonly spool: LateSpool | undefined
  /** Of all that is in memory. */
  readonly queueBytes: number
  readonly clock: Clock
  readonly log: Log
  /** Makes a batch as small as it gets. */
  readonly pack: (batch: Batch) => Promise<void>
}

interface Live {
  readonly batch: Batch
  /** Packed, and on the disk where that comes first. */
  isReady: boolean
  /** Resolves when it is. */
  readonly ready: Promise<void>
}

/** A batch that is on its way: it may arrive, so it cannot be dropped. */
interface Sending {
  readonly batch: Batch
  readonly isLate: boolean
  readonly startUs: number
}

/** A batch of the backlog that fails so often, while others are stored, waits for all others. */
const STUCK = 3
/** So many live batches in a row, while others wait in the backlog. */
const IN_A_ROW = 3

export class Outbox {
  readonly #options: OutboxOptions
  readonly #live: Live[] = []
  readonly #backlog: Backlog
  #sending: Sending | undefined
  /** The backlog has had its share until then. */
  #backlogAtUs = 0
  /** Live batches since the last of the backlog. */
  #inARow = 0
  #stored = 0
  /** Of the backlog: what failed last, how often, and how many were stored by then. */
  #stuck = { id: '', times: 0, stored: 0 }
  /** Aborted when there is something new to be looked at. */
  #arrival = new AbortController()
  readonly #stopping = new AbortController()
  /** Batches that `queueBytes` had no room for. */
  dropped = 0

  constructor(options: OutboxOptions) {
    this.#options = options
    this.#backlog = new Backlog(options.spool, options.clock, options.log)
  }

  /** In memory. */
  get bytes(): number {
    return this.#liveBytes + (this.#sending?.batch.body.length ?? 0) + this.#backlog.memoryBytes
  }

  /** Whether the disk takes batches; undefined without a spool. */
  get isWritable(): boolean | undefined {
    return this.#backlog.isWritable
  }

  add(batches: readonly Batch[]): void {
    this.#backlog.probe()
    for (const batch of batches) {
      const ready = this.#prepare(batch)
      const live: Live = { batch, isReady: false, ready }
      this.#live.push(live)
      void ready.then(() => {
        live.isReady = true
        this.#shorten()
      })
      void this.#keepLater(live)
    }
    this.#shorten()
    this.#arrival.abort()
  }

  /**
   * What to send now; it is settled by `done` or `failed` before the next is asked for. Undefined when
   * this stops and nothing more is to be tried.
   */
  async next(): Promise<Batch | undefined> {
    for (;;) {
      if (this.#arrival.signal.aborted) this.#arrival = new AbortController()
      const [live] = this.#live
      if (live !== undefined && !this.#isTurnOfBacklog()) {
        await live.ready
        if (this.#live[0] !== live) continue
        this.#live.shift()
        return this.#begin(live.batch, false)
      }
      // What is on the disk can wait for the next start.
      if (this.#stopping.signal.aborted) return this.#begin(this.#backlog.takeFromMemory(), true)
      const pauseMs = this.#pauseMs()
      if (pauseMs <= 0) {
        const batch = this.#backlog.take()
        if (batch !== undefined) return this.#begin(batch, true)
      }
      await this.#rest(pauseMs <= 0 ? limits.spoolKeepMs.value : pauseMs)
    }
  }

  /** What was sent has its fate. */
  done(isStored: boolean): void {
    const { batch } = this.#end()
    this.#backlog.done(batch)
    if (isStored) this.#stored += 1
  }

  /** What was sent must be sent again. */
  failed(): void {
    const { batch, isLate } = this.#end()
    if (!isLate) this.#backlog.put(batch)
    else if (this.#isStuck(batch)) this.#backlog.putAside(batch)
    else this.#backlog.putBack(batch)
    this.#shorten()
  }

  /** From now on only what would be lost is given out. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#arrival.abort()
    await Promise.all(this.#live.map(({ ready }) => ready))
    // Whoever stops this process may lose patience.
    for (const { batch } of this.#live) this.#backlog.keep(batch)
    if (this.#sending !== undefined) this.#backlog.keep(this.#sending.batch)
  }

  /** After the last `next`: how many batches are in memory alone, and lost with it. */
  async close(): Promise<number> {
    for (const { batch } of this.#live.splice(0)) this.#backlog.put(batch)
    return this.#backlog.close()
  }

  get #liveBytes(): number {
    return this.#live.reduce((sum, { batch }) => sum + batch.body.length, 0)
  }

  async #prepare(batch: Batch): Promise<void> {
    try {
      await this.#options.pack(batch)
    } catch {
      // For lack of memory, say: it goes as it is.
    }
    if (this.#options.spool?.policy !== 'always') return
    this.#backlog.keep(batch)
    await this.#backlog.sync()
  }

  /** What is not stored after a moment is written: a process that is killed loses no more than that. */
  async #keepLater({ batch, ready }: Live): Promise<void> {
    const { spool, clock } = this.#options
    if (spool === undefined || spool.policy === 'always') return
    await clock.wait(limits.spoolKeepMs.value, this.#stopping.signal)
    await ready
    const isHere = this.#sending?.batch === batch || this.#live.some((each) => each.batch === batch)
    if (isHere) this.#backlog.keep(batch)
  }

  /** Holds the bounds of what is in memory. */
  #shorten(): void {
    const { spool, queueBytes } = this.#options
    const liveBytes = spool === undefined ? queueBytes : limits.pushLiveBytes.value
    // A body that is being packed is still changing.
    while (this.#liveBytes > liveBytes && this.#live[0]?.isReady === true) {
      this.#backlog.put(this.#live.shift()!.batch)
    }
    while (this.bytes > queueBytes) {
      const oldest = this.#backlog.takeFromMemory() ?? this.#live.shift()?.batch
      if (oldest === undefined) return
      if (oldest.ref === undefined) this.dropped += 1
      else this.#backlog.put(oldest)
    }
  }

  #isTurnOfBacklog(): boolean {
    if (!this.#backlog.isWaiting) return false
    if (this.#options.order === 'oldest-first') return true
    return this.#inARow >= IN_A_ROW && this.#pauseMs() <= 0 && !this.#stopping.signal.aborted
  }

  /** ms until the backlog may go on; Infinity when nothing waits there. */
  #pauseMs(): number {
    const { order, clock } = this.#options
    if (!this.#backlog.isWaiting) return Number.POSITIVE_INFINITY
    return order === 'oldest-first' ? 0 : (this.#backlogAtUs - clock.bootUs()) / 1_000
  }

  async #rest(ms: number): Promise<void> {
    const { signal } = this.#arrival
    if (ms < Number.POSITIVE_INFINITY) return this.#options.clock.wait(ms, signal)
    if (signal.aborted) return
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  }

  #begin(batch: Batch | undefined, isLate: boolean): Batch | undefined {
    const startUs = this.#options.clock.bootUs()
    this.#sending = batch && { batch, isLate, startUs }
    this.#inARow = isLate ? 0 : this.#inARow + 1
    return batch
  }

  #end(): Sending {
    const sending = this.#sending!
    const nowUs = this.#options.clock.bootUs()
    if (sending.isLate) this.#backlogAtUs = nowUs + (nowUs - sending.startUs)
    this.#sending = undefined
    return sending
  }

  #isStuck({ id }: Batch): boolean {
    const { id: last, times, stored } = this.#stuck
    const isAgain = id === last && this.#stored > stored
    const count = isAgain ? times + 1 : id === last ? times : 1
    this.#stuck = { id, times: count, stored: this.#stored }
    return count >= STUCK
  }
}
