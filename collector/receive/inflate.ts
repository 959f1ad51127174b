/** Takes a request body out of its content encoding, up to a limit. */
import type { Transform } from 'node:stream'
import {
  constants,
  createGunzip,
  createZstdDecompress,
  gunzipSync,
  zstdDecompressSync,
} from 'node:zlib'
import { limits } from '../../catalog/limit.ts'
import { decodeSnappy, snappyLength } from '../../wire/snappy.ts'
import { ReceiveError } from './receive-error.ts'
import { inflateFrame } from './zstd.ts'

/**
 * A small body takes less time to inflate than to hand to another thread, which queries may occupy. At
 * the worst ratio of gzip it grows to 32 MiB; zstd has none, and stops at what a body may become.
 */
const SYNC_BYTES = 32 << 10

const maxOutputLength = limits.inflatedBytes.value
/** A frame may not ask for a window that is larger than what it may inflate to. */
const zstd = {
  maxOutputLength,
  params: { [constants.ZSTD_d_windowLogMax]: Math.ceil(Math.log2(maxOutputLength)) },
}

/** Output is taken in pieces of this size at most, whatever a body says of its size. */
const PIECE_BYTES = 1 << 20
/** Of pieces that come one by one; each stream has memory for one of them. */
const STREAM_BYTES = 64 << 10
/** Below it the library refuses to work. */
const SMALLEST_PIECE_BYTES = 1 << 10

/** A piece that holds all of what comes out takes half the time of several that have to be joined. */
const pieceFor = (size: number) => Math.min(PIECE_BYTES, Math.max(SMALLEST_PIECE_BYTES, size + 1))

/** RFC 1952, 2.3.1: ISIZE. */
const gzipSize = (body: Buffer) => (body.length < 18 ? 0 : body.readUInt32LE(body.length - 4))

interface Inflater {
  readonly sync: (body: Buffer) => Buffer
  readonly stream: () => Transform
}

const INFLATERS = new Map<string, Inflater>([
  [
    'gzip',
    {
      sync: (body) => gunzipSync(body, { maxOutputLength, chunkSize: pieceFor(gzipSize(body)) }),
      stream: () => createGunzip({ chunkSize: STREAM_BYTES }),
    },
  ],
  [
    'zstd',
    {
      sync: (body) => inflateFrame(body) ?? zstdDecompressSync(body, zstd),
      stream: () => createZstdDecompress({ params: zstd.params, chunkSize: STREAM_BYTES }),
    },
  ],
])

/** Faster than the others, and of a size that is known beforehand. */
function inflateSnappy(body: Buffer): Buffer {
  if (snappyLength(body) > maxOutputLength) throw tooLarge()
  return decodeSnappy(body)
}

const tooLarge = (cause?: unknown) =>
  new ReceiveError(
    'ERR_BODY_TOO_LARGE',
    `the body inflates to more than ${maxOutputLength} bytes`,
    { cause },
  )

/**
 * At once where it can be: then what comes out may be overwritten by the next call, so that it has to be
 * looked at without waiting for anything. `hold` is told of bytes as they come out, and may throw: a few
 * bytes can become many, of many bodies at a time. Throws, or rejects with, ReceiveError or MalformedMessage.
 */
export function inflate(
  body: Buffer,
  encoding: string,
  hold: (bytes: number) => void,
): Buffer | Promise<Buffer> {
  const inflater = INFLATERS.get(encoding)
  if (encoding !== 'snappy' && (inflater === undefined || body.length === 0)) return body
  if (inflater !== undefined && body.length > SYNC_BYTES) {
    return inflateLarge(body, encoding, inflater, hold)
  }
  const inflated = inflater ? inflateSmall(body, encoding, inflater) : inflateSnappy(body)
  hold(inflated.length)
  return inflated
}

function inflateSmall(body: Buffer, encoding: string, { sync }: Inflater): Buffer {
  try {
    return sync(body)
  } catch (error) {
    throw refusalOf(error, encoding)
  }
}

async function inflateLarge(
  body: Buffer,
  encoding: string,
  { stream: open }: Inflater,
  hold: (bytes: number) => void,
): Promise<Buffer> {
  const stream = open()
  stream.end(body)
  const pieces: Buffer[] = []
  let length = 0
  try {
    // A loop that breaks off ends the stream.
    for await (const piece of stream as AsyncIterable<Buffer>) {
      length += piece.length
      if (length > maxOutputLength) throw tooLarge()
      hold(piece.length)
      pieces.push(piece)
    }
  } catch (error) {
    throw error instanceof ReceiveError ? error : refusalOf(error, encoding)
  }
  return Buffer.concat(pieces, length)
}

const refusalOf = (cause: unknown, encoding: string): ReceiveError =>
  (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    ? tooLarge(cause)
    : new ReceiveError('ERR_BODY_MALFORMED', `the body is not valid ${encoding}`, { cause })
