/**
 * One file of a spool: records that are only ever appended. What is read of it is what its checksums
 * vouch for; what follows the last whole record is cut, be it torn or damaged, since nothing says
 * where the next record would begin.
 */
import type { Batch, SpoolDropReason } from './batch.ts'
import type { Clock } from './clock.ts'
import type { Disk } from './disk.ts'
import {
  decodeHead,
  decodeHeader,
  DONE,
  encodeHead,
  encodeHeader,
  HEADER_BYTES,
  isWhole,
  MARK_AT,
  RECORD_HEAD_BYTES,
  type SegmentHeader,
} from './record.ts'

/** Where a record begins. */
export interface Ref {
  readonly segment: Segment
  readonly offset: number
}

/** A block of most file systems. */
const PROBE_BYTES = 4_096

export class Segment {
  readonly #disk: Disk
  readonly name: string
  readonly header: SegmentHeader
  /** Up to the end of the last whole record. */
  bytes: number
  /** Where records that wait begin, ascending. */
  readonly waiting: number[] = []
  /** Records that somebody has in memory, and will be done or wait again. */
  held = 0
  /** Why it is no longer there, although somebody holds a record of it. */
  dropped: SpoolDropReason | undefined
  /** Open for as long as records are appended. */
  #file: number | undefined
  #syncing: Promise<void> = Promise.resolve()
  #isSynced = true

  private constructor(disk: Disk, name: string, header: SegmentHeader, bytes: number) {
    this.#disk = disk
    this.name = name
    this.header = header
    this.bytes = bytes
  }

  /** A new one. When it throws, an empty file may be there. */
  static create(disk: Disk, name: string, header: SegmentHeader): Segment {
    const segment = new Segment(disk, name, header, HEADER_BYTES)
    const file = disk.create(name)
    try {
      disk.write(file, [encodeHeader(header)], 0)
    } catch (error) {
      disk.close(file)
      throw error
    }
    segment.#file = file
    segment.#isSynced = false
    return segment
  }

  /**
   * What another process left, and how many bytes were cut off; undefined where it is no segment. Reads
   * the heads of records only.
   */
  static open(disk: Disk, name: string): { segment: Segment | undefined; cutBytes: number } {
    const file = disk.open(name)
    try {
      const size = disk.size(file)
      const window = Buffer.allocUnsafe(RECORD_HEAD_BYTES)
      const at = (position: number) => window.subarray(0, disk.read(file, window, position))
      const header = decodeHeader(at(0))
      if (header === undefined) return { segment: undefined, cutBytes: size }
      const segment = new Segment(disk, name, header, HEADER_BYTES)
      while (segment.bytes < size) {
        const head = decodeHead(at(segment.bytes))
        if (head === undefined) break
        const end = segment.bytes + head.headBytes + head.bodyBytes
        if (end > size) break
        if (!head.isDone) segment.waiting.push(segment.bytes)
        segment.bytes = end
      }
      const cutBytes = size - segment.bytes
      if (cutBytes > 0) disk.truncate(file, segment.bytes)
      return { segment, cutBytes }
    } finally {
      disk.close(file)
    }
  }

  get isSealed(): boolean {
    return this.#file === undefined
  }

  /** Nothing in it will ever be sent again. */
  get isSpent(): boolean {
    return this.isSealed && this.held === 0 && this.waiting.length === 0
  }

  /** Since it was begun: by what nobody sets, as long as the machine has not booted since. */
  ageMs(clock: Clock, bootId: string): number {
    const { timeMs, bootUs, bootId: begunIn } = this.header
    return begunIn === bootId && bootId !== ''
      ? (clock.bootUs() - bootUs) / 1_000
      : clock.now() - timeMs
  }

  /** Appends and holds; when it throws, nothing was appended. */
  append(batch: Batch): Ref {
    const head = encodeHead(batch)
    const offset = this.bytes
    const file = this.#file!
    try {
      this.#disk.write(file, [head, batch.body], offset)
    } catch (error) {
      this.#cutTo(offset)
      throw error
    }
    this.bytes += head.length + batch.body.length
    this.held += 1
    this.#isSynced = false
    return { segment: this, offset }
  }

  /** Throws while the disk takes nothing. */
  probe(): void {
    try {
      this.#disk.write(this.#file!, [Buffer.alloc(PROBE_BYTES)], this.bytes)
    } finally {
      this.#cutTo(this.bytes)
    }
  }

  /** The next record is written over what stays, should this fail too. */
  #cutTo(bytes: number): void {
    try {
      this.#disk.truncate(this.#file!, bytes)
    } catch {
      // The first failure is the one to tell of.
    }
  }

  /** Holds the record and gives it; undefined where it is damaged. Throws when it cannot be read. */
  read(offset: number): Batch | undefined {
    const file = this.#file ?? this.#disk.open(this.name)
    try {
      const window = Buffer.allocUnsafe(RECORD_HEAD_BYTES)
      const head = decodeHead(window.subarray(0, this.#disk.read(file, window, offset)))
      if (head === undefined || offset + head.headBytes + head.bodyBytes > this.bytes) {
        return undefined
      }
      const body = Buffer.allocUnsafeSlow(head.bodyBytes)
      const length = this.#disk.read(file, body, offset + head.headBytes)
      if (length < body.length || !isWhole(head, body)) return undefined
      const { id, timeMs, encoding } = head
      return { id, timeMs, encoding, body, ref: { segment: this, offset } }
    } finally {
      if (this.#file === undefined) this.#disk.close(file)
    }
  }

  /** A record that is held is never given again, also after a restart. Throws when that is not sure. */
  markDone(offset: number): void {
    const file = this.#file ?? this.#disk.open(this.name)
    try {
      this.#disk.write(file, [DONE], offset + MARK_AT)
      this.#isSynced = false
    } finally {
      if (this.#file === undefined) this.#disk.close(file)
    }
  }

  /** A record that is held waits again, in its place. */
  putBack(offset: number): void {
    this.held -= 1
    const after = this.waiting.findIndex((each) => each > offset)
    this.waiting.splice(after === -1 ? this.waiting.length : after, 0, offset)
  }

  /** Resolves when what was appended is on the disk; rejects when that is not sure. */
  async sync(): Promise<void> {
    const file = this.#file
    if (file === undefined || this.#isSynced) return this.#syncing
    this.#isSynced = true
    const before = this.#syncing
    const syncing = before.catch(() => {}).then(() => this.#disk.sync(file))
    this.#syncing = syncing
    await syncing
  }

  /** Appends no more. */
  seal(): void {
    const file = this.#file
    if (file === undefined) return
    this.#file = undefined
    const close = () => this.#disk.close(file)
    this.#syncing.then(close, close)
  }
}
