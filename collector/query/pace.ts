/**
 * Long computations in slices: between two of them other work of the process goes on, and what nobody waits
 * for any more is given up.
 */
import { setImmediate } from 'node:timers/promises'
import { QueryError } from './query-error.ts'

const SLICE_MS = 10

export class Pace {
  readonly signal: AbortSignal | undefined
  #since = performance.now()

  constructor(signal?: AbortSignal) {
    this.signal = signal
  }

  /** Time to wait for `turn`. */
  get isDue(): boolean {
    return performance.now() - this.#since >= SLICE_MS
  }

  async turn(): Promise<void> {
    await setImmediate()
    this.check()
    this.#since = performance.now()
  }

  /** Throws QueryError when the query is to end. */
  check(): void {
    if (this.signal?.aborted === true) throw endOf(this.signal)
  }
}

function endOf({ reason }: AbortSignal): QueryError {
  const isTimeout = reason instanceof DOMException && reason.name === 'TimeoutError'
  return isTimeout
    ? new QueryError('timeout', 'query timed out in expression evaluation', { cause: reason })
    : new QueryError('canceled', 'query was canceled in expression evaluation', { cause: reason })
}
