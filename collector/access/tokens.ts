/**
 * Which token a request carries: `Authorization: Bearer TOKEN`, or basic authentication with the token
 * as the password and any user name.
 *
 * Both sides are hashed and all tokens are compared, so that the time tells nothing of them.
 * Source: RFC 6750; RFC 7617.
 */
import { hash, timingSafeEqual } from 'node:crypto'
import type { Token } from './token-file.ts'

/** Undefined where there is no such token, or none is told. */
export function findToken(
  tokens: readonly Token[],
  authorization: string | undefined,
): Token | undefined {
  const secret = secretOf(authorization)
  if (secret === undefined) return undefined
  const digest = hash('sha256', secret, 'buffer')
  let found: Token | undefined
  for (const token of tokens) if (timingSafeEqual(token.digest, digest)) found = token
  return found
}

function secretOf(authorization = ''): string | undefined {
  const [, scheme, credentials] = /^(bearer|basic) +(\S+) *$/i.exec(authorization) ?? []
  if (scheme === undefined || credentials === undefined) return undefined
  if (scheme.toLowerCase() === 'bearer') return credentials
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(credentials)) return undefined
  const text = Buffer.from(credentials, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? undefined : text.slice(colon + 1)
}
