/**
 * A part of some work that is done in one go. How long it may go on is a matter of the clock, since the
 * rest of the process waits for it; what it costs is the processor's time, since on a busy machine the
 * clock counts that of others too.
 */

const LONGEST_MS = 10
/** A pause after it is this many times as long as what it cost. */
const PAUSE_FACTOR = 9

export class Slice {
  readonly #startMs = performance.now()
  readonly #startCpuMs = cpuMs()

  get isOver(): boolean {
    return performance.now() - this.#startMs > LONGEST_MS
  }

  get spentMs(): number {
    return cpuMs() - this.#startCpuMs
  }

  get pauseMs(): number {
    return this.spentMs * PAUSE_FACTOR
  }
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}
