/** Why a caller is not let in. Nothing of what it sent is in the message. */
import type { ErrorCode } from '../../catalog/error.ts'

/** Who says nothing of itself, who may not do this, and who has to wait. */
export const ACCESS_STATUS = {
  ERR_UNAUTHORIZED: 401,
  ERR_FORBIDDEN: 403,
  ERR_RATE_LIMITED: 429,
} as const satisfies Partial<Record<ErrorCode, number>>

export type AccessCode = keyof typeof ACCESS_STATUS

export class AccessError extends Error {
  override readonly name = 'AccessError'
  readonly code: AccessCode
  readonly statusCode: number

  constructor(code: AccessCode, message: string) {
    super(message)
    this.code = code
    this.statusCode = ACCESS_STATUS[code]
  }
}
