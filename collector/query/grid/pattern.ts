/**
 * Patterns of labels: RE2's syntax, over the whole value, `.` being any character. An engine that takes linear
 * time runs those that need one; names and lists of names, which most are, are compared.
 */
import { RE2JS, RE2JSException } from 're2js'
import { limits } from '../../../catalog/limit.ts'

export interface Pattern {
  matches(value: string): boolean
  /** Why it is none, in the words of Go; then it matches nothing. */
  readonly problem?: string
}

const SPECIAL = /[\\^$.*+?()[\]{}|]/
/** Of compiled patterns, the oldest leaves first. */
const known = new Map<string, Pattern>()

export function compilePattern(pattern: string): Pattern {
  const found = known.get(pattern)
  if (found !== undefined) return found
  const compiled = compile(pattern)
  if (known.size >= limits.queryPatterns.value) known.delete(known.keys().next().value!)
  known.set(pattern, compiled)
  return compiled
}

function compile(pattern: string): Pattern {
  const names = namesIn(pattern)
  if (names?.length === 1) return { matches: (value) => value === names[0] }
  if (names !== undefined) {
    const set = new Set(names)
    return { matches: (value) => set.has(value) }
  }
  const affix = /^(\.[*+])?([^\\^$.*+?()[\]{}|]*)(\.[*+])?$/.exec(pattern)
  if (affix !== null) return aroundLiteral(affix[1], affix[2]!, affix[3])
  return ofEngine(pattern)
}

/** A backslash before it means the character itself. */
const PUNCTUATION = /[!-/:-@[-^`{-~]/

/** Of `a|b`, and of `(a|b\.c)` as Grafana writes what is chosen among many; undefined of all else. */
function namesIn(pattern: string): readonly string[] | undefined {
  const isEnclosed = pattern.startsWith('(') && pattern.endsWith(')')
  const inner = isEnclosed ? pattern.slice(1, -1) : pattern
  if (!SPECIAL.test(inner)) return [inner]
  const names: string[] = []
  let name = ''
  for (let i = 0; i < inner.length; i++) {
    const character = inner[i]!
    if (character === '|') {
      names.push(name)
      name = ''
    } else if (character === '\\' && PUNCTUATION.test(inner[i + 1] ?? '')) {
      i += 1
      name += inner[i]!
    } else if (SPECIAL.test(character)) return undefined
    else name += character
  }
  return [...names, name]
}

/** `.*`, `.+`, `prefix.*`, `.*suffix` and `.+part.+`. */
function aroundLiteral(
  before: string | undefined,
  part: string,
  after: string | undefined,
): Pattern {
  const isOpen = { before: before !== undefined, after: after !== undefined }
  const most = { before: before === '.+' ? 1 : 0, after: after === '.+' ? 1 : 0 }
  const least = most.before + part.length + most.after
  if (!isOpen.before) {
    return { matches: (value) => value.length >= least && value.startsWith(part) }
  }
  if (!isOpen.after) {
    return { matches: (value) => value.length >= least && value.endsWith(part) }
  }
  return {
    matches: (value) => {
      const at = value.indexOf(part, most.before)
      return value.length >= least && at >= 0 && at + part.length + most.after <= value.length
    },
  }
}

function ofEngine(pattern: string): Pattern {
  try {
    const compiled = compileEngine(pattern)
    return { matches: (value) => compiled.testExact(value) }
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    return { matches: () => false, problem: withoutFlags(error.message) }
  }
}

/** Throws RE2JSException. */
export const compileEngine = (pattern: string): RE2JS => RE2JS.compile(pattern, RE2JS.DOTALL)

/** The engine shows its own flag before the pattern. */
const withoutFlags = (message: string) => message.replace('`(?s)', '`')
