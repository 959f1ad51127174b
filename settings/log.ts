/** Logs go to stderr, one line each, logfmt or JSON; stdout is for data. */
import pino from 'pino'

export type Log = pino.Logger

export interface LogOptions {
  readonly level: string
  readonly format: 'logfmt' | 'json' | (string & {})
}

export function makeLog({ level, format }: LogOptions): Log {
  const destination = pino.destination({ dest: 2, sync: true })
  const options: pino.LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  }
  if (format === 'json') return pino(options, destination)
  return pino(options, {
    write: (line: string) => destination.write(`${toLogfmt(JSON.parse(line) as Fields)}\n`),
  })
}

/** For tests and for code that must not speak. */
export const silentLog = (): Log => pino({ level: 'silent' })

type Fields = Readonly<Record<string, unknown>>

/** One pino record as logfmt; an error keeps its message and code, its stack only at debug. */
export function toLogfmt(fields: Fields): string {
  const { time, level, msg, ...rest } = fields
  const parts = [`time=${word(time)}`, `level=${word(level)}`, `msg=${word(msg)}`]
  for (const [key, value] of Object.entries(rest)) {
    if (key === 'err' && typeof value === 'object' && value !== null) {
      const { message, code, stack } = value as Record<string, unknown>
      parts.push(`err=${word(message)}`)
      if (code !== undefined) parts.push(`code=${word(code)}`)
      if (level === 'debug' && stack !== undefined) parts.push(`stack=${word(stack)}`)
    } else {
      parts.push(`${key}=${word(value)}`)
    }
  }
  return parts.join(' ')
}

function word(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'null')
  if (/^[^\s"=\p{C}]+$/u.test(text)) return text
  // JSON leaves some control characters as they are: those of 8-bit terminals, and of direction.
  return JSON.stringify(text).replace(/\p{C}/gu, escaped)
}

const escaped = (character: string) =>
  `\\u{${character.codePointAt(0)!.toString(16).padStart(4, '0')}}`

const REPEAT_MS = 60_000

/** Lets one warning a minute through for each key, and says how many were held back. */
export class RepeatedWarnings {
  readonly #log: Log
  readonly #seen = new Map<string, { sinceMs: number; held: number }>()

  constructor(log: Log) {
    this.#log = log
  }

  warn(key: string, fields: Fields, message: string, nowMs: number): void {
    const seen = this.#seen.get(key)
    const age = seen === undefined ? REPEAT_MS : nowMs - seen.sinceMs
    // A clock that was set back must not silence anything.
    if (seen !== undefined && age >= 0 && age < REPEAT_MS) {
      seen.held += 1
      return
    }
    if (this.#seen.size >= 1_000) this.#seen.clear()
    this.#seen.set(key, { sinceMs: nowMs, held: 0 })
    this.#log.warn(seen?.held ? { ...fields, heldBack: seen.held } : fields, message)
  }
}
