/**
 * Compression of bodies. Every receiver of OTLP/HTTP knows gzip; zstd is smaller and cheaper, and one
 * that takes it may say so in the Accept-Encoding of its answers (RFC 9110, 12.5.3).
 */
import { promisify } from 'node:util'
import {
  constants,
  gzip,
  gzipSync,
  zstdCompress,
  zstdCompressSync,
  zstdDecompressSync,
} from 'node:zlib'

export const COMPRESSIONS = ['auto', 'gzip', 'zstd', 'none'] as const
export type Compression = (typeof COMPRESSIONS)[number]
export type Encoding = 'gzip' | 'zstd'

const GZIP = { level: 1 }
const ZSTD = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }
/** A body up to here is compressed at once, in less than a millisecond; no thread is ever started. */
const SMALL_BYTES = 128 << 10

const gzipAsync = promisify(gzip)
const zstdAsync = promisify(zstdCompress)

const compressors = {
  gzip: (body: Buffer) =>
    body.length <= SMALL_BYTES ? gzipSync(body, GZIP) : gzipAsync(body, GZIP),
  zstd: (body: Buffer) =>
    body.length <= SMALL_BYTES ? zstdCompressSync(body, ZSTD) : zstdAsync(body, ZSTD),
} as const satisfies Record<Encoding, (body: Buffer) => Buffer | Promise<Buffer>>

export const compress = (body: Buffer, encoding: Encoding): Buffer | Promise<Buffer> =>
  compressors[encoding](body)

/** What we packed ourselves, for a receiver that refused it. */
export const repackAsGzip = (zstd: Buffer): Buffer => gzipSync(zstdDecompressSync(zstd), GZIP)

/** Whether an Accept-Encoding names zstd with a weight above 0. */
export function takesZstd(acceptEncoding: string | undefined): boolean {
  return (acceptEncoding ?? '').split(',').some((item) => {
    const [name, ...parameters] = item.split(';').map((part) => part.trim().toLowerCase())
    return name === 'zstd' && !parameters.some((each) => /^q\s*=\s*0(\.0*)?$/.test(each))
  })
}
