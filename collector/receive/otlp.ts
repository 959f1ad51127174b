/**
 * POST /v1/metrics: OTLP/HTTP with protobuf bodies, plain, gzip or zstd.
 *
 * 200 means stored. Errors are google.rpc.Status in protobuf: 400, 413 and 415 tell the sender not to
 * try again, 429 and 503 to try again after Retry-After. Points that could not be taken while the rest
 * was are a partial success.
 * Source: the OTLP specification, "OTLP/HTTP".
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { limits } from '../../catalog/limit.ts'
import type { Log } from '../../settings/log.ts'
import { RepeatedWarnings } from '../../settings/log.ts'
import { decodeMetrics } from '../../wire/otlp-decode.ts'
import { encodeResponse, encodeStatus, OTLP_TYPE } from '../../wire/otlp-response.ts'
import { MalformedOtlp } from '../../wire/protobuf.ts'
import { StoreError } from '../store/store-error.ts'
import type { Store } from '../store/store.ts'
import type { OwnMetrics } from '../web/self-metrics.ts'
import { readBody } from './body.ts'
import { Commit } from './commit.ts'
import { ENCODINGS, inflate, isKnownEncoding } from './inflate.ts'
import { INTERNAL, ReceiveError, refusals } from './receive-error.ts'
import { RowBuilder, Tenant } from './rows.ts'

export interface OtlpOptions {
  readonly store: Pick<Store, 'insertRows'>
  readonly log: Log
  readonly own: OwnMetrics
  readonly tenant?: string
}

const PROTOCOL = 'otlp'
/** nginx's code for a sender that left before it had its answer. */
const LEFT = '499'

export interface Receiving {
  /** Why the last insert failed; undefined when it worked, or when there was none. */
  readonly failure: () => string | undefined
}

export function registerOtlp(app: FastifyInstance, options: OtlpOptions): Receiving {
  const receiver = new Receiver(options)
  // A plugin of its own, so that the parser and the error handler hold for this route alone.
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    // The receiver reads the body itself, so that it knows how much of it is in memory.
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    scope.addHook('onRequest', async (request, reply) => receiver.admit(request, reply))
    scope.setErrorHandler((error, request, reply) => receiver.refuse(error, request, reply))
    scope.post('/v1/metrics', (request, reply) => receiver.receive(request, reply))
  })
  return { failure: () => receiver.failure }
}

class Receiver {
  readonly #own: OwnMetrics
  readonly #warnings: RepeatedWarnings
  readonly #commit: Commit
  readonly #tenant: Tenant
  /** Whose body is read or whose rows are being stored. */
  #requests = 0
  /** Bodies, as sent and as inflated, until they are rows. */
  #heldBytes = 0

  constructor({ store, log, own, tenant = '' }: OtlpOptions) {
    this.#own = own
    this.#warnings = new RepeatedWarnings(log)
    this.#commit = new Commit(store, own)
    this.#tenant = new Tenant(tenant)
  }

  get failure(): string | undefined {
    return this.#commit.failure
  }

  /** Refuses what its headers tell; counts every request when it ends. */
  admit(request: FastifyRequest, reply: FastifyReply): void {
    reply.raw.once('close', () => {
      const code = reply.raw.writableFinished ? String(reply.statusCode) : LEFT
      this.#own.inc('receiveRequests', { protocol: PROTOCOL, code })
    })
    // Senders may learn from any answer that they need not use gzip (RFC 9110, 12.5.3).
    reply.header('accept-encoding', ENCODINGS)
    const type = request.headers['content-type']?.split(';')[0]!.trim().toLowerCase()
    if (type !== OTLP_TYPE) {
      throw new ReceiveError(
        'ERR_OTLP_CONTENT_TYPE',
        `expected ${OTLP_TYPE}, found ${type ?? 'none'}`,
      )
    }
    const encoding = encodingOf(request)
    if (!isKnownEncoding(encoding)) {
      throw new ReceiveError(
        'ERR_OTLP_ENCODING',
        `expected gzip, zstd or identity, found ${encoding}`,
      )
    }
  }

  async receive(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    this.#requests += 1
    try {
      if (this.#requests > limits.requestsInFlight.value) {
        throw new ReceiveError('ERR_OVERLOADED', 'too many requests in flight')
      }
      const { rows, stored } = await this.#take(request)
      await stored
      this.#own.inc('receivePoints', { protocol: PROTOCOL }, rows.points)
      for (const [reason, count] of rows.dropped) this.#own.inc('receiveDropped', { reason }, count)
      return await reply
        .header('content-type', OTLP_TYPE)
        .send(encodeResponse(partialOf(rows.dropped)))
    } finally {
      this.#requests -= 1
    }
  }

  /** Makes the body rows that wait to be stored; no byte of it is kept. */
  async #take(request: FastifyRequest): Promise<Taken> {
    let held = 0
    const hold = (bytes: number) => {
      held += bytes
      this.#heldBytes += bytes
      if (this.#heldBytes + this.#commit.bytes > limits.inflightBytes.value) {
        throw new ReceiveError('ERR_OVERLOADED', 'too many bytes in flight')
      }
    }
    try {
      const sent = await readBody(request.raw, hold)
      const body = await inflate(sent, encodingOf(request))
      if (body !== sent) hold(body.length)
      return this.#addRows(body)
    } finally {
      this.#heldBytes -= held
    }
  }

  #addRows(body: Buffer): Taken {
    let rows: RowBuilder | undefined
    const stored = this.#commit.add(this.#tenant, (batch) => {
      rows = new RowBuilder(batch, this.#tenant, Date.now())
      decodeMetrics(body, rows)
      rows.finish()
    })
    return { rows: rows!, stored }
  }

  refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const known = asReceiveError(error)
    const { http, grpc, retryAfter } = known === undefined ? INTERNAL : refusals[known.code]
    const code = known?.code ?? 'internal'
    const fields = { err: error, peer: request.ip, httpStatus: http }
    // Who has left is counted when the connection closes and needs no answer.
    if (!reply.raw.destroyed) this.#warnings.warn(code, fields, 'request refused', Date.now())
    if (retryAfter !== undefined) reply.header('retry-after', retryAfter)
    // The rest of what is too large is not waited for.
    if (known?.code === 'ERR_OTLP_TOO_LARGE') reply.header('connection', 'close')
    return reply
      .code(http)
      .header('content-type', OTLP_TYPE)
      .send(
        encodeStatus(grpc, known === undefined ? 'internal error' : `${code}: ${known.message}`),
      )
  }
}

interface Taken {
  readonly rows: RowBuilder
  /** Settles when the rows are stored, or are not. */
  readonly stored: Promise<void>
}

const encodingOf = (request: FastifyRequest) =>
  (request.headers['content-encoding'] ?? '').trim().toLowerCase()

function partialOf(dropped: ReadonlyMap<string, number>) {
  if (dropped.size === 0) return undefined
  let rejectedPoints = 0
  for (const count of dropped.values()) rejectedPoints += count
  const message = [...dropped].map(([reason, count]) => `${reason}: ${count}`).join(', ')
  return { rejectedPoints, message: `points not stored by reason: ${message}` }
}

function asReceiveError(error: unknown): ReceiveError | undefined {
  if (error instanceof ReceiveError) return error
  if (error instanceof MalformedOtlp) {
    return new ReceiveError('ERR_OTLP_MALFORMED', error.message, { cause: error })
  }
  // What went wrong in the store is for the log, not for the sender.
  if (error instanceof StoreError) {
    return new ReceiveError('ERR_STORE_INSERT', 'the batch could not be stored', { cause: error })
  }
  return undefined
}
