/**
 * Stands between an agent and a collector, over real sockets: passes requests on, loses them or their
 * answers, answers in the collector's place, and keeps what came of every batch.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { decodeMetrics } from '../../wire/otlp-decode.ts'

/** What happens to the next request. */
export type Fault =
  | 'none'
  | 'lostRequest'
  | 'lostAnswer'
  /** Nothing happens to it until `release`. */
  | 'held'
  | { readonly status: number; readonly retryAfter?: string }

export interface Sent {
  readonly id: string
  /** Unix ms of all points in it. */
  readonly times: ReadonlySet<number>
  readonly atMs: number
  /** What the collector answered; undefined where it did not. */
  status?: number
}

export class Relay {
  /** OTLP address of the collector; undefined while there is none. */
  upstream: string | undefined
  fault: () => Fault = () => 'none'
  readonly sent: Sent[] = []
  readonly #digests = new Map<string, string>()
  readonly #server: http.Server
  #wrong: unknown
  #held = Promise.withResolvers<void>()

  private constructor() {
    this.#server = http.createServer((request, response) => {
      this.#take(request, response).catch((error: unknown) => {
        // A collector that was killed meanwhile gives no answer either.
        if (error instanceof assert.AssertionError) this.#wrong = error
        response.destroy()
      })
    })
  }

  static async start(): Promise<Relay> {
    const relay = new Relay()
    relay.#server.listen(0, '127.0.0.1')
    await new Promise((resolve) => relay.#server.once('listening', resolve))
    return relay
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** Times of all points that the collector has said to be stored. */
  get acknowledged(): ReadonlySet<number> {
    return new Set(
      this.sent.filter(({ status }) => status === 200).flatMap(({ times }) => [...times]),
    )
  }

  get ids(): ReadonlySet<string> {
    return new Set(this.sent.map(({ id }) => id))
  }

  /** Requests that are held go on. */
  release(): void {
    this.#held.resolve()
    this.#held = Promise.withResolvers()
  }

  /** Throws what was wrong with a request. */
  check(): void {
    if (this.#wrong !== undefined) throw this.#wrong
  }

  async stop(): Promise<void> {
    await new Promise((resolve) => {
      this.#server.close(resolve)
      this.#server.closeAllConnections()
    })
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fault = this.fault()
    if (fault === 'lostRequest') {
      response.destroy()
      return
    }
    const body = await buffer(request)
    const sent = this.#note(request, body)
    if (typeof fault === 'object') {
      const { status, retryAfter } = fault
      response.writeHead(status, { ...(retryAfter && { 'retry-after': retryAfter }) }).end()
      return
    }
    if (fault === 'held') await this.#held.promise
    if (this.upstream === undefined) {
      response.destroy()
      return
    }
    const { 'content-type': type = '', 'content-encoding': encoding } = request.headers
    const answer = await fetch(`${this.upstream}/v1/metrics`, {
      method: 'POST',
      headers: { 'content-type': type, ...(encoding && { 'content-encoding': encoding }) },
      body: new Uint8Array(body),
    })
    const answered = Buffer.from(await answer.arrayBuffer())
    sent.status = answer.status
    if (fault === 'lostAnswer') {
      response.destroy()
      return
    }
    const kept = ['content-type', 'retry-after', 'accept-encoding'].flatMap((name) => {
      const value = answer.headers.get(name)
      return value === null ? [] : [[name, value] as const]
    })
    response.writeHead(answer.status, Object.fromEntries(kept)).end(answered)
  }

  #note({ headers }: IncomingMessage, sent: Buffer): Sent {
    const id = String(headers['candor-batch'])
    const body =
      headers['content-encoding'] === 'zstd' ? zstdDecompressSync(sent) : gunzipSync(sent)
    const digest = createHash('sha256').update(body).digest('hex')
    assert.equal(this.#digests.get(id) ?? digest, digest, `${id} was given to two batches`)
    this.#digests.set(id, digest)
    const times = new Set<number>()
    decodeMetrics(body, {
      resource: () => {},
      metric: () => {},
      point: (_attributes, timeMs) => times.add(timeMs),
      distribution: () => {},
      rejected: () => assert.fail('a point was rejected'),
    })
    const note: Sent = { id, times, atMs: performance.now() }
    this.sent.push(note)
    return note
  }
}
