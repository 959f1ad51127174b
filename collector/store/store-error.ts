/** What a store throws; `cause` is the error of the engine or the client. */
import type { ErrorCode } from '../../catalog/error.ts'

export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: ErrorCode & (`ERR_STORE_${string}` | 'ERR_OVERLOADED')
  /** Table that an insert was for. */
  readonly table: string | undefined

  constructor(
    code: StoreError['code'],
    message: string,
    { cause, table }: { cause?: unknown; table?: string } = {},
  ) {
    super(cause === undefined ? message : `${message}: ${reasonOf(cause)}`, { cause })
    this.code = code
    this.table = table
  }
}

/** An insert that the engine or the client refused, whatever it threw. */
export const insertFailed = (table: string, cause: unknown): StoreError =>
  new StoreError('ERR_STORE_INSERT', `insert into ${table} failed`, { cause, table })

const reasonOf = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause)).trim()
