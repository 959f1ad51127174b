/**
 * Batches on disk: segments in a directory, bounded in bytes, batches and age, the oldest dropped first.
 *
 *   append ──► held ──► done        in memory with whoever appended or took it
 *     take ──►  │  ▲
 *               ▼  │
 *             waiting ──► dropped   with its segment, for a reason that is counted
 *
 * A segment goes when nothing in it will be sent again. A process begins segments of its own and never
 * appends to those of another.
 */
import { limits } from '../../catalog/limit.ts'
import { type Log, RepeatedWarnings } from '../../settings/log.ts'
import type { Batch, SpoolDropReason } from './batch.ts'
import type { Clock } from './clock.ts'
import type { Disk } from './disk.ts'
import { encodeHead, HEADER_BYTES, RECORD_HEAD_BYTES, type SegmentHeader } from './record.ts'
import type { Fsync } from './fsync.ts'
import { type Ref, Segment } from './segment.ts'
import type { SpoolCounts, SpoolOperation } from './spool-counts.ts'
import { Undone } from './undone.ts'

export interface SpoolOptions {
  readonly disk: Disk
  readonly bootId: string
  readonly clock: Clock
  readonly fsync: Fsync
  readonly maxBytes: number
  readonly maxAgeMs: number
  readonly log: Log
}

const NAME = /^(\d{12})\.spool$/
const nameOf = (number: number) => `${String(number).padStart(12, '0')}.spool`
const SEGMENTS = 16
/** Of a segment with one record. */
const OVERHEAD_BYTES = HEADER_BYTES + RECORD_HEAD_BYTES

export class Spool {
  readonly #options: SpoolOptions
  readonly #warnings: RepeatedWarnings
  readonly counts: SpoolCounts
  /** By their numbers; the last one may be appended to. */
  readonly #segments: Segment[] = []
  #next = 1
  #isSyncDue = false
  readonly #undone: Undone
  readonly #closing = new AbortController()

