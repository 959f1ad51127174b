/** One POST over a connection that is kept. What of it failed is the caller's to judge. */
import type { Agent, IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { urlToHttpOptions } from 'node:url'
import { limits } from '../../catalog/limit.ts'
import { http } from '../http.ts'
import { certificatesOf, type Credentials } from './credentials.ts'

export interface Answer {
  readonly status: number
  readonly retryAfter: string | undefined
  /** Encodings of bodies that the receiver says it takes. */
  readonly acceptEncoding: string | undefined
  /** At most `limits.pushAnswerBytes`. */
  readonly body: Buffer
}

export interface Post {
  readonly headers: OutgoingHttpHeaders
  readonly body: Buffer
  /** Until there is a connection. */
  readonly connectMs: number
  /** From the start to the last byte of the answer; not below `connectMs`. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
  /** There was a connection: the receiver, or what stands before it, is late. */
  readonly isThere: boolean

  constructor(withinMs: number, isThere: boolean) {
    super(`no answer within ${withinMs} ms`)
    this.isThere = isThere
  }
}

/** Sends one request at a time to one URL. */
export interface Poster {
  /** Rejects when there is no answer: refused, reset, aborted. */
  post(request: Post): Promise<Answer>
  close(): void
}

/** TLS is loaded only where it is used. */
export async function openPoster(url: URL, credentials: Credentials = {}): Promise<Poster> {
  const isTls = url.protocol === 'https:'
  const { Agent, request } = isTls ? await import('node:https') : http
  const agent: Agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const target = { ...urlToHttpOptions(url), method: 'POST', agent }
  return {
    close: () => agent.destroy(),
    post: ({ headers, body, connectMs, timeoutMs, signal }) =>
      new Promise((resolve, reject) => {
        const shown = isTls ? certificatesOf(credentials) : {}
        const sent = request({ ...target, ...shown, headers, signal }, (response) => {
          readAnswer(response, done, failed)
        })
        let timer = setTimeout(() => {
          if (sent.socket?.connecting !== false) sent.destroy(new NoAnswer(connectMs, false))
          else timer = setTimeout(late, timeoutMs - connectMs)
        }, connectMs)
        const late = () => sent.destroy(new NoAnswer(timeoutMs, true))
        const done = (answer: Answer) => {
          clearTimeout(timer)
          resolve(answer)
        }
        const failed = (error: Error) => {
          clearTimeout(timer)
          reject(error)
        }
        sent.on('error', failed)
        sent.end(body)
      }),
  }
}

function readAnswer(
  response: IncomingMessage,
  done: (answer: Answer) => void,
  failed: (error: Error) => void,
): void {
  const chunks: Buffer[] = []
  let size = 0
  const end = () => {
    done({
      status: response.statusCode ?? 0,
      retryAfter: response.headers['retry-after'],
      acceptEncoding: response.headers['accept-encoding'],
      body: Buffer.concat(chunks).subarray(0, limits.pushAnswerBytes.value),
    })
  }
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    size += chunk.length
    if (size < limits.pushAnswerBytes.value) return
    end()
    response.destroy()
  })
  response.on('end', end)
  response.on('error', failed)
}
