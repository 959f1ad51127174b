/** Why a request is refused, and what that is in HTTP and in google.rpc.Status. */
import type { ErrorCode } from '../../catalog/error.ts'
import { type AccessCode, AccessError } from '../access/access-error.ts'
import { MalformedMessage } from '../../wire/protobuf.ts'
import { StoreError } from '../store/store-error.ts'
import {
  INVALID_ARGUMENT,
  PERMISSION_DENIED,
  RESOURCE_EXHAUSTED,
  UNAUTHENTICATED,
  UNAVAILABLE,
} from '../../wire/otlp-response.ts'

export interface Refusal {
  readonly http: number
  readonly grpc: number
  /** Seconds after which the sender may try again; absent when it must not. */
  readonly retryAfter?: number
}

type Refused = ErrorCode &
  (
    | 'ERR_BODY_MALFORMED'
    | 'ERR_BODY_TYPE'
    | 'ERR_BODY_ENCODING'
    | 'ERR_BODY_TOO_LARGE'
    | 'ERR_OVERLOADED'
    | AccessCode
    | 'ERR_STORE_INSERT'
  )

export const refusals: Readonly<Record<Refused, Refusal>> = {
  ERR_BODY_MALFORMED: { http: 400, grpc: INVALID_ARGUMENT },
  ERR_BODY_TYPE: { http: 415, grpc: INVALID_ARGUMENT },
  ERR_BODY_ENCODING: { http: 415, grpc: INVALID_ARGUMENT },
  ERR_BODY_TOO_LARGE: { http: 413, grpc: INVALID_ARGUMENT },
  ERR_OVERLOADED: { http: 429, grpc: RESOURCE_EXHAUSTED, retryAfter: 1 },
  ERR_UNAUTHORIZED: { http: 401, grpc: UNAUTHENTICATED },
  ERR_FORBIDDEN: { http: 403, grpc: PERMISSION_DENIED },
  ERR_RATE_LIMITED: { http: 429, grpc: RESOURCE_EXHAUSTED, retryAfter: 1 },
  ERR_STORE_INSERT: { http: 503, grpc: UNAVAILABLE, retryAfter: 5 },
}

/** Of an error that is none of these: the sender has done nothing wrong and cannot mend it. */
export const INTERNAL: Refusal = { http: 500, grpc: 13 }

export class ReceiveError extends Error {
  override readonly name = 'ReceiveError'
  readonly code: Refused

  constructor(code: Refused, message: string, { cause }: { cause?: unknown } = {}) {
    super(message, { cause })
    this.code = code
  }
}

/** The reason to tell; undefined where it is none that a sender could be told. */
export function asReceiveError(error: unknown): ReceiveError | undefined {
  if (error instanceof ReceiveError) return error
  if (error instanceof AccessError) return new ReceiveError(error.code, error.message)
  if (error instanceof MalformedMessage) {
    return new ReceiveError('ERR_BODY_MALFORMED', error.message, { cause: error })
  }
  // What went wrong in the store is for the log, not for the sender.
  if (error instanceof StoreError) {
    return new ReceiveError('ERR_STORE_INSERT', 'the batch could not be stored', { cause: error })
  }
  return undefined
}