  /** Takes what another process left, and counts. Throws when the directory cannot be read. */
  constructor(options: SpoolOptions, counts: SpoolCounts) {
    this.#options = options
    this.#warnings = new RepeatedWarnings(options.log)
    this.counts = counts
    const { disk, clock } = options
    const acts = { open: this.#adopt, remove: (name: string) => disk.remove(name) }
    this.#undone = new Undone(acts, this.#failed, clock)
    for (const name of disk.list().toSorted()) {
      const number = NAME.exec(name)?.[1]
      if (number === undefined) continue
      this.#next = Number(number) + 1
      this.#undone.try('open', name)
    }
    this.shorten()
    void this.#syncLast()
    const { bytes, batches } = this
    options.log.info({ bytes, batches, cutBytes: counts.cutBytes }, 'spool opened')
  }

  /** Of all segments, what was sent included. */
  get bytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.bytes, 0)
  }

  /** Batches that wait or are held. */
  get batches(): number {
    return this.#segments.reduce((sum, { waiting, held }) => sum + waiting.length + held, 0)
  }

  /** Batches that `take` may give. */
  get waiting(): number {
    return this.#segments.reduce((sum, { waiting }) => sum + waiting.length, 0)
  }

  /** Unix ms before which nothing waits; undefined where nothing does. */
  get oldestMs(): number | undefined {
    return this.#segments.find(({ waiting, held }) => waiting.length + held > 0)?.header.timeMs
  }

  /** One that is larger can never be appended. */
  fits({ body }: Batch): boolean {
    const { maxBytes } = this.#options
    return body.length <= Math.min(limits.spoolRecordBytes.value, maxBytes - OVERHEAD_BYTES)
  }

  /** Appends a batch, which is held then. Throws when the disk does not take it; nothing is there then. */
  append(batch: Batch): Ref {
    const bytes = encodeHead(batch).length + batch.body.length
    const segment = this.#appendable(bytes)
    const ref = segment.append(batch)
    this.counts.written += 1
    this.#syncLater()
    return ref
  }

  /** Throws while the disk takes nothing. */
  probe(): void {
    this.#appendable(0).probe()
  }

  /** Resolves when all that was appended is on the disk, as far as the policy asks for it. */
  async sync(): Promise<void> {
    if (this.#options.fsync === 'never') return
    const last = this.#segments.at(-1)
    try {
      await last?.sync()
    } catch (err) {
      // The kernel forgets what it could not write: a second try would succeed and say nothing.
      this.#failed('sync', err)
      last!.seal()
      this.#removeSpent(last!)
    }
  }

  /** The oldest that waits, which is held then. Throws when it cannot be read now. */
  take(): Batch | undefined {
    for (;;) {
      const segment = this.#segments.find(({ waiting }) => waiting.length > 0)
      const offset = segment?.waiting[0]
      if (segment === undefined || offset === undefined) return undefined
      const batch = this.#read(segment, offset)
      if (segment.dropped !== undefined) continue
      segment.waiting.shift()
      segment.held += 1
      if (batch !== undefined) return batch
      this.counts.dropped.spoolDamaged += 1
      this.done({ segment, offset })
    }
  }

  /** Undefined where there is nothing whole; throws where there may be. */
  #read(segment: Segment, offset: number): Batch | undefined {
    try {
      return segment.read(offset)
    } catch (error) {
      this.#failed('read', error)
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EIO') return undefined
      if (code !== 'ENOENT') throw error
      this.#drop(segment, 'spoolDamaged')
      return undefined
    }
  }

  /** What is held waits again, in its place; false where that is gone. */
  release({ segment, offset }: Ref): boolean {
    if (segment.dropped !== undefined) return false
    segment.putBack(offset)
    return true
  }

  /** What is held is never given again. */
  done({ segment, offset }: Ref): void {
    segment.held -= 1
    if (segment.dropped !== undefined) return
    try {
      segment.markDone(offset)
    } catch (error) {
      // After a restart it is sent once more, and is stored once all the same.
      this.#failed('write', error)
    }
    this.#syncLater()
    this.#removeSpent(segment)
  }

  /** Holds the bounds, as far as the disk allows. */
  shorten(): void {
    this.#undone.again()
    const { maxAgeMs } = this.#options
    for (let oldest = this.#segments[0]; oldest !== undefined; oldest = this.#segments[0]) {
      const isOld = this.#ageMs(oldest) > maxAgeMs + limits.spoolSegmentMs.value
      if (!isOld && this.batches <= limits.spoolBatches.value) return
      this.#drop(oldest, isOld ? 'spoolAge' : 'spoolBatches')
    }
  }

  /** Leaves the directory to others; where it is gone, what waits is lost, and what is held is in memory. */
  async close(isGone = false): Promise<void> {
    this.#closing.abort()
    const lost = isGone ? this.#segments.slice() : []
    for (const segment of lost) this.#drop(segment, 'spoolDamaged')
    await this.sync()
    const last = this.#segments.at(-1)
    last?.seal()
    if (last !== undefined) this.#removeSpent(last)
    this.#options.disk.leave()
  }

  /** A process that was killed may not have got so far. */
  async #syncLast(): Promise<void> {
    const { disk, fsync } = this.#options
    const last = this.#segments.at(-1)
    if (last === undefined || fsync === 'never') return
    try {
      const file = disk.open(last.name)
      await disk.sync(file).finally(() => disk.close(file))
    } catch (error) {
      this.#failed('sync', error)
    }
  }

  readonly #adopt = (name: string): void => {
    const { segment, cutBytes } = Segment.open(this.#options.disk, name)
    this.counts.cutBytes += cutBytes
    if (segment === undefined || segment.isSpent) return this.#undone.try('remove', name)
    this.#segments.push(segment)
    this.#segments.sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** The segment that takes as many bytes more; what must go for it is dropped. */
  #appendable(bytes: number): Segment {
    const { clock, bootId, maxBytes } = this.#options
    const segmentBytes = Math.min(limits.spoolSegmentBytes.value, maxBytes / SEGMENTS)
    const last = this.#segments.at(-1)
    if (last !== undefined && !last.isSealed) {
      const isRoomy = last.bytes === HEADER_BYTES || last.bytes + bytes <= segmentBytes
      if (!isRoomy || this.#ageMs(last) > limits.spoolSegmentMs.value) this.#seal(last)
    }
    while (this.bytes + bytes + HEADER_BYTES > maxBytes && this.#segments[0] !== undefined) {
      this.#drop(this.#segments[0], 'spoolBytes')
    }
    const open = this.#segments.at(-1)
    if (open !== undefined && !open.isSealed) return open
    const segment = this.#create({ timeMs: clock.now(), bootUs: clock.bootUs(), bootId })
    this.#segments.push(segment)
    return segment
  }

  #create(header: SegmentHeader): Segment {
    const name = nameOf(this.#next)
    this.#next += 1
    try {
      return Segment.create(this.#options.disk, name, header)
    } catch (error) {
      this.#undone.try('remove', name)
      throw error
    }
  }

  #seal(segment: Segment): void {
    if (this.#options.fsync !== 'never') {
      segment.sync().catch((error: unknown) => this.#failed('sync', error))
    }
    segment.seal()
    this.#removeSpent(segment)
  }

  #ageMs(segment: Segment): number {
    return segment.ageMs(this.#options.clock, this.#options.bootId)
  }

  #drop(segment: Segment, reason: SpoolDropReason): void {
    const { bytes } = segment
    const batches = segment.waiting.length
    segment.dropped = reason
    segment.waiting.length = 0
    this.counts.dropped[reason] += batches
    this.#remove(segment)
    if (batches > 0) this.#warn({ batches, bytes, reason }, 'spool dropped its oldest batches')
  }

  #removeSpent(segment: Segment): void {
    if (segment.isSpent) this.#remove(segment)
  }

  #remove(segment: Segment): void {
    segment.seal()
    const at = this.#segments.indexOf(segment)
    if (at === -1) return
    this.#segments.splice(at, 1)
    this.#undone.try('remove', segment.name)
  }

  #syncLater(): void {
    const { fsync, clock } = this.#options
    if (fsync !== 'interval' || this.#isSyncDue) return
    this.#isSyncDue = true
    void clock.wait(limits.spoolSyncMs.value, this.#closing.signal).then(() => {
      this.#isSyncDue = false
      return this.sync()
    })
  }

  readonly #failed = (operation: SpoolOperation, err: unknown): void => {
    this.counts.errors[operation] += 1
    this.#warn({ err, operation }, 'spool cannot be used as it should')
  }

  #warn(fields: Readonly<Record<string, unknown>>, message: string): void {
    this.#warnings.warn(message, fields, message, this.#options.clock.now())
  }
}
