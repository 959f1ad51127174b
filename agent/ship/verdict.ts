/**
 * What an answer says of a batch. Source: the OTLP specification, "OTLP/HTTP Response", "Failures".
 */
import { decodeResponse, decodeStatus, type PartialSuccess } from '../../wire/otlp-response.ts'
import { parseRetryAfter } from './backoff.ts'
import type { Answer } from './post.ts'

export type Verdict =
  | { readonly fate: 'stored'; readonly partial: PartialSuccess | undefined }
  /** Sending it again would change nothing. */
  | { readonly fate: 'rejected'; readonly reason: string | undefined }
  | {
      readonly fate: 'again'
      readonly reason: string | undefined
      readonly retryAfterMs: number | undefined
    }

/**
 * 401 and 403 are beyond the specification: a token that is not known yet, or no longer, is for people to
 * mend, and nothing is lost until then.
 */
const RETRYABLE = new Set([401, 403, 408, 429, 502, 503, 504])

export function judge({ status, retryAfter, body }: Answer, nowMs: number): Verdict {
  if (status >= 200 && status < 300) return { fate: 'stored', partial: readPartial(body) }
  const reason = decodeStatus(body)
  return RETRYABLE.has(status)
    ? { fate: 'again', reason, retryAfterMs: parseRetryAfter(retryAfter, nowMs) }
    : { fate: 'rejected', reason }
}

/** An answer of 2xx means stored, whatever its body. */
function readPartial(body: Buffer): PartialSuccess | undefined {
  try {
    const partial = decodeResponse(body)
    return partial?.rejectedPoints === 0 ? undefined : partial
  } catch {
    return undefined
  }
}
