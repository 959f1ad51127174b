/**
 * Values made from bytes that come again and again: attribute sets, metric names. One entry a slot,
 * and the newest wins, so memory is bounded, nothing has to be evicted, and bytes that were chosen to
 * collide cost a miss and no more. A bound on the bytes of all keys bounds it more tightly: what would
 * exceed it empties the cache.
 */
export class ByteCache<T> {
  readonly #slots: ({ readonly key: Buffer; readonly value: T } | undefined)[]
  readonly #mask: number
  readonly #keyBytes: number
  readonly #limit: number
  /** Of all keys. */
  #bytes = 0

  /** `slots` is a power of two; keys above `keyBytes` are not kept, nor more than `limit` of them. */
  constructor(slots: number, keyBytes: number, limit = Infinity) {
    this.#slots = Array.from({ length: slots }, () => undefined)
    this.#mask = slots - 1
    this.#keyBytes = keyBytes
    this.#limit = limit
  }

  find(bytes: Buffer, start: number, end: number): T | undefined {
    const entry = this.#slots[hash(bytes, start, end) & this.#mask]
    if (entry === undefined || entry.key.length !== end - start) return undefined
    return isSame(entry.key, bytes, start, end) ? entry.value : undefined
  }

  keep(bytes: Buffer, start: number, end: number, value: T): void {
    if (end - start > this.#keyBytes) return
    const slot = hash(bytes, start, end) & this.#mask
    this.#bytes += end - start - (this.#slots[slot]?.key.length ?? 0)
    if (this.#bytes > this.#limit) {
      this.#slots.fill(undefined)
      this.#bytes = end - start
    }
    this.#slots[slot] = { key: Buffer.from(bytes.subarray(start, end)), value }
  }
}

/** A call out of JavaScript costs more than comparing what names usually are. */
const SHORT_BYTES = 128

/** Whether a key is what stands between two positions. */
export function isSame(key: Buffer, bytes: Buffer, start: number, end: number): boolean {
  if (key.length > SHORT_BYTES) return bytes.compare(key, 0, key.length, start, end) === 0
  for (let i = 0; i < key.length; i++) if (key[i] !== bytes[start + i]) return false
  return true
}

/** FNV-1a, 32 bits. */
export function hash(bytes: Buffer, start: number, end: number): number {
  let h = 0x811c9dc5
  for (let i = start; i < end; i++) h = Math.imul(h ^ bytes[i]!, 0x01000193)
  return h ^ (h >>> 15)
}
