/**
 * Unary calls of gRPC over a socket of this machine: HTTP/2 with a prefix of five bytes.
 *
 *   message  = compressed length bytes    compressed: one byte, 0; length: four, big endian
 *   trailers = grpc-status grpc-message
 *
 * Source: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
import type { ClientHttp2Session, IncomingHttpHeaders } from 'node:http2'
import { connect } from 'node:net'
import { limits } from '../../catalog/limit.ts'
import { SourceRefused } from './source.ts'

const PREFIX_BYTES = 5
const OK = 0
export const UNIMPLEMENTED = 12

export class GrpcRefused extends SourceRefused {
  readonly status: number

  constructor(path: string, status: number, message: string) {
    const said = message === '' ? '' : `: ${message.slice(0, 200)}`
    super(`${path} answers with gRPC status ${status}${said}`, "see the log of the socket's owner")
    this.status = status
  }
}

export interface GrpcClient {
  /** `path` is `/package.Service/Method`. Rejects with GrpcRefused, or when there is no answer. */
  call(path: string, request: Uint8Array): Promise<Buffer>
  close(): void
}

/** HTTP/2 is loaded only where it is used. */
export function openGrpc(socketPath: string, signal: AbortSignal): GrpcClient {
  const http2 = process.getBuiltinModule('node:http2')
  const connection = http2.connect('http://localhost', {
    createConnection: () => connect(socketPath),
    settings: { enablePush: false },
  })
  const { promise: failed, reject } = Promise.withResolvers<never>()
  failed.catch(() => {}) // Nobody may be waiting when it comes.
  connection.once('error', reject)
  connection.once('close', () => reject(new Error(`${socketPath} has closed the connection`)))
  const giveUp = () => connection.destroy(signal.reason as Error)
  if (signal.aborted) giveUp()
  signal.addEventListener('abort', giveUp, { once: true })
  return {
    call: (path, request) => Promise.race([callOnce(connection, path, request), failed]),
    close: () => {
      signal.removeEventListener('abort', giveUp)
      connection.destroy()
    },
  }
}

async function callOnce(
  connection: ClientHttp2Session,
  path: string,
  request: Uint8Array,
): Promise<Buffer> {
  const stream = connection.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
  })
  let headers: IncomingHttpHeaders = {}
  stream.on('response', (received) => (headers = { ...headers, ...received }))
  stream.on('trailers', (received: IncomingHttpHeaders) => (headers = { ...headers, ...received }))
  const prefix = Buffer.alloc(PREFIX_BYTES)
  prefix.writeUInt32BE(request.length, 1)
  stream.end(Buffer.concat([prefix, request]))
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limits.identityAnswerBytes.value) {
      throw new SourceRefused(
        `${path} answers with more than ${limits.identityAnswerBytes.value} bytes`,
        'names from paths stay; switch the source off',
      )
    }
    chunks.push(chunk)
  }
  const status = Number(headers['grpc-status'] ?? Number.NaN)
  if (status !== OK) throw new GrpcRefused(path, status, String(headers['grpc-message'] ?? ''))
  return messageOf(Buffer.concat(chunks), path)
}

function messageOf(body: Buffer, path: string): Buffer {
  const whole = body.length >= PREFIX_BYTES && body.readUInt32BE(1) === body.length - PREFIX_BYTES
  if (!whole || body[0] !== 0) {
    throw new SourceRefused(
      `${path} answers with what is no gRPC message`,
      'see what listens there',
    )
  }
  return body.subarray(PREFIX_BYTES)
}
