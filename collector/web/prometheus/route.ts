/**
 * What all routes of Prometheus' API have in common: GET and a POSTed form, its envelope, its errors, and
 * an end to the work when who asked has gone.
 */
import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { encodeNotes, gathered } from './encode.ts'
import { Parameters } from './parameters.ts'
import { refusalOf } from './refusal.ts'

/** Parts of the body of an answer, the envelope included. */
export type Body = Iterable<string>

export interface Asked {
  readonly request: FastifyRequest
  readonly parameters: Parameters
  /** Aborted when the connection is closed before the answer. */
  readonly signal: AbortSignal
}

const FORM = 'application/x-www-form-urlencoded'
/** Shorter answers are not worth the time; gathered pieces are longer, but for the last. */
const GZIP_FROM = 1_024

export const ofAddress = ({ raw }: FastifyRequest): URLSearchParams =>
  new URLSearchParams(raw.url?.split('?', 2)[1] ?? '')

/** Forms are read once for the whole app. */
export function takesForms(app: FastifyInstance): void {
  app.addContentTypeParser(FORM, { parseAs: 'string' }, (_request, body, done) => {
    done(null, new URLSearchParams(body.toString()))
  })
}

export function prometheusRoute(
  app: FastifyInstance,
  path: string,
  summary: string,
  answer: (asked: Asked) => Promise<Body>,
): void {
  app.route({
    method: ['GET', 'POST'],
    url: path,
    schema: { summary, tags: ['prometheus'] },
    errorHandler: (error, request, reply) => refuse(error, request, reply),
    handler: async (request, reply) => {
      const form = request.body instanceof URLSearchParams ? [request.body] : []
      const parameters = new Parameters(...form, ofAddress(request))
      const gone = new AbortController()
      const leave = () => gone.abort()
      reply.raw.once('close', leave)
      try {
        return send(request, reply, await answer({ request, parameters, signal: gone.signal }))
      } finally {
        reply.raw.off('close', leave)
      }
    },
  })
}

/** An answer of one piece, such as a list of names. */
export const success = (
  data: unknown,
  notes: { readonly warnings?: readonly string[]; readonly infos?: readonly string[] } = {},
): Body => {
  const { warnings = [], infos = [] } = notes
  return [`{"status":"success","data":${JSON.stringify(data)}${encodeNotes({ warnings, infos })}}`]
}

function send(request: FastifyRequest, reply: FastifyReply, body: Body): FastifyReply {
  void reply.type('application/json').header('vary', 'accept-encoding')
  const pieces = gathered(body)
  const first = pieces.next().value ?? ''
  if (first.length < GZIP_FROM) return reply.send(first)
  const stream = Readable.from(chained(first, pieces), { objectMode: false })
  if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return reply.send(stream)
  const gzip = createGzip({ level: 1 })
  stream.once('error', (error) => gzip.destroy(error))
  return reply.header('content-encoding', 'gzip').send(stream.pipe(gzip))
}

function* chained(first: string, rest: Iterable<string>): Generator<string> {
  yield first
  yield* rest
}

function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { statusCode: own } = error as { readonly statusCode?: number }
  const { status, errorType, error: message, isOurs } = refusalOf(error)
  // Whom the server itself refuses, for lack of a token for one, it tells in its own words.
  if (isOurs && own !== undefined && own < 500) throw error
  if (isOurs) {
    request.log.error({ err: error, path: request.routeOptions.url }, 'query failed')
  }
  return reply
    .code(status)
    .type('application/json')
    .send({ status: 'error', errorType, error: message })
}
