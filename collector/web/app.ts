/**
 * An HTTP server with the house's manners: bounds on size and time, security headers, and errors as
 * JSON with a code of the catalogue, never a stack trace.
 */
import fastify, { LogController } from 'fastify'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  FastifyServerFactory,
} from 'fastify'
import { type ErrorCode, errors } from '../../catalog/error.ts'
import { limits } from '../../catalog/limit.ts'
import type { Log } from '../../settings/log.ts'
import type { WatchedConfig } from '../../settings/web/config-watch.ts'
import { createTlsServer } from '../../settings/web/tls.ts'

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

const TLS_OPTIONS = {
  maxHeaderSize: limits.headerBytes.value,
  requestTimeout: limits.requestMs.value,
  headersTimeout: limits.requestMs.value,
  keepAliveTimeout: limits.requestMs.value,
}

const factoryOf =
  (config: WatchedConfig): FastifyServerFactory =>
  (handler) =>
    createTlsServer(TLS_OPTIONS, config, handler)

/** With a configuration that has TLS, the app speaks that alone. */
export function makeApp(log: Log, config?: WatchedConfig): FastifyInstance {
  const loggerInstance: FastifyBaseLogger = log
  const app = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.bodyBytes.value,
    requestTimeout: limits.requestMs.value,
    keepAliveTimeout: limits.requestMs.value,
    forceCloseConnections: true,
    http: { maxHeaderSize: limits.headerBytes.value },
    ...(config?.current().tls !== undefined && { serverFactory: factoryOf(config) }),
    frameworkErrors: answerError,
  })
  finishAnswers(app)
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
function finishAnswers(app: FastifyInstance): void {
  let open = 0
  const drained = Promise.withResolvers<void>()
  let isStopping = false
  app.addHook('onRequest', async (_request, reply) => {
    open += 1
    reply.raw.once('close', () => {
      open -= 1
      if (isStopping && open === 0) drained.resolve()
    })
  })
  app.addHook('preClose', async () => {
    isStopping = true
    if (open === 0) return
    const timer = setTimeout(drained.resolve, limits.answerStopMs.value)
    await drained.promise
    clearTimeout(timer)
  })
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
