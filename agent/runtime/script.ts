/** What people call a program that an interpreter runs: its script or module, by the command line. */
import { basename } from 'node:path'
import { lineOf } from './printable.ts'

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
    if (interpreter.module?.includes(word) === true) return lineOf(words[i + 1] ?? '')
    if (interpreter.inline.includes(word)) return undefined
    if (interpreter.withValue.includes(word)) i += 1
    else if (!word.startsWith('-')) return lineOf(COMMANDS.test(word) ? basename(word) : word)
  }
  return undefined
}

/**
 * A server that has written over its command line says what it is before a colon or a blank:
 * `gunicorn: master [app]`, `[celeryd: celery@host:MainProcess]`, `puma 5.6.5 (tcp://…)`.
 */
export function titleOf(words: readonly string[], servers: readonly string[]): string | undefined {
  const title = (words[0] ?? '').replace(/^\[/, '')
  return servers.find((server) => title.startsWith(`${server}:`) || title.startsWith(`${server} `))
}
