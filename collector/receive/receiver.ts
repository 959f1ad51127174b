/**
 * Takes requests of any protocol from their headers to an answer: reads the body, makes it rows, waits
 * until they are stored. What differs from protocol to protocol is in its `Protocol`.
 *
 * An answer of success means stored. 400, 413 and 415 tell the sender not to try again, 429 and 503 to
 * try again after Retry-After.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { limits } from '../../catalog/limit.ts'
import type { Log } from '../../settings/log.ts'
import { RepeatedWarnings } from '../../settings/log.ts'
import { MalformedMessage } from '../../wire/protobuf.ts'
import { StoreError } from '../store/store-error.ts'
import type { ColumnBatch } from '../store/columns.ts'
import type { Store } from '../store/store.ts'
import type { OwnMetrics } from '../web/self-metrics.ts'
import { adviceFor } from './advice.ts'
import { readBody } from './body.ts'
import { Commit } from './commit.ts'
import { inflate } from './inflate.ts'
import { INTERNAL, ReceiveError, type Refusal, refusals } from './receive-error.ts'
import { Tenant } from './rows.ts'
import type { WriteDrop } from './write-rows.ts'

export interface ReceiverOptions {
  readonly store: Pick<Store, 'insertRows'>
  readonly log: Log
  readonly own: OwnMetrics
  readonly tenant?: string
}

export interface Receiving {
  /** Why the last insert failed; undefined when it worked, or when there was none. */
  readonly failure: () => string | undefined
}

/** One form of a protocol: its bodies and its answers. */
export interface Format {
  /** As people write it; what an error names. */
  readonly contentType: string
  /** Whether a Content-Type, in lower case, means it. */
  readonly accepts: (contentType: string) => boolean
  /** Makes a body rows of the batch. Throws MalformedMessage; what the batch has by then is taken back. */
  readonly decode: (body: Buffer, batch: ColumnBatch, tenant: Tenant, nowMs: number) => Outcome
  /** Sends the body of an answer whose status is set. */
  readonly refuse: (reply: FastifyReply, refusal: Refusal, message: string) => FastifyReply
}

/** What became of the points of a body. */
export interface Outcome {
  /** That were taken. */
  readonly points: number
  readonly dropped: ReadonlyMap<WriteDrop, number>
  /** Answers the request when its rows are stored. */
  readonly answer: (reply: FastifyReply) => FastifyReply
}

export interface Protocol {
  /** In labels of own metrics. */
  readonly name: string
  readonly paths: readonly string[]
  /** A request of unknown type is refused in the first. */
  readonly formats: readonly [Format, ...Format[]]
  /** Content encodings, the better one first; none of them is what a body without the header has. */
  readonly encodings: readonly string[]
  /** Content encoding of a body that tells none. */
  readonly defaultEncoding: string
}

/** nginx's code for a sender that left before it had its answer. */
const LEFT = '499'

