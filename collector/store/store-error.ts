/** What a store throws; `cause` is the error of the engine or the client. */
import type { ErrorCode } from '../../catalog/error.ts'

export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: ErrorCode & (`ERR_STORE_${string}` | 'ERR_OVERLOADED')
  /** Table that an insert was for. */
  readonly table: string | undefined
  /** Number of the engine's own error, where it is one. */
  readonly engineCode: number | undefined

  constructor(
    code: StoreError['code'],
    message: string,
    { cause, table }: { cause?: unknown; table?: string } = {},
  ) {
    super(cause === undefined ? message : `${message}: ${reasonOf(cause)}`, { cause })
    this.code = code
    this.table = table
    this.engineCode = engineCodeOf(cause)
  }
}

/** An insert that the engine or the client refused, whatever it threw. */
export const insertFailed = (table: string, cause: unknown): StoreError =>
  new StoreError('ERR_STORE_INSERT', `insert into ${table} failed`, { cause, table })

/** As the client of a server has it, or the binding of the embedded engine. */
function engineCodeOf(cause: unknown): number | undefined {
  const { code, clickhouseCode } = (cause ?? {}) as Readonly<Record<string, unknown>>
  if (typeof clickhouseCode === 'number') return clickhouseCode
  return typeof code === 'string' && /^\d+$/.test(code) ? Number(code) : undefined
}

/** `Code: 60. DB::Exception: No such table. (UNKNOWN_TABLE)` is told without its frame. */
const FRAME = /^Code: \d+\. DB::Exception: (.*?)\s*(?:\([A-Z0-9_]{3,}\))?$/s

function reasonOf(cause: unknown): string {
  const message = (cause instanceof Error ? cause.message : String(cause)).trim()
  return (FRAME.exec(message)?.[1] ?? message).trim()
}
