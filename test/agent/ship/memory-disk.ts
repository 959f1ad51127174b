/**
 * A disk in memory that tests fill up, break, and cut the power of: what was written and not forced to
 * it is then there, torn or gone.
 */
import type { Disk } from '../../../agent/ship/disk.ts'
import { SpoolError } from '../../../agent/ship/spool-error.ts'

interface File {
  bytes: Buffer
  /** What a power cut leaves for sure. */
  forced: Buffer
}

const failure = (code: string) => Object.assign(new Error(`${code}: by the test`), { code })

export class MemoryDisk {
  readonly files = new Map<string, File>()
  /** Bytes of all files that it has room for. */
  capacity = Number.POSITIVE_INFINITY
  /** Operations that fail. */
  readonly broken = new Set<'read' | 'write' | 'sync' | 'remove'>()
  bytesRead = 0
  #holder: Handle | undefined

  get bytes(): number {
    return [...this.files.values()].reduce((sum, { bytes }) => sum + bytes.length, 0)
  }

  get isHealthy(): boolean {
    return this.capacity === Number.POSITIVE_INFINITY && this.broken.size === 0
  }

  /** For one process at a time. */
  take(): Disk {
    if (this.#holder !== undefined) throw new SpoolError('ERR_SPOOL_LOCKED', 'in use')
    this.#holder = new Handle(this, () => {
      this.#holder = undefined
    })
    return this.#holder
  }

  /** The process that has it ends where it stands. */
  kill(): void {
    this.#holder?.kill()
    this.#holder = undefined
  }

  /** Blocks of what was not forced are old, new or zeros; files end anywhere between old and new. */
  powerCut(random: () => number): void {
    this.kill()
    for (const file of this.files.values()) {
      const { bytes, forced } = file
      const more = Math.floor(random() * (bytes.length - forced.length + 1))
      const left = Buffer.alloc(Math.max(0, forced.length + more))
      forced.copy(left)
      for (let at = 0; at < left.length; at += 64) {
        const end = Math.min(at + 64, left.length)
        if (random() < 0.7) bytes.copy(left, at, at, end)
      }
      file.bytes = left
      file.forced = Buffer.from(left)
    }
  }
}

class Handle implements Disk {
  readonly #disk: MemoryDisk
  readonly #left: () => void
  readonly #open = new Map<number, File>()
  #next = 3
  #isDead = false

  constructor(disk: MemoryDisk, left: () => void) {
    this.#disk = disk
    this.#left = left
  }

  kill(): void {
    this.#isDead = true
  }

  #check(operation?: 'read' | 'write' | 'sync' | 'remove'): void {
    if (this.#isDead) throw new Error('the process is dead')
    if (operation !== undefined && this.#disk.broken.has(operation)) throw failure('EIO')
  }

  #file(file: number): File {
    const found = this.#open.get(file)
    if (found === undefined) throw failure('EBADF')
    return found
  }

  list(): string[] {
    this.#check('read')
    return [...this.#disk.files.keys()]
  }

  create(name: string): number {
    this.#check('write')
    if (this.#disk.files.has(name)) throw failure('EEXIST')
    if (this.#disk.bytes >= this.#disk.capacity) throw failure('ENOSPC')
    this.#disk.files.set(name, { bytes: Buffer.alloc(0), forced: Buffer.alloc(0) })
    return this.open(name)
  }

  open(name: string): number {
    this.#check()
    const file = this.#disk.files.get(name)
    if (file === undefined) throw failure('ENOENT')
    this.#open.set(this.#next, file)
    return this.#next++
  }

  size(file: number): number {
    this.#check()
    return this.#file(file).bytes.length
  }

  read(file: number, into: Buffer, position: number): number {
    this.#check('read')
    const length = this.#file(file).bytes.copy(into, 0, position)
    this.#disk.bytesRead += length
    return length
  }

  write(file: number, parts: readonly Buffer[], position: number): void {
    this.#check('write')
    const target = this.#file(file)
    const data = Buffer.concat(parts)
    const grows = Math.max(0, position + data.length - target.bytes.length)
    const room = Math.max(0, this.#disk.capacity - this.#disk.bytes)
    const taken = grows > room ? data.subarray(0, data.length - (grows - room)) : data
    const end = Math.max(target.bytes.length, position + taken.length)
    const bytes = Buffer.alloc(end)
    target.bytes.copy(bytes)
    taken.copy(bytes, position)
    target.bytes = bytes
    if (taken.length < data.length) throw failure('ENOSPC')
  }

  truncate(file: number, bytes: number): void {
    this.#check('write')
    const target = this.#file(file)
    target.bytes = Buffer.from(target.bytes.subarray(0, bytes))
    target.forced = Buffer.from(target.forced.subarray(0, bytes))
  }

  async sync(file: number): Promise<void> {
    this.#check('sync')
    const target = this.#file(file)
    target.forced = Buffer.from(target.bytes)
  }

  remove(name: string): void {
    this.#check('remove')
    if (!this.#disk.files.delete(name)) throw failure('ENOENT')
  }

  close(file: number): void {
    if (!this.#open.delete(file)) throw failure('EBADF')
  }

  leave(): void {
    this.#check()
    this.#isDead = true
    this.#left()
  }
}
