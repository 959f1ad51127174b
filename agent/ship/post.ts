/** One POST over a connection that is kept. What of it failed is the caller's to judge. */
import type { Agent, IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { limits } from '../../catalog/limit.ts'
import { http } from '../http.ts'

export interface Answer {
  readonly status: number
  readonly retryAfter: string | undefined
  /** At most `limits.pushAnswerBytes`. */
  readonly body: Buffer
}

export interface Post {
  readonly headers: OutgoingHttpHeaders
  readonly body: Buffer
  /** From the start to the last byte of the answer. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** Sends one request at a time to one URL. */
export interface Poster {
  /** Rejects when there is no answer: refused, reset, aborted. */
  post(request: Post): Promise<Answer>
  close(): void
}

/** TLS is loaded only where it is used. */
export async function openPoster(url: URL): Promise<Poster> {
  const { Agent, request } = url.protocol === 'https:' ? await import('node:https') : http
  const agent: Agent = new Agent({ keepAlive: true, maxSockets: 1 })
  return {
    close: () => agent.destroy(),
    post: async ({ headers, body, timeoutMs, signal }) => {
      const { promise, resolve, reject } = Promise.withResolvers<Answer>()
      const sent = request(url, { method: 'POST', agent, headers, signal }, (response) => {
        readAnswer(response).then(resolve, reject)
      })
      sent.on('error', reject)
      sent.end(body)
      const timer = setTimeout(() => {
        sent.destroy(new Error(`no answer within ${timeoutMs} ms`))
      }, timeoutMs)
      return promise.finally(() => clearTimeout(timer))
    },
  }
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size >= limits.pushAnswerBytes.value) break
  }
  return {
    status: response.statusCode ?? 0,
    retryAfter: response.headers['retry-after'],
    body: Buffer.concat(chunks).subarray(0, limits.pushAnswerBytes.value),
  }
}
