/** A spool that cannot be had, for a reason that a person can mend. */
export class SpoolError extends Error {
  override readonly name = 'SpoolError'
  readonly code: 'ERR_SPOOL_OPEN' | 'ERR_SPOOL_LOCKED'

  constructor(code: SpoolError['code'], message: string, options?: ErrorOptions) {
    super(`--spool.path: ${message}`, options)
    this.code = code
  }
}
