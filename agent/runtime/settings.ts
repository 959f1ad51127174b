/**
 * What may leave the machine of a process's environment and command line: the names that
 * catalog/runtime-setting.ts lists. All else may be a password and is dropped where it is read.
 *
 * Source: /proc/PID/environ as of the last exec, /proc/PID/cmdline as the process has it now; each
 *         text ends with NUL
 */
import { CUT } from '../../catalog/entity.ts'
import { limits } from '../../catalog/limit.ts'
import type { RuntimeKind } from '../../catalog/runtime-kind.ts'
import {
  filteredVariables,
  runtimeArguments,
  runtimeVariables,
} from '../../catalog/runtime-setting.ts'
import { printable } from './printable.ts'

export interface Texts {
  readonly texts: readonly string[]
  /** Whether there were more than the limit. */
  readonly cut: boolean
}

/** Of texts that end with NUL; the last one of a list that was cut may be half a text. */
export function textsOf(bytes: Buffer, cut: boolean): Texts {
  const texts = bytes.toString('utf8').split('\0')
  if (cut || texts.at(-1) === '') texts.pop()
  return { texts, cut }
}

const VARIABLES: ReadonlySet<string> = new Set(runtimeVariables)

/** `NAME=value` of those that may be told, by their names; the first of two counts, as for getenv(3). */
export function allowedVariables({ texts, cut }: Texts): ReadonlyMap<string, string> {
  const allowed = new Map<string, string>()
  for (const text of texts) {
    const equals = text.indexOf('=')
    const name = text.slice(0, equals)
    if (equals <= 0 || !VARIABLES.has(name) || allowed.has(name)) continue
    const value = text.slice(equals + 1)
    allowed.set(name, filteredVariables.has(name) ? wordsOf(name, value) : cleaned(value))
  }
  if (cut) allowed.set(CUT, '')
  return allowed
}

const cleaned = (value: string): string => printable(value).slice(0, limits.runtimeNameChars.value)

/** Of free text only the words that are allowed as arguments are kept. */
function wordsOf(name: string, value: string): string {
  const kind = name.startsWith('ERL_') ? 'beam' : 'nodejs'
  return allowedArguments(kind, { texts: value.split(/\s+/), cut: false }).join(' ')
}

/** Numbers, and the words that stand for one: a short option may be another one of a program that takes a password. */
const SIMPLE =
  /^(?:[+-]?\d[\d.:%]{0,23}|auto|max|none|yes|no|true|false|(?:very_)?(?:short|long)|medium)$/

/** Those of the kind, in their order: `--name=value` as it is written, else `--name value`. */
export function allowedArguments(kind: RuntimeKind, { texts, cut }: Texts): readonly string[] {
  const forms = runtimeArguments[kind] ?? []
  const allowed: string[] = []
  for (const [i, text] of texts.entries()) {
    for (const { name, value } of forms) {
      const next = texts[i + 1]
      const behind = text.slice(name.length)
      const joined = value === '+' || value === '='
      const apart = value === '+' || value === ' '
      if (!text.startsWith(name)) continue
      if (behind === '' && value === 'none') allowed.push(name)
      else if (behind === '' && apart && SIMPLE.test(next ?? '')) allowed.push(`${name} ${next}`)
      else if (joined && behind.startsWith('=') && SIMPLE.test(behind.slice(1))) allowed.push(text)
      // A number right behind a short name: `-w4`, `+S4:4`.
      else if (value === ' ' && /^\d[\d:]{0,15}$/.test(behind)) allowed.push(`${name} ${behind}`)
    }
  }
  return cut ? [...allowed, CUT] : allowed
}

/** As one attribute: what does not fit is cut at a line, and the cut is told. */
export function asLines(lines: readonly string[]): string {
  const room = limits.labelBytes.value - Buffer.byteLength(CUT) - 1
  let bytes = 0
  for (const [i, line] of lines.entries()) {
    bytes += Buffer.byteLength(line) + 1
    if (bytes > room) return [...lines.slice(0, i), CUT].join('\n')
  }
  return lines.join('\n')
}

export const asSettings = (settings: ReadonlyMap<string, string>): string =>
  asLines([...settings].map(([name, value]) => (name === CUT ? CUT : `${name}=${value}`)))

/** Value of an allowed argument that is given last; undefined when it is not given. */
export function argumentOf(
  given: readonly string[],
  ...names: readonly string[]
): string | undefined {
  const found = given.findLast((each) => names.includes(each.split(/[= ]/, 1)[0] ?? ''))
  return found?.split(/[= ]/)[1]
}
