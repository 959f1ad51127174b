/** How bodies are compressed for one receiver, as far as it is known what that takes. */
import type { Batch } from './batch.ts'
import { type Compression, type Encoding, repackAsGzip, takesZstd } from './compress.ts'
import type { Answer } from './post.ts'

export class EncodingChoice {
  readonly #compression: Compression
  /** Of the batches to come. */
  #current: Encoding | undefined
  /** The receiver said that it takes zstd, and did not. */
  #refusedZstd = false

  constructor(compression: Compression) {
    this.#compression = compression
    this.#current =
      compression === 'auto' ? 'gzip' : compression === 'none' ? undefined : compression
  }

  get current(): Encoding | undefined {
    return this.#current
  }

  /** The body for this receiver: what was packed for another one may not fit; gzip fits everywhere. */
  fit(batch: Batch): void {
    if (batch.encoding !== 'zstd' || this.#current === 'zstd') return
    batch.body = repackAsGzip(batch.body)
    batch.encoding = 'gzip'
  }

  /** Learns from an answer what the receiver takes; true when the batch must go again as gzip. */
  learn({ status, acceptEncoding }: Answer, { encoding }: Batch): boolean {
    if (this.#compression !== 'auto' || this.#refusedZstd) return false
    if (status === 415 && encoding === 'zstd') {
      this.#refusedZstd = true
      this.#current = 'gzip'
      return true
    }
    if (takesZstd(acceptEncoding)) this.#current = 'zstd'
    return false
  }
}
