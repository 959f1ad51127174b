/**
 * `candor query 'EXPR'`: PromQL, asked of a collector; at one time as a table, over a range as the course
 * of each series. `--explain` prints how it would be answered and does not ask. Exit 1 when there is no
 * answer, 0 otherwise, also where nothing matches.
 */
import { readFileSync } from 'node:fs'
import { styleText } from 'node:util'
import { limits } from '../catalog/limit.ts'
import { parseDuration } from '../settings/duration.ts'
import type { FlagTable } from '../settings/flag.ts'
import type { Settings } from '../settings/flags.ts'
import { EXIT_CLEAN, EXIT_FAILED } from './check.ts'
import { describeAnswer, type QueryData } from './query-report.ts'
import { formatFlag } from './reading.ts'
import { printable } from './table.ts'

export const queryFlags = {
  'collector.url': {
    type: 'string',
    form: 'url',
    default: 'http://127.0.0.1:9791',
    value: 'URL',
    help: 'Collector, or whatever else speaks the HTTP API of Prometheus.',
  },
  'collector.token-file': {
    type: 'string',
    form: 'path',
    value: 'FILE',
    help: 'File with a token that may read, where the collector asks for one.',
  },
  time: {
    type: 'string',
    value: 'TIME',
    help: 'When to evaluate, or where the range ends (2026-06-01T12:00:00Z, or Unix seconds); now by default.',
  },
  range: {
    type: 'string',
    form: 'duration',
    value: 'TIME',
    help: 'Evaluate over this much time, for a course in place of a value.',
  },
  step: {
    type: 'string',
    form: 'duration',
    value: 'TIME',
    help: 'Time between two values of a range; a 120th of it by default.',
  },
  explain: {
    type: 'boolean',
    default: false,
    help: 'Print the plan of the query and its SQL, and do not run it.',
  },
  format: formatFlag,
} as const satisfies FlagTable

const STEPS = 120
const DEFAULT_WIDTH = 100

export async function query(settings: Settings<typeof queryFlags>, text: string): Promise<number> {
  try {
    const answer = await ask(settings, text)
    process.stdout.write(`${shown(settings, answer)}\n`)
    return EXIT_CLEAN
  } catch (error) {
    const mark = styleText('red', 'candor:', { stream: process.stderr })
    process.stderr.write(
      `${mark} ${printable(error instanceof Error ? error.message : 'failed')}\n`,
    )
    return EXIT_FAILED
  }
}

interface Answer {
  readonly data: unknown
  readonly warnings?: readonly string[]
  readonly infos?: readonly string[]
}

function shown(settings: Settings<typeof queryFlags>, answer: Answer): string {
  const { data, warnings = [], infos = [] } = answer
  if (settings.explain) return printableLines((data as { readonly text: string }).text)
  if (settings.format === 'json') return JSON.stringify(answer, null, 2)
  const width = process.stdout.columns ?? DEFAULT_WIDTH
  return describeAnswer({ data: data as QueryData, notes: [...warnings, ...infos], width })
}

const printableLines = (text: string) => text.split('\n').map(printable).join('\n')

/** Path and form of what is asked. Times go out as they were given: who answers says what is wrong with them. */
function asked(settings: Settings<typeof queryFlags>, text: string, nowMs: number) {
  const { time, range, step } = settings
  const form = new URLSearchParams({ query: text })
  if (range === undefined) {
    if (time !== undefined) form.set('time', time)
  } else {
    const endMs = time === undefined ? nowMs : parseTime(time)
    const rangeMs = parseDuration(range)!
    const stepMs = step === undefined ? Math.max(1_000, rangeMs / STEPS) : parseDuration(step)!
    form.set('start', String((endMs - rangeMs) / 1_000))
    form.set('end', String(endMs / 1_000))
    form.set('step', String(stepMs / 1_000))
  }
  const path = settings.explain ? 'explain_query' : range === undefined ? 'query' : 'query_range'
  return { path: `api/v1/${path}`, form }
}

function parseTime(text: string): number {
  const ms = /^[\d.]+$/.test(text) ? Number(text) * 1_000 : Date.parse(text)
  if (!Number.isFinite(ms))
    throw new Error(`--time: expected a time, found ${JSON.stringify(text)}`)
  return ms
}

async function ask(settings: Settings<typeof queryFlags>, text: string): Promise<Answer> {
  const { 'collector.url': url, 'collector.token-file': tokenFile } = settings
  const { path, form } = asked(settings, text, Date.now())
  const address = new URL(path, url.endsWith('/') ? url : `${url}/`)
  const token = tokenFile === undefined ? undefined : readFileSync(tokenFile, 'utf8').trim()
  const body = await post(address, form, token)
  const { status, error } = body as { readonly status?: unknown; readonly error?: unknown }
  if (status === 'success') return body as Answer
  throw new Error(
    typeof error === 'string' ? error : `${address.href}: this is no answer to a query`,
  )
}

async function post(address: URL, form: URLSearchParams, token?: string): Promise<object> {
  try {
    const response = await fetch(address, {
      method: 'POST',
      body: form,
      signal: AbortSignal.timeout(limits.requestMs.value),
      ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
    })
    const type = response.headers.get('content-type') ?? ''
    if (!type.includes('json')) throw new Error(`HTTP ${response.status}`)
    const body: unknown = await response.json()
    if (typeof body !== 'object' || body === null) throw new Error('this is no answer to a query')
    if ('message' in body && !('status' in body)) throw new Error(String(body.message))
    return body
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    throw new Error(`${address.href}: ${cause instanceof Error ? cause.message : 'failed'}`, {
      cause: error,
    })
  }
}
