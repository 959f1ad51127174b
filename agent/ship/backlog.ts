/**
 * Batches that could not be sent when they were made: in the spool where there is one, and in memory
 * where there is none, or while its disk takes nothing. What is in memory is newer than what is on the
 * disk, and goes there first when the disk takes something again.
 */
import { type Log, RepeatedWarnings } from '../../settings/log.ts'
import type { Batch } from './batch.ts'
import type { Clock } from './clock.ts'
import type { LateSpool } from './late-spool.ts'
import type { Ref } from './segment.ts'
import type { Spool } from './spool.ts'

export class Backlog {
  readonly #late: LateSpool | undefined
  readonly #clock: Clock
  readonly #log: Log
  readonly #warnings: RepeatedWarnings
  /** What is on no disk, oldest first. */
  readonly #memory: Batch[] = []
  #memoryBytes = 0
  /** On the disk, and left out until nothing else waits. */
  readonly #aside: Ref[] = []
  /** The disk took the last batch. */
  #isWritable = true

  constructor(late: LateSpool | undefined, clock: Clock, log: Log) {
    this.#late = late
    this.#clock = clock
    this.#log = log
    this.#warnings = new RepeatedWarnings(log)
  }

  /** Of what is in memory. */
  get memoryBytes(): number {
    return this.#memoryBytes
  }

  /** Whether the disk takes batches; undefined where there is none. */
  get isWritable(): boolean | undefined {
    if (this.#late === undefined) return undefined
    return this.#late.spool !== undefined && this.#isWritable
  }

  /** Whether `take` may give one. */
  get isWaiting(): boolean {
    const onDisk = (this.#late?.spool?.waiting ?? 0) + this.#aside.length
    return this.#memory.length + onDisk > 0
  }

  /** Writes a batch that its holder goes on holding; false where that failed. */
  keep(batch: Batch): boolean {
    this.#detach(batch)
    if (batch.ref !== undefined) return true
    const spool = this.#late?.spool
    if (spool === undefined || !spool.fits(batch)) return false
    return this.#try(() => {
      batch.ref = spool.append(batch)
    })
  }

  /** Sees whether a disk that failed works again. */
  probe(): void {
    const spool = this.#late?.spool
    if (spool === undefined) return
    if (!this.#isWritable) this.#try(() => spool.probe())
    this.drain()
  }

  #try(write: () => void): boolean {
    try {
      write()
    } catch (err) {
      this.#late!.counts.errors.write += 1
      this.#isWritable = false
      const message = 'spool cannot be written, batches wait in memory'
      this.#warnings.warn('write', { err }, message, this.#clock.now())
      if ((err as NodeJS.ErrnoException).code === 'ENOENT') this.#late!.lost()
      return false
    }
    if (!this.#isWritable) this.#log.info({}, 'spool takes batches again')
    this.#isWritable = true
    return true
  }

  /** Resolves when what was kept is on the disk, as far as the policy asks for it. */
  async sync(): Promise<void> {
    await this.#late?.spool?.sync()
  }

  /** Takes a batch over: the newest there is. */
  put(batch: Batch): void {
    this.#detach(batch)
    if (batch.ref === undefined) {
      this.#memory.push(batch)
      this.#memoryBytes += batch.body.length
    } else {
      this.#release(batch.ref)
    }
    this.drain()
  }

  /** The oldest, which belongs to the caller then. */
  take(): Batch | undefined {
    this.drain()
    try {
      const batch = this.#late?.spool?.take()
      if (batch !== undefined) return batch
    } catch {
      // The spool has counted it and says it again when it is asked again.
    }
    const newer = this.takeFromMemory()
    if (newer === undefined) for (const ref of this.#aside.splice(0)) this.#release(ref)
    return newer
  }

  takeFromMemory(): Batch | undefined {
    const batch = this.#memory.shift()
    this.#memoryBytes -= batch?.body.length ?? 0
    return batch
  }

  /** A batch that was taken comes back to its place. */
  putBack(batch: Batch): void {
    this.#detach(batch)
    if (batch.ref !== undefined) return this.#release(batch.ref)
    this.#memory.unshift(batch)
    this.#memoryBytes += batch.body.length
  }

  /** A batch that was taken comes back behind all others. */
  putAside(batch: Batch): void {
    this.#detach(batch)
    if (batch.ref === undefined) this.put(batch)
    else this.#aside.push(batch.ref)
  }

  /** The batch will not be sent again. */
  done({ ref }: Batch): void {
    if (ref !== undefined) this.#late?.spool?.done(ref)
  }

  /** Moves what is in memory to the disk, as much as that takes, and holds the bounds of the spool. */
  drain(): void {
    const spool = this.#late?.spool
    if (spool === undefined) return
    spool.shorten()
    for (let batch = this.#memory[0]; batch !== undefined; batch = this.#memory[0]) {
      if (!spool.fits(batch)) spool.counts.dropped.spoolBytes += 1
      else if (!this.keep(batch)) return
      this.takeFromMemory()
      if (batch.ref !== undefined) this.#release(batch.ref)
    }
  }

  /** How many batches were in memory alone; the disk is left to others. */
  async close(): Promise<number> {
    this.drain()
    const lost = this.#memory.splice(0)
    this.#memoryBytes = 0
    for (const ref of this.#aside.splice(0)) this.#release(ref)
    await this.#late?.close()
    return lost.length
  }

  /** Its file is gone, and all of it is in memory still. */
  #detach(batch: Batch): void {
    if (batch.ref?.segment.dropped === 'spoolDamaged') delete batch.ref
  }

  #release(ref: Ref): void {
    const spool: Spool | undefined = this.#late?.spool
    const { dropped } = ref.segment
    if (spool !== undefined && !spool.release(ref) && dropped !== undefined) {
      spool.counts.dropped[dropped] += 1
    }
  }
}
