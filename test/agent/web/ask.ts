/** A client without what fetch adds and takes away: encodings, methods, connections, certificates. */
import http from 'node:http'
import https, { type RequestOptions } from 'node:https'
import { once } from 'node:events'
import net from 'node:net'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

/** On a connection of its own, unless the options have another agent. */
export async function ask(url: string, options: RequestOptions = {}): Promise<Answer> {
  const { request } = url.startsWith('https:') ? https : http
  const sent = request(url, { agent: false, ...options })
  sent.end()
  const [response] = (await once(sent, 'response')) as [http.IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return {
    status: response.statusCode!,
    headers: response.headers,
    body: Buffer.concat(chunks),
  }
}

/** Sends bytes as they are; resolves with all that came back when the server closes, or `reset`. */
export const raw = (url: string, bytes: string | Buffer): Promise<string> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url)
    const socket = net.connect(Number(port), hostname, () => socket.write(bytes))
    let answer = ''
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')))
    socket.once('error', () => resolve(answer || 'reset'))
    socket.once('close', () => resolve(answer))
  })
