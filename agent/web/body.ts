/**
 * An exposition as it is sent: rendered chunk by chunk, compressed beside the event loop, which gets
 * its turn after every chunk.
 */
import { constants, createGzip, createZstdCompress } from 'node:zlib'
import { Blocks } from './blocks.ts'

export const ENCODINGS = ['identity', 'gzip', 'zstd'] as const
export type Encoding = (typeof ENCODINGS)[number]

export interface Body {
  readonly chunks: readonly Buffer[]
  readonly sizeBytes: number
  /** Says that it is being read, until the function that comes back is called. */
  hold(): () => void
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
export async function makeBody(
  rendered: Iterable<Buffer>,
  encoding: Encoding,
  blocks: Blocks = new Blocks(),
): Promise<Body> {
  return encoding === 'identity'
    ? makeIdentity(rendered, blocks)
    : compress(rendered, compressors[encoding]())
}

/** Its blocks go back when nobody holds it any more. */
async function makeIdentity(rendered: Iterable<Buffer>, pool: Blocks): Promise<Body> {
  const blocks: Buffer[] = []
  let used = 0
  for (const chunk of rendered) {
    for (let from = 0; from < chunk.length;) {
      let block = blocks.at(-1)
      if (block === undefined || used === block.length) {
        block = pool.take()
        blocks.push(block)
        used = 0
      }
      const copied = chunk.copy(block, used, from)
      from += copied
      used += copied
    }
    await turn()
  }
  let held = 0
  return {
    ...bodyOf(blocks.map((block, i) => (i < blocks.length - 1 ? block : block.subarray(0, used)))),
    hold: () => {
      held += 1
      return () => {
        held -= 1
        if (held === 0) pool.giveBack(blocks.splice(0))
      }
    },
  }
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
  hold: () => () => {},
})
