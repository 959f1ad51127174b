/**
 * Memory of plain bodies, which are many times larger than compressed ones. Where a scraper takes
 * them, each pass would need as much anew, and the collector of garbage would stop everything else to
 * get the old back: blocks of a body that nobody reads any more are used for the next one instead.
 */

/** As much as one write to a socket. */
const BLOCK_BYTES = 64 << 10

export class Blocks {
  #free: Buffer[] = []

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES)
  }

  giveBack(blocks: readonly Buffer[]): void {
    this.#free.push(...blocks)
  }

  /** Nobody asks for plain bodies any more. */
  forget(): void {
    this.#free = []
  }
}
