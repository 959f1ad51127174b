import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import {
  authorizationOf,
  certificatesOf,
  credentialProblems,
} from '../../../agent/ship/credentials.ts'

const folder = mkdtempSync(join(tmpdir(), 'candor-credentials-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const token = file('token', 'abc\n')
const empty = file('empty', '\n')
const missing = join(folder, 'missing')
const HTTPS = 'https://collector.example:4318'

test('flags that do not fit together are told', () => {
  const f = (credentials: Parameters<typeof credentialProblems>[0], url: string | undefined) =>
    credentialProblems(credentials, url)
  expect(f({}, undefined)).toEqual([])
  expect(f({ tokenFile: token }, HTTPS)).toEqual([])
  expect(f({ tokenFile: token }, undefined)).toEqual([
    '--push.token-file: nothing is pushed; give --push.url',
  ])
  expect(f({ tokenFile: empty, caFile: missing }, HTTPS)).toEqual([
    `--push.token-file: ${empty} is empty`,
    expect.stringMatching(/^--push\.ca-file: .*missing cannot be read: ENOENT/),
  ])
  expect(f({ tokenFile: token }, 'https://me:secret@there')).toEqual([
    '--push.token-file: --push.url has a user already; give one of them',
  ])
  expect(f({ caFile: token }, 'http://there')).toEqual([
    '--push.url: expected https: for certificates, found http:',
  ])
  expect(f({ certFile: token }, HTTPS)).toEqual([
    '--push.cert-file, --push.key-file: expected both or none',
  ])
})

test('files are read again for each request', () => {
  const path = file('renewed', 'first\n')
  expect(authorizationOf({ tokenFile: path })).toEqual({ authorization: 'Bearer first' })
  writeFileSync(path, 'second')
  expect(authorizationOf({ tokenFile: path })).toEqual({ authorization: 'Bearer second' })
  expect(certificatesOf({ caFile: path })).toEqual({ ca: 'second' })
  expect(authorizationOf({})).toEqual({})
  expect(() => authorizationOf({ tokenFile: missing })).toThrow('ENOENT')
})
