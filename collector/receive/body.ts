/** Reads a request body up to a limit, and says how much memory it takes while it comes. */
import type { IncomingMessage } from 'node:http'
import { limits } from '../../catalog/limit.ts'
import { ReceiveError } from './receive-error.ts'

/**
 * `hold` is told of bytes before they are taken, and may throw. What it was told stays held. Nothing
 * is held for bytes that were only promised. What is not read of a refused body is thrown away as it
 * comes.
 */
export async function readBody(
  stream: IncomingMessage,
  hold: (bytes: number) => void,
): Promise<Buffer> {
  // One buffer that grows: a list of chunks would take far more than they hold if they are tiny.
  let body = Buffer.alloc(0)
  let length = 0
  try {
    assertFits(Number(stream.headers['content-length'] ?? 0))
    for await (const chunk of chunksOf(stream)) {
      const end = length + chunk.length
      assertFits(end)
      if (end > body.length) {
        const capacity = Math.max(end, Math.min(2 * body.length, limits.bodyBytes.value))
        hold(capacity - body.length)
        const grown = Buffer.allocUnsafe(capacity)
        body.copy(grown, 0, 0, length)
        body = grown
      }
      chunk.copy(body, length)
      length = end
    }
  } finally {
    stream.resume()
  }
  return body.subarray(0, length)
}

/** The connection outlives a loop that breaks off: there is an answer to send. */
const chunksOf = (stream: IncomingMessage) =>
  stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>

function assertFits(length: number): void {
  if (length <= limits.bodyBytes.value) return
  throw new ReceiveError(
    'ERR_BODY_TOO_LARGE',
    `the body is larger than ${limits.bodyBytes.value} bytes`,
  )
}
