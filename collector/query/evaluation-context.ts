/** What an evaluation is bound by, and where it says what it noticed. */
import type { Span } from './language/tree.ts'
import type { Notes } from './notes.ts'
import type { Pace } from './pace.ts'
import { QueryError } from './query-error.ts'

export interface EvaluationContext {
  readonly notes: Notes
  readonly pace: Pace
  /** Values that one node may have, over all series and steps. */
  readonly maxValues: number
  /** Values that are computed before other work has its turn. */
  readonly sliceValues: number
  /** Where in the text, as a person says it; undefined where the text is not known. */
  readonly placeOf: (span: Span) => string | undefined
}

export const tooManySamples = (): QueryError =>
  new QueryError(
    'execution',
    'query processing would load too many samples into memory in query execution',
  )
