/**
 * Values in the text of a statement, for the embedded engine: its binding keeps parameters in one place for the
 * whole process, so that statements with parameters run one after the other, whoever asks.
 *
 * A text becomes a literal of which each byte is written as `\x` and two digits, a number one that was read as
 * a number first: what a value holds is never part of the statement, whatever it is.
 */

const INTEGER = /^-?\d{1,20}$/
const PLACEHOLDER = /\{(\w+):(\w+(?:\(\w+\))?)\}/g

/** How a value of a type is written. Each throws TypeError for one that is not of it. */
const WRITERS: Readonly<Record<string, (value: unknown) => string>> = {
  String: text,
  UInt32: (value) => integer(value, 'UInt32'),
  UInt64: (value) => integer(value, 'UInt64'),
  Int64: (value) => integer(value, 'Int64'),
  Float64: (value) => `CAST('${float(value)}', 'Float64')`,
  'Array(String)': (value) => `CAST([${list(value).map(text).join(',')}], 'Array(String)')`,
  'Array(UInt64)': (value) => integers(value),
  'Array(Float64)': (value) => `CAST('[${list(value).map(float).join(',')}]', 'Array(Float64)')`,
}

/** Throws TypeError for a placeholder of another type, or without a value of its type. */
export const withLiterals = (sql: string, values: Readonly<Record<string, unknown>>): string =>
  sql.replaceAll(PLACEHOLDER, (placeholder: string, name: string, type: string) => {
    const write = Object.hasOwn(WRITERS, type) ? WRITERS[type] : undefined
    if (write === undefined || !Object.hasOwn(values, name)) {
      throw new TypeError(`a statement has ${placeholder}, which nothing can be put in for`)
    }
    return write(values[name])
  })

function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('expected a text')
  return `'${Buffer.from(value, 'utf8')
    .toString('hex')
    .replaceAll(/../g, String.raw`\x$&`)}'`
}

function digits(value: unknown): string {
  const written = typeof value === 'string' || typeof value === 'bigint' ? String(value) : ''
  const number = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : written
  if (!INTEGER.test(number)) throw new TypeError('expected a whole number')
  return number
}

const integer = (value: unknown, type: string) => `CAST('${digits(value)}', '${type}')`
const integers = (value: unknown) =>
  `CAST('[${list(value).map(digits).join(',')}]', 'Array(UInt64)')`

function float(value: unknown): string {
  if (typeof value !== 'number') throw new TypeError('expected a number')
  if (Number.isNaN(value)) return 'nan'
  if (Object.is(value, -0)) return '-0'
  return Number.isFinite(value) ? String(value) : value > 0 ? 'inf' : '-inf'
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError('expected a list')
  return value
}
