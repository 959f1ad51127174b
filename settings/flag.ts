/** One row of a table of flags, and whether a text may be its value. */
import { parseDuration } from './duration.ts'
import { parseListen } from './listen.ts'
import { parseSize } from './size.ts'
import { didYouMean } from './suggest.ts'

/** What the text of a value must look like. */
export type Form = 'text' | 'count' | 'duration' | 'size' | 'address' | 'url' | 'path' | 'regexp'

export interface Flag {
  readonly type: 'string' | 'boolean'
  readonly default?: string | boolean | readonly string[]
  /** A flag that, where it is set, makes the default false. */
  readonly offWith?: string
  /** May be given several times; the value is a list. */
  readonly multiple?: true
  readonly form?: Form
  readonly choices?: readonly string[]
  /** Stands for the value in --help: `ADDRESS`. */
  readonly value?: string
  readonly help: string
}
export type FlagTable = Readonly<Record<string, Flag>>

export type Value = string | boolean | readonly string[]

/** Checks one text and keeps it; a problem says where it stood and what was expected. */
export function take(
  into: Map<string, Value>,
  name: string,
  flag: Flag,
  text: string,
  where: string,
  problems: string[],
): void {
  if (flag.type === 'boolean') {
    if (text === 'true' || text === 'false') into.set(name, text === 'true')
    else problems.push(`${where}: expected true or false, found ${quote(text)}`)
    return
  }
  if (!fits(flag, text)) {
    const hint = flag.choices === undefined ? '' : didYouMean(text, flag.choices)
    problems.push(`${where}: expected ${expectation(flag)}, found ${quote(text)}${hint}`)
    return
  }
  if (flag.multiple)
    into.set(name, [...((into.get(name) as readonly string[] | undefined) ?? []), text])
  else into.set(name, text)
}

const quote = (text: string) => JSON.stringify(text.slice(0, 80))

function fits(flag: Flag, text: string): boolean {
  if (flag.choices !== undefined) return flag.choices.includes(text)
  switch (flag.form) {
    case 'count':
      return /^[1-9]\d{0,14}$/.test(text)
    case 'duration':
      return (parseDuration(text) ?? 0) > 0
    case 'size':
      return parseSize(text) !== undefined
    case 'address':
      return parseListen(text) !== undefined
    case 'url':
      return URL.canParse(text) && /^https?:\/\//.test(text)
    case 'regexp':
      return isRegExp(text)
    default:
      return text !== '' && !text.includes('\0')
  }
}

function isRegExp(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp
  } catch {
    return false
  }
}

/** What a value must be, for messages. */
export function expectation(flag: Flag): string {
  if (flag.choices !== undefined) return `one of ${flag.choices.join(', ')}`
  switch (flag.form) {
    case 'count':
      return 'a number above 0'
    case 'duration':
      return 'a duration such as 10s or 1h30m'
    case 'size':
      return 'a size such as 512MiB or 2GiB'
    case 'address':
      return 'an address such as 127.0.0.1:9790 or :9790'
    case 'url':
      return 'a URL such as http://127.0.0.1:9093'
    case 'path':
      return 'a path'
    case 'regexp':
      return 'a regular expression'
    default:
      return 'a text'
  }
}
