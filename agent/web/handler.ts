/** Answers requests: /metrics, health, and a page for people. Everything is read-only and small. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { limits } from '../../catalog/limit.ts'
import { collectorsWithoutReader } from '../../catalog/exporter-flags.ts'
import { type Log, RepeatedWarnings } from '../../settings/log.ts'
import type { Guard } from '../../settings/web/guard.ts'
import { FORMATS } from '../../wire/exposition-format.ts'
import type { Body } from './body.ts'
import type { Wanted } from './expositions.ts'
import { filterOf } from './filter.ts'
import { encodingOf, formatOf } from './negotiate.ts'
import { COMMON_HEADERS, html, type Page, text } from './page.ts'

/** What became of a scrape: answered whole, refused at the limit, or cut since the reader was slow. */
export type ScrapeResult = 'answered' | 'refused' | 'cut'

export interface Served {
  /** Exposition of a pass that is young enough; undefined where there is none. */
  readonly metrics: (wanted: Wanted) => Promise<Body> | undefined
  /** Every reader, and whether it is switched on. */
  readonly readers: ReadonlyMap<string, boolean>
  /** Why there is no pass; undefined when the last one worked. */
  readonly notReady: () => string | undefined
  /** The page for people, as HTML. */
  readonly landing: () => string
  readonly scraped: (result: ScrapeResult) => void
}

export interface HandlerOptions {
  readonly telemetryPath: string
  /** Scrapes that are answered at the same time; 0 for any number. */
  readonly maxRequests: number
  readonly log: Log
  readonly guard?: Guard
}

export function handler(served: Served, options: HandlerOptions): RequestListener {
  const { telemetryPath, maxRequests, log, guard } = options
  const warnings = new RepeatedWarnings(log)
  let scrapes = 0

  const scrape = async (request: IncomingMessage, response: ServerResponse, query: string) => {
    // Who left while their password was compared would be counted for ever.
    if (response.closed) return
    if (maxRequests > 0 && scrapes >= maxRequests) {
      served.scraped('refused')
      const limit = `Limit of concurrent requests reached (${maxRequests}), try again later.\n`
      send(response, text(503, limit))
      return
    }
    scrapes += 1
    response.once('close', () => (scrapes -= 1))
    const asked = filterOf(new URLSearchParams(query), served.readers)
    if ('problem' in asked) {
      send(response, text(400, `${asked.problem}\n`))
      return
    }
    for (const collector of asked.lacking) {
      const reason = collectorsWithoutReader[collector]
      warnings.warn(collector, { collector, reason }, 'collector is not read', Date.now())
    }
    const format = formatOf(request.headers.accept)
    const encoding = encodingOf(request.headers['accept-encoding'])
    const made = served.metrics({ filter: asked.filter, format, encoding })
    if (made === undefined) {
      send(response, unready(served.notReady()))
      return
    }
    const body = await made
    const release = body.hold()
    try {
      response.writeHead(200, {
        'Content-Type': FORMATS[format].type,
        'Content-Length': body.sizeBytes,
        Vary: 'accept, accept-encoding',
        ...(encoding !== 'identity' && { 'Content-Encoding': encoding }),
      })
      served.scraped(await stream(response, request.method === 'HEAD' ? [] : body.chunks))
    } finally {
      release()
    }
  }

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const config = guard?.config()
    setHeaders(response, config?.headers)
    const refusal = config && (await guard?.refusal(request, config))
    if (refusal !== undefined) {
      const { status, message, headers } = refusal
      send(response, { ...text(status, `${message}\n`), headers })
      return
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      send(response, { ...text(405, 'method not allowed\n'), headers: { Allow: 'GET, HEAD' } })
      return
    }
    const [, path = '/', query = ''] = /^([^?]*)\??(.*)$/s.exec(request.url ?? '/') ?? []
    if (path === telemetryPath) await scrape(request, response, query)
    else send(response, find(path, served))
  }

  return (request, response) => {
    answer(request, response).catch((err: unknown) => {
      log.error({ err }, 'request failed')
      if (response.headersSent) response.destroy()
      else send(response, text(500, 'internal error; the log says more\n'))
    })
  }
}

function find(path: string, { notReady, landing }: Served): Page {
  switch (path) {
    case '/-/ready': {
      const reason = notReady()
      return reason === undefined ? text(200, 'ready\n') : unready(reason)
    }
    case '/-/healthy':
    case '/healthz':
      return text(200, 'healthy\n')
    case '/':
      return html(landing())
    default:
      return text(404, 'not found\n')
  }
}

const unready = (reason = 'no pass') => text(503, `not ready: ${reason}\n`)

function setHeaders(
  response: ServerResponse,
  configured: Readonly<Record<string, string>> = {},
): void {
  for (const [name, value] of Object.entries({ ...COMMON_HEADERS, ...configured })) {
    if (value !== '') response.setHeader(name, value)
  }
}

function send(response: ServerResponse, { status, type, body, headers }: Page): void {
  const bytes = Buffer.from(body)
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': bytes.length, ...headers })
  response.end(bytes)
}

/**
 * As fast as the reader takes it in, and no faster. One that takes too long is cut: it would keep an
 * old body in memory, and others of the next passes.
 */
async function stream(
  response: ServerResponse,
  chunks: readonly Buffer[],
): Promise<'answered' | 'cut'> {
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  if (response.closed) resolve()
  else response.once('close', resolve)
  const timer = setTimeout(() => response.destroy(), limits.webAnswerMs.value)
  try {
    for (const chunk of chunks) {
      if (response.destroyed) break
      if (!response.write(chunk)) await Promise.race([drained(response), closed])
    }
    if (!response.destroyed) response.end()
    await closed
    return response.writableFinished ? 'answered' : 'cut'
  } finally {
    clearTimeout(timer)
  }
}

const drained = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => response.once('drain', resolve))
