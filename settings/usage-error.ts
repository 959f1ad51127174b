import type { ErrorCode } from '../catalog/error.ts'

/** Wrong input of a person: every problem, one a line, each with where, what and what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly code: ErrorCode
  readonly problems: readonly string[]

  constructor(code: ErrorCode, problems: readonly string[]) {
    super(problems.join('\n'))
    this.code = code
    this.problems = problems
  }
}
