/**
 * Parameters of Prometheus' HTTP API, out of the address and of a form. Messages are Prometheus' own: a
 * person who knows one knows the other.
 * Source: prometheus.io/docs/prometheus/latest/querying/api; web/api/v1/api.go.
 */
import { readDuration } from '../../query/language/duration.ts'
import { QueryError } from '../../query/query-error.ts'

/** Unix seconds with a fraction, or RFC 3339. */
const SECONDS = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/
const DURATION = /^(?:\d{1,12}(?:ms|[smhdwy]))+$/
/** Times that a date can be of, Unix ms. */
const MAX_MS = 8_640_000_000_000_000

export class Parameters {
  readonly #of: URLSearchParams

  /** In the order of trust: what a form says comes before what the address says. */
  constructor(...sources: readonly URLSearchParams[]) {
    this.#of = new URLSearchParams(sources.flatMap((source) => [...source]))
  }

  /** Empty is absent, as everywhere in this API. */
  text(name: string): string | undefined {
    const found = this.#of.get(name)
    return found === null || found === '' ? undefined : found
  }

  /** Of a parameter that may be repeated, with and without brackets. */
  all(name: string): string[] {
    return [...this.#of.getAll(name), ...this.#of.getAll(`${name}[]`)]
  }

  required(name: string): string {
    const found = this.text(name)
    if (found === undefined) throw invalid(name, 'it is missing')
    return found
  }

  /** Unix ms. */
  timeMs(name: string): number | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    const ms = parseTimeMs(text)
    if (ms === undefined) throw invalid(name, `cannot parse "${text}" to a valid timestamp`)
    return ms
  }

  durationMs(name: string): number | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    const ms = parseDurationMs(text)
    if (ms === undefined) throw invalid(name, `cannot parse "${text}" to a valid duration`)
    return ms
  }

  /** 0 is no limit, as Prometheus has it. */
  limit(name: string): number | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    if (!/^\d{1,15}$/.test(text)) throw invalid(name, 'limit must be a non-negative number')
    return Number(text) === 0 ? undefined : Number(text)
  }
}

export const invalid = (name: string, what: string): QueryError =>
  new QueryError('bad_data', `invalid parameter "${name}": ${what}`)

/** Names the parameter in what is wrong with the PromQL in it. */
export async function naming<T>(name: string, work: () => Promise<T> | T): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof QueryError) || error.kind !== 'bad_data') throw error
    const { span } = error
    throw new QueryError('bad_data', `invalid parameter "${name}": ${error.message}`, {
      cause: error,
      ...(span !== undefined && { span }),
    })
  }
}

export function parseTimeMs(text: string): number | undefined {
  const ms = SECONDS.test(text)
    ? Math.round(Number(text) * 1_000)
    : RFC3339.test(text)
      ? Date.parse(text.toUpperCase())
      : Number.NaN
  return Math.abs(ms) <= MAX_MS ? ms : undefined
}

/** Seconds as a number, or `1h30m`. */
export function parseDurationMs(text: string): number | undefined {
  if (text.length > 64) return undefined
  if (SECONDS.test(text)) return inBounds(Math.round(Number(text) * 1_000))
  if (!DURATION.test(text)) return undefined
  return inBounds(readDuration(text))
}

const inBounds = (ms: number) => (Math.abs(ms) <= MAX_MS ? ms : undefined)
