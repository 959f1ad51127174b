/** A receiver of OTLP over a real socket, which answers as a test tells it to. */
import http, { type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}
export type Behaviour = (response: ServerResponse, nth: number) => void

export interface Receiver {
  readonly url: string
  readonly port: number
  readonly received: readonly Received[]
  stop(): Promise<void>
}

export const accept: Behaviour = (response) => response.end()
export const answer =
  (
    status: number,
    headers: Record<string, string> = {},
    body: Uint8Array = Buffer.alloc(0),
  ): Behaviour =>
  (response) =>
    response.writeHead(status, headers).end(body)
/** The body is read and the connection dies before an answer. */
export const loseAnswer: Behaviour = (response) => response.destroy()
export const neverAnswer: Behaviour = () => {}

/** The first behaviours once each, the last one from then on. */
export const inTurn =
  (...behaviours: readonly Behaviour[]): Behaviour =>
  (response, nth) =>
    behaviours[Math.min(nth, behaviours.length - 1)]!(response, nth)

export async function startReceiver(behave: Behaviour, port = 0): Promise<Receiver> {
  const received: Received[] = []
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      received.push({
        path: request.url!,
        headers: request.headers,
        body: Buffer.concat(chunks),
      })
      behave(response, received.length - 1)
    })
  })
  server.listen(port, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const bound = (server.address() as AddressInfo).port
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    received,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
