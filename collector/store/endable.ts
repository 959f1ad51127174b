/** Statements that end when nobody waits for their answer any more. */
import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { StoreError } from './store-error.ts'

/** It may not have begun when it is to end: it is told again and again. */
const AGAIN_MS = 100
const TRIES = 50

export interface Endable {
  readonly signal: AbortSignal | undefined
  /** Runs a statement of our own beside the one that is to end. */
  readonly command: (sql: string) => Promise<unknown>
}

/**
 * `run` gets the settings by which the engine knows the statement. It is over when the engine is done with it,
 * and not before, so that what it ran in is free again. Throws StoreError where it is given up already.
 */
export async function runEndable<T>(
  { signal, command }: Endable,
  run: (settings: readonly string[]) => Promise<T>,
): Promise<T> {
  if (signal === undefined) return run([])
  if (signal.aborted) {
    throw new StoreError('ERR_STORE_QUERY', 'query was given up', { cause: signal.reason })
  }
  const mark = `candor-${randomUUID()}`
  let isOver = false
  const end = async () => {
    for (let i = 0; i < TRIES; i++) {
      if (isOver) return
      await command(`KILL QUERY WHERE Settings['log_comment'] = '${mark}' ASYNC`)
      await wait(AGAIN_MS)
    }
  }
  // Who may not end it leaves it to its limit of time.
  const stop = () => void end().catch(() => {})
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await run([`log_comment = '${mark}'`])
  } finally {
    isOver = true
    signal.removeEventListener('abort', stop)
  }
}
