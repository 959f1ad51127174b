/** What people call a program that an interpreter runs: its script or module, by the command line. */
import { basename } from 'node:path'
import { lineOf } from './printable.ts'

/**
 * Options in front of the script. Of those of one letter several may stand behind one dash, and a value
 * right behind its letter; of all others the value may stand behind `=`.
 */
export interface Interpreter {
  /** Options whose value is the next word. */
  readonly withValue: readonly string[]
  /** Options behind which the name of a module stands. */
  readonly module?: readonly string[]
  /** Options behind which the program itself stands, which is nobody's name. */
  readonly inline: readonly string[]
}

/** Folders of commands: what lies there is called by its name alone. */
const COMMANDS = /(?:^|\/)s?bin\/[^/]+$/

/** `words` are the command line; undefined where there is no script. */
export function scriptOf(words: readonly string[], interpreter: Interpreter): string | undefined {
  for (let i = 1; i < words.length; i += 1) {
    const word = words[i] ?? ''
    if (word === '--') return nameOf(words[i + 1])
    if (!word.startsWith('-') || word === '-') return nameOf(word)
    const { is, value } = optionOf(word, interpreter)
    if (is === 'inline') return undefined
    if (is === 'module') return lineOf(value ?? words[i + 1] ?? '')
    if (is === 'with value' && value === undefined) i += 1
  }
  return undefined
}

/** `-` is a program that comes by its standard input. */
const nameOf = (word: string | undefined): string | undefined =>
  word === undefined || word === '-'
    ? undefined
    : lineOf(COMMANDS.test(word) ? basename(word) : word)

interface Option {
  readonly is: 'inline' | 'module' | 'with value' | 'alone'
  /** Where it is in the same word. */
  readonly value?: string
}

function optionOf(word: string, interpreter: Interpreter): Option {
  const { withValue, module = [], inline } = interpreter
  const kindOf = (option: string): Option['is'] =>
    inline.includes(option)
      ? 'inline'
      : module.includes(option)
        ? 'module'
        : withValue.includes(option)
          ? 'with value'
          : 'alone'
  if (word.startsWith('--')) {
    const [, name = word, value] = /^([^=]+)=(.*)$/s.exec(word) ?? []
    return { is: kindOf(name), ...(value !== undefined && { value }) }
  }
  for (let at = 1; at < word.length; at += 1) {
    const is = kindOf(`-${word[at]}`)
    const value = word.slice(at + 1)
    if (is !== 'alone') return { is, ...(value !== '' && { value }) }
  }
  return { is: 'alone' }
}

/**
 * A server that has written over its command line says what it is before a colon or a blank:
 * `gunicorn: master [app]`, `[celeryd: celery@host:MainProcess]`, `puma 5.6.5 (tcp://…)`.
 */
export function titleOf(words: readonly string[], servers: readonly string[]): string | undefined {
  const title = (words[0] ?? '').replace(/^\[/, '')
  return servers.find((server) => title.startsWith(`${server}:`) || title.startsWith(`${server} `))
}
