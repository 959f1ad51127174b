/**
 * An exposition as it is sent: rendered chunk by chunk, compressed beside the event loop, which gets
 * its turn after every chunk.
 */
import { constants, createGzip, createZstdCompress } from 'node:zlib'

export const ENCODINGS = ['identity', 'gzip', 'zstd'] as const
export type Encoding = (typeof ENCODINGS)[number]

export interface Body {
  readonly chunks: readonly Buffer[]
  readonly sizeBytes: number
}

const COMPRESSED_CHUNK = 64 << 10

/** Level 1 of gzip costs half of level 6 for 2 % more bytes; zstd is best and cheapest at 3. */
const compressors = {
  gzip: () => createGzip({ level: 1, chunkSize: COMPRESSED_CHUNK }),
  zstd: () =>
    createZstdCompress({
      chunkSize: COMPRESSED_CHUNK,
      params: { [constants.ZSTD_c_compressionLevel]: 3 },
    }),
}

/** `rendered` may give the same memory again and again: each chunk is done with before the next. */
export async function makeBody(rendered: Iterable<Buffer>, encoding: Encoding): Promise<Body> {
  return encoding === 'identity'
    ? makeIdentity(rendered)
    : compress(rendered, compressors[encoding]())
}

async function makeIdentity(rendered: Iterable<Buffer>): Promise<Body> {
  const chunks: Buffer[] = []
  for (const chunk of rendered) {
    if (chunk.length > 0) chunks.push(Buffer.from(chunk))
    await turn()
  }
  return bodyOf(chunks)
}

async function compress(
  rendered: Iterable<Buffer>,
  stream: ReturnType<(typeof compressors)[Exclude<Encoding, 'identity'>]>,
): Promise<Body> {
  const chunks: Buffer[] = []
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>()
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  stream.once('end', resolve)
  stream.once('error', reject)
  try {
    for (const chunk of rendered) {
      if (chunk.length > 0) await written(stream, chunk)
      await turn()
    }
    stream.end()
    await ended
    return bodyOf(chunks)
  } finally {
    stream.destroy()
  }
}

/** Resolves when the compressor has taken all of the chunk in. */
const written = (stream: NodeJS.WritableStream, chunk: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    stream.write(chunk, (error) => (error ? reject(error) : resolve()))
  })

/** Everything else that waits gets its turn. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const bodyOf = (chunks: readonly Buffer[]): Body => ({
  chunks,
  sizeBytes: chunks.reduce((sum, { length }) => sum + length, 0),
})
