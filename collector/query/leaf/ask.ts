/** Questions of a query to the store: with its limits, and with errors in Prometheus' words. */
import { QueryError, TooMuch } from '../query-error.ts'
import type { NativeAnswer } from '../../store/native-answer.ts'
import type { Store, StoreSession } from '../../store/store.ts'
import { StoreError } from '../../store/store-error.ts'
import type { Bound } from './conditions.ts'

export interface QueryLimits {
  /** Samples that one query may hold. */
  readonly maxSamples: number
  readonly maxSeries: number
  /** Unix ms after which the query is no longer worth an answer. */
  readonly timeoutMs: number
  readonly memoryBytes: number
}

export interface Asking {
  readonly store: Pick<Store, 'queryColumns'>
  readonly session: StoreSession
  readonly limits: QueryLimits
  readonly signal?: AbortSignal | undefined
}

/** A time and a value. */
const SAMPLE_BYTES = 16
/** Beside samples: ids, keys and what they are packed in. */
const SLACK_BYTES = 64 << 20

/** One SELECT without SETTINGS, and what it needs of them beside the limits. Throws QueryError. */
export async function ask(
  { store, session, limits, signal }: Asking,
  sql: string,
  { parameters }: Pick<Bound, 'parameters'>,
  more: readonly string[] = [],
): Promise<NativeAnswer> {
  if (signal?.aborted === true) throw endOf(signal)
  const settings = [
    `max_execution_time = ${limits.timeoutMs / 1_000}`,
    `max_memory_usage = ${limits.memoryBytes}`,
    'max_result_rows = 0',
    `max_result_bytes = ${limits.maxSamples * SAMPLE_BYTES + SLACK_BYTES}`,
    ...more,
  ]
  const asked = store.queryColumns(sql, parameters, { session, settings, signal })
  try {
    return await (signal === undefined ? asked : unlessAborted(asked, signal))
  } catch (error) {
    throw queryError(error, limits)
  }
}

/** Nobody waits for what is given up; the store ends it. */
function unlessAborted<T>(asked: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(endOf(signal))
    signal.addEventListener('abort', stop, { once: true })
    asked.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

function endOf({ reason }: AbortSignal): QueryError {
  const isTimeout = reason instanceof DOMException && reason.name === 'TimeoutError'
  return isTimeout
    ? new QueryError('timeout', 'query timed out in query execution', { cause: reason })
    : new QueryError('canceled', 'query was canceled in query execution', { cause: reason })
}

export const tooManySamples = (most: number): QueryError =>
  new QueryError(
    'execution',
    'query processing would load too many samples into memory in query execution',
    { cause: new TooMuch('samples', most) },
  )

export const tooManySeries = (most: number): QueryError =>
  new QueryError('execution', `a selector matches more than ${most} series`, {
    cause: new TooMuch('series', most),
  })

/** Codes of the engine. */
const TIMEOUT_EXCEEDED = 159
const TOO_SLOW = 160
const TOO_MUCH_MEMORY = 241
const TOO_MUCH_RESULT = 396
const BAD_PATTERN = 427

/** Anything that a question throws; what is not the store's fault is said in Prometheus' words. */
function queryError(error: unknown, { maxSamples }: QueryLimits): unknown {
  if (!(error instanceof StoreError)) return error
  const { cause, engineCode } = error
  switch (engineCode) {
    case TIMEOUT_EXCEEDED:
    case TOO_SLOW:
      return new QueryError('timeout', 'query timed out in query execution', { cause })
    case TOO_MUCH_MEMORY:
    case TOO_MUCH_RESULT:
      return tooManySamples(maxSamples)
    case BAD_PATTERN:
      return new QueryError('bad_data', `error parsing regexp: ${reasonOf(cause)}`, { cause })
    default:
      return new QueryError('execution', error.message, { cause: error })
  }
}

/** `…: cannot compile re2: ^(?s:()$, error: missing ): ^(?s:()$. Look at …` */
const reasonOf = (cause: unknown): string =>
  /error: (.*?)(?:\. Look at|$)/s.exec(String(cause))?.[1] ?? 'it is not RE2'
