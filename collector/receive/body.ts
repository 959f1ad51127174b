/** Reads a request body up to a limit, and says how much memory it takes while it comes. */
import type { IncomingMessage } from 'node:http'
import { limits } from '../../catalog/limit.ts'
import { ReceiveError } from './receive-error.ts'

/**
 * `hold` is told of bytes before they are taken, and may throw. What it was told stays held. Nothing
 * is held for bytes that were only promised. What is not read of a refused body is thrown away as it
 * comes.
 */
export function readBody(stream: IncomingMessage, hold: (bytes: number) => void): Promise<Buffer> {
  const promised = Number(stream.headers['content-length'] ?? 0)
  return new Promise((resolve, reject) => {
    // One buffer that grows: a list of chunks would take far more than they hold if they are tiny.
    let body: Buffer = NOTHING
    let length = 0
    const add = (chunk: Buffer) => {
      const end = length + chunk.length
      assertFits(end)
      // Nearly always the first one is all.
      if (end === promised && length === 0) {
        hold(end)
        body = chunk
      } else {
        if (end > body.length) {
          const capacity = Math.max(end, Math.min(2 * body.length, limits.bodyBytes.value))
          hold(capacity - body.length)
          const grown = Buffer.allocUnsafe(capacity)
          body.copy(grown, 0, 0, length)
          body = grown
        }
        chunk.copy(body, length)
      }
      length = end
    }
    const onData = (chunk: Buffer) => {
      try {
        add(chunk)
      } catch (error) {
        refuse(error as Error)
      }
    }
    // The connection outlives it: there is an answer to send.
    const refuse = (error: Error) => {
      reject(error)
      stream.off('data', onData).resume()
    }
    // Who has left while it was asked for its password: nothing more happens to it.
    if (stream.destroyed) return reject(closed())
    stream
      .on('end', () => resolve(length === body.length ? body : body.subarray(0, length)))
      .on('error', reject)
      .on('close', () => {
        if (!stream.readableEnded) reject(closed())
      })
    try {
      assertFits(promised)
      stream.on('data', onData)
    } catch (error) {
      refuse(error as Error)
    }
  })
}

const NOTHING = Buffer.alloc(0)

const closed = () => new Error('the connection was closed within a body')

function assertFits(length: number): void {
  if (length <= limits.bodyBytes.value) return
  throw new ReceiveError(
    'ERR_BODY_TOO_LARGE',
    `the body is larger than ${limits.bodyBytes.value} bytes`,
  )
}
