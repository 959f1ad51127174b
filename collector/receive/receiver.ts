/**
 * Takes requests of any protocol from their headers to an answer: reads the body, makes it rows, waits
 * until they are stored. What differs from protocol to protocol is in its `Protocol`.
 *
 * An answer of success means stored. 400, 413 and 415 tell the sender not to try again, 429 and 503 to
 * try again after Retry-After.
 */
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Log } from '../../settings/log.ts'
import { RepeatedWarnings } from '../../settings/log.ts'
import { Access, type Caller } from '../access/access.ts'
import type { ColumnBatch } from '../store/columns.ts'
import type { Store } from '../store/store.ts'
import { type Link, type Tracing, UNTRACED } from '../telemetry/tracing.ts'
import type { Answer } from '../web/answer.ts'
import { postDirectly } from '../web/app.ts'
import type { OwnMetrics } from '../web/self-metrics.ts'
import { adviceFor } from './advice.ts'
import { readBody } from './body.ts'
import { Commit } from './commit.ts'
import { inflate } from './inflate.ts'
import { Pace } from './pace.ts'
import type { Format, Outcome, Protocol } from './protocol.ts'
import { Quotas } from './quotas.ts'
import { asReceiveError, INTERNAL, ReceiveError, refusals } from './receive-error.ts'
import { tracedRequest } from './request-span.ts'
import type { Tenant } from './tenant.ts'
import { Tenants } from './tenants.ts'

export interface ReceiverOptions {
  readonly store: Pick<Store, 'insertRows'>
  readonly log: Log
  readonly own: OwnMetrics
  /** Without it everyone may write, as the default tenant. */
  readonly access?: Access
  readonly tracing?: Tracing
}

export interface Receiving {
  /** Why the last insert failed; undefined when it worked, or when there was none. */
  readonly failure: () => string | undefined
  /** Tells /metrics what is known of each tenant. */
  readonly tell: () => void
  /** When a tenant last sent something, Unix ms; undefined when it did not lately. */
  readonly lastMs: (tenant: string) => number | undefined
  /** Lets rows that nobody sent go with the next group. Throws StoreError when it is not stored. */
  readonly add: (tenant: Tenant, write: (batch: ColumnBatch) => void) => Promise<void>
  /** Receives on a further app, where others may write. */
  readonly also: (app: FastifyInstance, access: Access) => void
}

/** nginx's code for a sender that left before it had its answer. */
const LEFT = '499'

export function registerReceiver(
  app: FastifyInstance,
  protocols: readonly Protocol[],
  options: ReceiverOptions,
): Receiving {
  const { own, access = new Access({}, own) } = options
  const receiver = new Receiver(options, access)
  register(app, protocols, receiver, access)
  return {
    failure: () => receiver.failure,
    tell: () => receiver.tell(),
    lastMs: (tenant) => receiver.lastMs(tenant),
    add: (tenant, write) => receiver.add(tenant, write),
    also: (other, who) => register(other, protocols, receiver, who),
  }
}

function register(
  app: FastifyInstance,
  protocols: readonly Protocol[],
  receiver: Receiver,
  access: Access,
): void {
  for (const protocol of protocols) {
    for (const path of protocol.paths) {
      const route = { protocol, path, access }
      postDirectly(app, path, (request, reply) => receiver.serve(route, request, reply))
    }
  }
}

/** One path, and who may send there. */
interface Route {
  readonly protocol: Protocol
  readonly path: string
  readonly access: Access
}

class Receiver {
  readonly #own: OwnMetrics
  readonly #warnings: RepeatedWarnings
  readonly #commit: Commit
  readonly #tracing: Tracing
  readonly #tenants = new Tenants()
  readonly #quotas: Quotas

  constructor({ store, log, own, tracing = UNTRACED }: ReceiverOptions, access: Access) {
    this.#own = own
    this.#warnings = new RepeatedWarnings(log)
    this.#tracing = tracing
    this.#commit = new Commit(store, own, new Pace(), tracing)
    this.#quotas = new Quotas(own, access.hasTenants)
  }

  get failure(): string | undefined {
    return this.#commit.failure
  }

  lastMs(tenant: string): number | undefined {
    return this.#tenants.lastMs(tenant)
  }

  add(tenant: Tenant, write: (batch: ColumnBatch) => void): Promise<void> {
    return this.#commit.add(tenant, write)
  }

  tell(): void {
    this.#own.remove('tenantSeries')
    this.#own.remove('tenantEntities')
    let bytes = 0
    for (const { name: tenant, series, entities, skeletons } of this.#tenants.all(Date.now())) {
      bytes += skeletons.bytes
      for (const [result, count] of Object.entries(skeletons.takeCounts())) {
        this.#own.inc('receiveResources', { result }, count)
      }
      this.#own.set('tenantSeries', { tenant }, series.size)
      this.#own.set('tenantEntities', { tenant }, entities.size)
    }
    this.#own.set('receiveSkeletonBytes', {}, bytes)
    this.#own.set('receiveWaitingBytes', {}, this.#commit.bytes)
    this.#own.set('receiveInFlight', {}, this.#quotas.requests)
    this.#own.set('receiveInFlightBytes', {}, this.#quotas.bytes)
  }

  /** Answers a request, whatever becomes of it. */
  async serve(route: Route, request: IncomingMessage, reply: Answer): Promise<void> {
    const { protocol, path } = route
    try {
      const caller = await this.#admit(route, request, reply)
      await tracedRequest(this.#tracing, { caller, path, request, reply }, (link) =>
        this.#receive(protocol, caller, request, reply, link),
      )
    } catch (error) {
      this.#refuse(protocol, error, request, reply)
    }
  }

