/**
 * An HTTP server with the house's manners: bounds on size and time, security headers, and errors as
 * JSON with a code of the catalogue, never a stack trace.
 */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import fastify, { LogController } from 'fastify'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type ErrorCode, errors } from '../../catalog/error.ts'
import { limits } from '../../catalog/limit.ts'
import type { Log } from '../../settings/log.ts'
import type { WatchedConfig } from '../../settings/web/config-watch.ts'
import { createTlsServer } from '../../settings/web/tls.ts'
import { Answer } from './answer.ts'

const HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

const SERVER_OPTIONS = {
  maxHeaderSize: limits.headerBytes.value,
  requestTimeout: limits.requestMs.value,
  headersTimeout: limits.requestMs.value,
  keepAliveTimeout: limits.requestMs.value,
}

const serverOf = (config: WatchedConfig | undefined, handle: RequestListener): Server =>
  config?.current().tls === undefined
    ? createServer(SERVER_OPTIONS, handle)
    : createTlsServer(SERVER_OPTIONS, config, handle)

/** Answers a request, whatever becomes of it. */
export type Direct = (request: IncomingMessage, answer: Answer) => Promise<void>

/** What is served before an app looks at it. */
interface Directly {
  readonly paths: Map<string, Direct>
  readonly serve: (direct: Direct, request: IncomingMessage, response: ServerResponse) => void
}

const directly = new WeakMap<FastifyInstance, Directly>()

/**
 * Serves POST of a path without the hooks and the router of the app, which take longer than all else
 * about a small request. The app still has the route, for those who write the path in another way.
 */
export function postDirectly(app: FastifyInstance, path: string, direct: Direct): void {
  const { paths, serve } = directly.get(app)!
  paths.set(path, direct)
  app.route({
    method: 'POST',
    url: path,
    // Before the app would read the body.
    onRequest: (request, reply) => {
      reply.hijack()
      serve(direct, request.raw, reply.raw)
    },
    handler: (_request, reply) => reply,
  })
}

/** With a configuration that has TLS, the app speaks that alone. */
export function makeApp(log: Log, config?: WatchedConfig): FastifyInstance {
  const loggerInstance: FastifyBaseLogger = log
  const paths = new Map<string, Direct>()
  const open = new OpenRequests()
  const serve: Directly['serve'] = (direct, request, response) =>
    void direct(request, new Answer(response, HEADERS))
  const app = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.bodyBytes.value,
    // The name of a label stands in the address, and is as long as whoever sends it likes.
    routerOptions: { maxParamLength: limits.headerBytes.value },
    requestTimeout: limits.requestMs.value,
    keepAliveTimeout: limits.requestMs.value,
    forceCloseConnections: true,
    serverFactory: (handle) =>
      serverOf(config, (request, response) => {
        const direct = request.method === 'POST' ? paths.get(request.url!) : undefined
        // Of a stop the app tells.
        if (direct === undefined || open.isStopping) return handle(request, response)
        open.add(response)
        serve(direct, request, response)
      }),
    frameworkErrors: answerError,
  })
  directly.set(app, { paths, serve })
  finishAnswers(app, open)
  const methods = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ url, method }) => {
    const known = methods.get(url) ?? new Set()
    for (const each of [method].flat()) known.add(each)
    methods.set(url, known)
  })
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(HEADERS)
  })
  app.setErrorHandler(answerError)
  app.setNotFoundHandler((request, reply) => {
    const allowed = methods.get(pathOf(request))
    if (allowed === undefined) return refuse(reply, 404, 'ERR_NOT_FOUND', 'there is no such path')
    const allow = [...allowed].join(', ')
    void reply.header('allow', allow)
    return refuse(reply, 405, 'ERR_METHOD_NOT_ALLOWED', `use ${allow}`)
  })
  return app
}

/**
 * Requests that came before the server stops get their answer, within a bound; those that come
 * meanwhile get 503. Then all connections are closed, idle ones too.
 */
function finishAnswers(app: FastifyInstance, open: OpenRequests): void {
  app.addHook('onRequest', async (_request, reply) => open.add(reply.raw))
  app.addHook('preClose', () => open.drained())
}

/** Requests that are not answered yet. */
class OpenRequests {
  #count = 0
  #isStopping = false
  readonly #drained = Promise.withResolvers<void>()
  readonly #closed = () => {
    this.#count -= 1
    if (this.#isStopping && this.#count === 0) this.#drained.resolve()
  }

  get isStopping(): boolean {
    return this.#isStopping
  }

  add(response: ServerResponse): void {
    this.#count += 1
    response.once('close', this.#closed)
  }

  async drained(): Promise<void> {
    this.#isStopping = true
    if (this.#count === 0) return
    const timer = setTimeout(this.#drained.resolve, limits.answerStopMs.value)
    await this.#drained.promise
    clearTimeout(timer)
  }
}

export const refuse = (
  reply: FastifyReply,
  status: number,
  code: ErrorCode,
  message: string,
): FastifyReply => reply.code(status).type('application/json').send({ code, message })

const pathOf = ({ url }: FastifyRequest) => url.split('?', 1)[0]!

interface Refusal extends Error {
  readonly code?: string
  readonly statusCode?: number
}

/** The sender is told what it did wrong; what went wrong in here is for the log alone. */
function answerError(error: Refusal, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  // An address that cannot be parsed comes here before any hook has run.
  void reply.headers(HEADERS)
  const status = error.statusCode ?? (error.code === 'ERR_OVERLOADED' ? 503 : 500)
  const known = error.code !== undefined && Object.hasOwn(errors, error.code)
  const code = known ? (error.code as ErrorCode) : undefined
  if (status < 500) return refuse(reply, status, code ?? 'ERR_BAD_REQUEST', error.message)
  request.log.error({ err: error, path: pathOf(request) }, 'request failed')
  if (status === 503) void reply.header('retry-after', '5')
  return refuse(reply, status, code ?? 'ERR_INTERNAL', 'the request failed; the log has the reason')
}