export function registerReceiver(
  app: FastifyInstance,
  protocols: readonly Protocol[],
  options: ReceiverOptions,
): Receiving {
  const receiver = new Receiver(options)
  for (const protocol of protocols) {
    // A plugin of its own, so that the parser and the error handler hold for these routes alone.
    void app.register(async (scope) => {
      scope.removeAllContentTypeParsers()
      // The receiver reads the body itself, so that it knows how much of it is in memory.
      scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
      scope.addHook('onRequest', async (request, reply) => receiver.admit(protocol, request, reply))
      scope.setErrorHandler((error, request, reply) =>
        receiver.refuse(protocol, error, request, reply),
      )
      for (const path of protocol.paths) {
        scope.post(path, (request, reply) => receiver.receive(protocol, request, reply))
      }
    })
  }
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

  constructor({ store, log, own, tenant = '' }: ReceiverOptions) {
    this.#own = own
    this.#warnings = new RepeatedWarnings(log)
    this.#commit = new Commit(store, own)
    this.#tenant = new Tenant(tenant)
  }

  get failure(): string | undefined {
    return this.#commit.failure
  }

  /** Refuses what its headers tell; counts every request when it ends. */
  admit(
    { name, formats, encodings }: Protocol,
    request: FastifyRequest,
    reply: FastifyReply,
  ): void {
    reply.raw.once('close', () => {
      const code = reply.raw.writableFinished ? String(reply.statusCode) : LEFT
      this.#own.inc('receiveRequests', { protocol: name, code })
    })
    // Senders may learn from any answer which encodings they can use (RFC 9110, 12.5.3).
    reply.header('accept-encoding', encodings.join(', '))
    if (formatOf(formats, request) === undefined) {
      const expected = formats.map(({ contentType }) => contentType).join(' or ')
      const found = request.headers['content-type'] ?? 'none'
      throw new ReceiveError('ERR_BODY_TYPE', `expected ${expected}, found ${found}`)
    }
    const encoding = encodingOf(request)
    if (encoding === '' || encoding === 'identity' || encodings.includes(encoding)) return
    throw new ReceiveError(
      'ERR_BODY_ENCODING',
      `expected ${[...encodings, 'identity'].join(' or ')}, found ${encoding}`,
    )
  }

  async receive(
    protocol: Protocol,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    this.#requests += 1
    try {
      if (this.#requests > limits.requestsInFlight.value) {
        throw new ReceiveError('ERR_OVERLOADED', 'too many requests in flight')
      }
      // Who was admitted has one.
      const format = formatOf(protocol.formats, request)!
      const { outcome, stored } = await this.#take(protocol, format, request)
      await stored
      this.#count(protocol, outcome, request)
      return await outcome.answer(reply)
    } finally {
      this.#requests -= 1
    }
  }

  /** Makes the body rows that wait to be stored; no byte of it is kept. */
  async #take(
    { defaultEncoding }: Protocol,
    format: Format,
    request: FastifyRequest,
  ): Promise<Taken> {
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
      const body = await inflate(sent, encodingOf(request) || defaultEncoding)
      if (body !== sent) hold(body.length)
      return this.#addRows(format, body)
    } finally {
      this.#heldBytes -= held
    }
  }

  #addRows({ decode }: Format, body: Buffer): Taken {
    let outcome: Outcome | undefined
    const stored = this.#commit.add(this.#tenant, (batch) => {
      outcome = decode(body, batch, this.#tenant, Date.now())
    })
    return { outcome: outcome!, stored }
  }

  #count({ name }: Protocol, { points, dropped }: Outcome, request: FastifyRequest): void {
    this.#own.inc('receivePoints', { protocol: name }, points)
    for (const [reason, count] of dropped) {
      this.#own.inc('receiveDropped', { reason }, count)
      const advice = adviceFor(reason)
      const fields = { reason, points: count, peer: request.ip, ...(advice && { advice }) }
      this.#warnings.warn(reason, fields, 'points were not stored', Date.now())
    }
  }

  refuse(
    { formats }: Protocol,
    error: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
  ): FastifyReply {
    const known = asReceiveError(error)
    const refusal = known === undefined ? INTERNAL : refusals[known.code]
    const code = known?.code ?? 'internal'
    const fields = { err: error, peer: request.ip, httpStatus: refusal.http }
    // Who has left is counted when the connection closes and needs no answer.
    if (!reply.raw.destroyed) this.#warnings.warn(code, fields, 'request refused', Date.now())
    if (refusal.retryAfter !== undefined) reply.header('retry-after', refusal.retryAfter)
    // The rest of what is too large is not waited for.
    if (known?.code === 'ERR_BODY_TOO_LARGE') reply.header('connection', 'close')
    const format = formatOf(formats, request) ?? formats[0]
    const message = known === undefined ? 'internal error' : `${code}: ${known.message}`
    return format.refuse(reply.code(refusal.http), refusal, message)
  }
}

interface Taken {
  readonly outcome: Outcome
  /** Settles when the rows are stored, or are not. */
  readonly stored: Promise<void>
}

function formatOf(formats: readonly Format[], { headers }: FastifyRequest): Format | undefined {
  const type = (headers['content-type'] ?? '').toLowerCase()
  return formats.find(({ accepts }) => accepts(type))
}

const encodingOf = ({ headers }: FastifyRequest) =>
  (headers['content-encoding'] ?? '').trim().toLowerCase()

function asReceiveError(error: unknown): ReceiveError | undefined {
  if (error instanceof ReceiveError) return error
  if (error instanceof MalformedMessage) {
    return new ReceiveError('ERR_BODY_MALFORMED', error.message, { cause: error })
  }
  // What went wrong in the store is for the log, not for the sender.
  if (error instanceof StoreError) {
    return new ReceiveError('ERR_STORE_INSERT', 'the batch could not be stored', { cause: error })
  }
  return undefined
}
