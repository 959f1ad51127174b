/** Why a query cannot be answered; both errors say where in its text, from column 1. */

import type { Span } from './language/tree.ts'

/** The text is not PromQL, or selects everything. */
export class BadQuery extends Error {
  override readonly name = 'BadQuery'
  readonly code = 'ERR_BAD_QUERY'
  readonly column: number

  constructor(column: number, message: string) {
    super(`column ${column}: ${message}`)
    this.column = column
  }
}

/** The text is PromQL, but more of it than this version evaluates. */
export class NotSupportedYet extends Error {
  override readonly name = 'NotSupportedYet'
  readonly code = 'ERR_NOT_SUPPORTED_YET'
  readonly column: number
  /** The offending part, by name and text. */
  readonly what: string

  constructor(column: number, what: string) {
    super(
      `column ${column}: ${what} is not supported yet, expected a plain selector such as name{label="value"}`,
    )
    this.column = column
    this.what = what
  }
}

/** The answer would be larger than a limit allows. */
export class TooMuch extends Error {
  override readonly name = 'TooMuch'
  readonly code = 'ERR_QUERY_LIMIT'
  readonly what: 'samples' | 'series'

  constructor(what: 'samples' | 'series', limit: number) {
    super(`more than ${limit} ${what}; narrow the selector or the range`)
    this.what = what
  }
}

/** As Prometheus' API names them. */
export type QueryErrorKind = 'bad_data' | 'execution' | 'canceled' | 'timeout'

/** Why a query has no answer, in Prometheus' words where it has some. */
export class QueryError extends Error {
  override readonly name = 'QueryError'
  readonly code = 'ERR_QUERY'
  readonly kind: QueryErrorKind
  /** Where in the text, where it is about the text. */
  readonly span: Span | undefined

  constructor(
    kind: QueryErrorKind,
    message: string,
    { span, cause }: { readonly span?: Span; readonly cause?: unknown } = {},
  ) {
    super(message, { cause })
    this.kind = kind
    this.span = span
  }
}

/** The text is PromQL, but of a part of it that is not evaluated here. */
export class NotSupported extends QueryError {
  constructor(message: string, span: Span) {
    super('bad_data', message, { span })
  }
}
