import { hash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Token } from '../../../collector/access/token-file.ts'
import { findToken } from '../../../collector/access/tokens.ts'

const token = (name: string, text: string): Token => ({
  name,
  tenant: name,
  scopes: ['read'],
  digest: hash('sha256', text, 'buffer'),
  allowed: { pointsPerSecond: 1, series: 1, entities: 1 },
})
const SECRET = 's3cret:with:colons'
const tokens = [token('a', 'token-of-a'), token('b', 'token-of-b'), token('c', SECRET)]
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

test('a token is a bearer or a password, whatever the user is called', () => {
  const f = (authorization: string | undefined, want: string | undefined) =>
    expect(findToken(tokens, authorization)?.name, authorization).toBe(want)
  f('Bearer token-of-a', 'a')
  f('bearer   token-of-b  ', 'b')
  f(basic('anyone:token-of-b'), 'b')
  f(basic(':token-of-a'), 'a')
  f(basic(`x:${SECRET}`), 'c')
  f(undefined, undefined)
  f('', undefined)
  f('Bearer', undefined)
  f('Bearer ', undefined)
  f('Bearer token-of-', undefined)
  f('Bearer token-of-a token-of-b', undefined)
  f('Bearer token-of-a\0', undefined)
  f('token-of-a', undefined)
  f('Digest token-of-a', undefined)
  f('Bearertoken-of-a', undefined)
  f(basic('token-of-a'), undefined)
  f(basic('token-of-a:'), undefined)
  f('Basic token-of-a', undefined)
  f('Basic ====', undefined)
  f(`Bearer ${hash('sha256', 'token-of-a')}`, undefined)
  f(`Bearer ${'x'.repeat(1 << 16)}`, undefined)
  f(`Bearer ${' '.repeat(1 << 16)}`, undefined)
})

test('nobody guesses', () => {
  const header = fc.oneof(
    fc.string(),
    fc.string().map((text) => `Bearer ${text}`),
    fc.string().map(basic),
  )
  fc.assert(
    fc.property(header, (given) => {
      expect(findToken(tokens, given)).toBeUndefined()
    }),
  )
})
