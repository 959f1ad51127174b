/**
 * Which of many devices are read in this pass, where reading all of them each pass would cost too
 * much: each is read once a minute, a few each pass, and a new one at once. Where a pass cannot take
 * its share of them, a round takes longer.
 */
const ROUND_MS = 60_000
/** Most that one pass reads: 20 files a device, 10 to 20 µs each, are 25 ms. */
const MOST = 64

export class Rotation {
  /** In the order in which they are due; the last was read last. */
  #queue = new Set<string>()
  #passMs: number | undefined
  /** Of a device whose turn is not quite come. */
  #left = 0

  /** Names to be read now, of all that there are. */
  due(names: readonly string[], timeMs: number): readonly string[] {
    const present = new Set(names)
    const added = names.filter((name) => !this.#queue.has(name))
    const share = this.#share(names.length, timeMs)
    const known = [...this.#queue].filter((name) => present.has(name))
    const due = [...added, ...known.slice(0, share)].slice(0, MOST)
    const read = new Set(due)
    this.#queue = new Set([...known.filter((name) => !read.has(name)), ...due])
    return due
  }

  /** How many of them a pass at this time takes; what is less than one is left to the next. */
  #share(count: number, timeMs: number): number {
    const share = this.#left + (count * this.#elapsed(timeMs)) / ROUND_MS
    this.#left = share % 1
    return Math.floor(share)
  }

  /** Since the pass before, of at most a round; the clock may have been set back. */
  #elapsed(timeMs: number): number {
    const since = timeMs - (this.#passMs ?? timeMs)
    this.#passMs = timeMs
    return Math.min(Math.max(0, since), ROUND_MS)
  }
}