  /** Refuses what its headers tell; counts every request when it ends. */
  async #admit(
    { protocol: { name, formats, encodings }, access }: Route,
    request: IncomingMessage,
    reply: Answer,
  ): Promise<Caller> {
    const { raw } = reply
    raw.once('close', () => {
      const code = raw.writableFinished ? String(raw.statusCode) : LEFT
      this.#own.inc('receiveRequests', { protocol: name, code })
    })
    // Senders may learn from any answer which encodings they can use (RFC 9110, 12.5.3).
    reply.header('accept-encoding', encodings.join(', '))
    const caller = await access.admit(request, reply, 'write')
    if (formatOf(formats, request) === undefined) {
      const expected = formats.map(({ contentType }) => contentType).join(' or ')
      const found = request.headers['content-type'] ?? 'none'
      throw new ReceiveError('ERR_BODY_TYPE', `expected ${expected}, found ${found}`)
    }
    const encoding = encodingOf(request)
    if (encoding === '' || encoding === 'identity' || encodings.includes(encoding)) return caller
    throw new ReceiveError(
      'ERR_BODY_ENCODING',
      `expected ${[...encodings, 'identity'].join(' or ')}, found ${encoding}`,
    )
  }

  async #receive(
    protocol: Protocol,
    caller: Caller,
    request: IncomingMessage,
    reply: Answer,
    link: Link | undefined,
  ): Promise<Outcome> {
    this.#quotas.begin(caller, reply)
    try {
      // Who was admitted has one.
      const format = formatOf(protocol.formats, request)!
      const { outcome, stored } = await this.#take(protocol, caller, format, request, link)
      await stored
      this.#count(protocol, caller, outcome, request)
      outcome.answer(reply)
      return outcome
    } finally {
      this.#quotas.end(caller)
    }
  }

  /** Makes the body rows that wait to be stored; no byte of it is kept. */
  async #take(
    { defaultEncoding }: Protocol,
    caller: Caller,
    format: Format,
    request: IncomingMessage,
    link: Link | undefined,
  ): Promise<Taken> {
    let held = 0
    const hold = (bytes: number) => {
      this.#quotas.hold(caller, bytes)
      held += bytes
    }
    try {
      const sent = await readBody(request, hold)
      const inflated = inflate(sent, encodingOf(request) || defaultEncoding, hold)
      const body = inflated instanceof Promise ? await inflated : inflated
      return this.#addRows(caller, format, body, link)
    } finally {
      this.#quotas.release(caller, held)
    }
  }

  #addRows(caller: Caller, { decode }: Format, body: Buffer, link: Link | undefined): Taken {
    const nowMs = Date.now()
    const tenant = this.#tenants.of(caller.tenant, nowMs)
    let outcome: Outcome | undefined
    let bytes = 0
    const write = (batch: ColumnBatch) => {
      const before = batch.bytes
      tenant.allowed = caller.allowed
      outcome = decode(body, batch, tenant, nowMs)
      bytes = batch.bytes - before
    }
    let stored: Promise<void>
    try {
      stored = this.#commit.add(tenant, write, link)
    } catch (error) {
      this.#quotas.countUnread(caller, body.length)
      throw error
    }
    const { points, dropped } = outcome!
    const sent = [...dropped.values()].reduce((sum, count) => sum + count, points)
    this.#quotas.count(caller, { points: sent, bytes }, stored)
    return { outcome: outcome!, stored }
  }

  #count(
    { name }: Protocol,
    { tenant }: Caller,
    { points, dropped }: Outcome,
    request: IncomingMessage,
  ): void {
    this.#own.inc('receivePoints', { protocol: name }, points)
    for (const [reason, count] of dropped) {
      this.#own.inc('receiveDropped', { reason }, count)
      this.#own.inc('tenantDropped', { tenant, reason }, count)
      const advice = adviceFor(reason)
      const fields = {
        reason,
        points: count,
        peer: request.socket.remoteAddress,
        ...(tenant !== '' && { tenant }),
        ...(advice && { advice }),
      }
      this.#warnings.warn(`${tenant} ${reason}`, fields, 'points were not stored', Date.now())
    }
  }

  #refuse({ formats }: Protocol, error: unknown, request: IncomingMessage, reply: Answer): void {
    const known = asReceiveError(error)
    const refusal = known === undefined ? INTERNAL : refusals[known.code]
    const code = known?.code ?? 'internal'
    const fields = { err: error, peer: request.socket.remoteAddress, httpStatus: refusal.http }
    // Who has left is counted when the connection closes and needs no answer.
    if (!reply.raw.destroyed) this.#warnings.warn(code, fields, 'request refused', Date.now())
    // What failed was only to be said of a request that has its answer.
    if (reply.raw.headersSent) return
    if (refusal.retryAfter !== undefined && !reply.hasHeader('retry-after')) {
      reply.header('retry-after', refusal.retryAfter)
    }
    // The rest of what is too large is not waited for.
    if (known?.code === 'ERR_BODY_TOO_LARGE') reply.header('connection', 'close')
    const format = formatOf(formats, request) ?? formats[0]
    const message = known === undefined ? 'internal error' : `${code}: ${known.message}`
    format.refuse(reply.code(refusal.http), refusal, message)
  }
}

interface Taken {
  readonly outcome: Outcome
  /** Settles when the rows are stored, or are not. */
  readonly stored: Promise<void>
}

function formatOf(formats: readonly Format[], { headers }: IncomingMessage): Format | undefined {
  const type = (headers['content-type'] ?? '').toLowerCase()
  return formats.find(({ accepts }) => accepts(type))
}

const encodingOf = ({ headers }: IncomingMessage) =>
  (headers['content-encoding'] ?? '').trim().toLowerCase()
