/** What differs from protocol to protocol: paths, encodings, bodies and answers. */
import type { ColumnBatch } from '../store/columns.ts'
import type { Answer } from '../web/answer.ts'
import type { Refusal } from './receive-error.ts'
import type { Tenant } from './tenant.ts'
import type { WriteDrop } from './write-rows.ts'

/** One form of a protocol: its bodies and its answers. */
export interface Format {
  /** As people write it; what an error names. */
  readonly contentType: string
  /** Whether a Content-Type, in lower case, means it. */
  readonly accepts: (contentType: string) => boolean
  /** Makes a body rows of the batch. Throws MalformedMessage; what the batch has by then is taken back. */
  readonly decode: (body: Buffer, batch: ColumnBatch, tenant: Tenant, nowMs: number) => Outcome
  /** Sends the body of an answer whose status is set. */
  readonly refuse: (reply: Answer, refusal: Refusal, message: string) => Answer
}

/** What became of the points of a body. */
export interface Outcome {
  /** That were taken. */
  readonly points: number
  readonly dropped: ReadonlyMap<WriteDrop, number>
  /** Answers the request when its rows are stored. */
  readonly answer: (reply: Answer) => Answer
}

export interface Protocol {
  /** In labels of own metrics. */
  readonly name: string
  readonly paths: readonly string[]
  /** A request of unknown type is refused in the first. */
  readonly formats: readonly [Format, ...Format[]]
  /** Content encodings, the better one first; none of them is what a body without the header has. */
  readonly encodings: readonly string[]
  /** Content encoding of a body that tells none. */
  readonly defaultEncoding: string
}
