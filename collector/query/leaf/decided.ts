/** Matchers of values that are known without asking the store. */
import { compilePattern } from '../grid/pattern.ts'
import type { Matcher } from '../language/tree.ts'
import { QueryError } from '../query-error.ts'

/** Whether a value passes; a label that is missing is empty. Throws QueryError where a pattern is none. */
export function passes({ operator, value }: Matcher, text: string): boolean {
  switch (operator) {
    case '=':
      return text === value
    case '!=':
      return text !== value
    case '=~':
      return matches(value, text)
    case '!~':
      return !matches(value, text)
  }
}

function matches(pattern: string, text: string): boolean {
  const compiled = compilePattern(pattern)
  if (compiled.problem !== undefined) {
    throw new QueryError('bad_data', `error parsing regexp: ${compiled.problem}`)
  }
  return compiled.matches(text)
}
