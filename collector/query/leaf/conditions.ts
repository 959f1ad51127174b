/**
 * Matchers as conditions of SQL. All text that somebody wrote travels as a parameter; names in the text
 * are the catalogue's alone. Patterns are RE2 of the store, so that none can take more than linear time.
 */
import type { Matcher } from '../language/tree.ts'

/** Parameters of one statement, which is always of one tenant. */
export class Bound {
  readonly parameters: Record<string, unknown>

  constructor(tenant: string) {
    this.parameters = { tenant }
  }

  /** The placeholder that stands for a value. */
  text(value: string): string {
    return this.#add(value, 'String')
  }

  ids(values: readonly bigint[]): string {
    return this.#add(values, 'Array(UInt64)')
  }

  texts(values: readonly string[]): string {
    return this.#add(values, 'Array(String)')
  }

  /** A whole one. */
  number(value: number): string {
    return this.#add(value, 'Int64')
  }

  time(ms: number): string {
    return `fromUnixTimestamp64Milli(${this.#add(ms, 'Int64')})`
  }

  #add(value: unknown, type: string): string {
    const name = `p${Object.keys(this.parameters).length}`
    this.parameters[name] = value
    return `{${name}:${type}}`
  }
}

/** As many ids are said one by one; a server takes no longer field of a request than some thousands of them. */
export const IDS_AT_ONCE = 500

/** Rows of these entities; of all where these are many, of which the others are then left out. */
export const ofEntities = (bound: Bound, ids: readonly bigint[]): string =>
  ids.length > IDS_AT_ONCE ? '1' : `entity IN ${bound.ids(ids)}`

/** The tenant comes first in every WHERE. */
export const TENANT = 'tenant = {tenant:String}'

export function condition(bound: Bound, matcher: Matcher, expression: string): string {
  const { operator, value } = matcher
  switch (operator) {
    case '=':
    case '!=':
      return `${expression} ${operator} ${bound.text(value)}`
    case '=~':
    case '!~':
      return `${operator === '!~' ? 'NOT ' : ''}match(${expression}, ${bound.text(`^(?s:${value})$`)})`
  }
}

/** Samples of a range that is open on its left. */
export const inRange = (bound: Bound, { fromMs, toMs }: Range): string =>
  `ts > ${bound.time(fromMs)} AND ts <= ${bound.time(toMs)}`

/** (fromMs, toMs] */
export interface Range {
  readonly fromMs: number
  readonly toMs: number
}
