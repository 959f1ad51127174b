/** Errors as Prometheus tells them: a kind that programs know, a status, and a message for people. */
import { QueryError, type QueryErrorKind } from '../../query/query-error.ts'
import { StoreError } from '../../store/store-error.ts'

export interface Refusal {
  readonly status: number
  readonly errorType: QueryErrorKind | 'internal' | 'not_found' | 'unavailable'
  readonly error: string
}

const STATUS: Readonly<Record<QueryErrorKind, number>> = {
  bad_data: 400,
  execution: 422,
  canceled: 499,
  timeout: 503,
}

/** What went wrong in here is for the log alone, which `isOurs` says. */
export function refusalOf(error: unknown): Refusal & { readonly isOurs: boolean } {
  if (error instanceof QueryError) {
    const { kind, message } = error
    return { status: STATUS[kind], errorType: kind, error: message, isOurs: false }
  }
  if (error instanceof StoreError && error.code === 'ERR_OVERLOADED') {
    return { status: 503, errorType: 'unavailable', error: error.message, isOurs: false }
  }
  const hidden = 'the query failed; the log of the collector has the reason'
  return { status: 500, errorType: 'internal', error: hidden, isOurs: true }
}
