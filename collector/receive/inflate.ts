/** Takes a request body out of its content encoding, up to a limit. */
import { constants, gunzip, gunzipSync, zstdDecompress, zstdDecompressSync } from 'node:zlib'
import { promisify } from 'node:util'
import { limits } from '../../catalog/limit.ts'
import { decodeSnappy, snappyLength } from '../../wire/snappy.ts'
import { ReceiveError } from './receive-error.ts'

/**
 * A small body takes less time to inflate than to hand to another thread, which queries may occupy. At
 * the worst ratio of either format it grows to 32 MiB.
 */
const SYNC_BYTES = 32 << 10

const maxOutputLength = limits.inflatedBytes.value
/** A frame may not ask for a window that is larger than what it may inflate to. */
const zstd = {
  maxOutputLength,
  params: { [constants.ZSTD_d_windowLogMax]: Math.ceil(Math.log2(maxOutputLength)) },
}

interface Inflater {
  readonly sync: (body: Buffer) => Buffer
  readonly async: (body: Buffer) => Promise<Buffer>
}

const gunzipAsync = promisify(gunzip)
const zstdAsync = promisify(zstdDecompress)

const INFLATERS = new Map<string, Inflater>([
  [
    'gzip',
    {
      sync: (body) => gunzipSync(body, { maxOutputLength }),
      async: (body) => gunzipAsync(body, { maxOutputLength }),
    },
  ],
  [
    'zstd',
    {
      sync: (body) => zstdDecompressSync(body, zstd),
      async: (body) => zstdAsync(body, zstd),
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

/** Throws ReceiveError or MalformedMessage. */
export async function inflate(body: Buffer, encoding: string): Promise<Buffer> {
  const inflater = INFLATERS.get(encoding)
  if (encoding === 'snappy') return inflateSnappy(body)
  if (inflater === undefined || body.length === 0) return body
  try {
    return body.length <= SYNC_BYTES ? inflater.sync(body) : await inflater.async(body)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw tooLarge(cause)
    }
    throw new ReceiveError('ERR_BODY_MALFORMED', `the body is not valid ${encoding}`, { cause })
  }
}
