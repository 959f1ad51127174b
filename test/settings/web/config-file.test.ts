import { beforeAll, describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { parseWebConfig } from '../../../settings/web/config-file.ts'
import { UsageError } from '../../../settings/usage-error.ts'
import { needs } from '../../peers/peers.ts'
import { makeAuthority, type Pair } from '../../agent/web/certificates.ts'

let server: Pair
let ca: Pair
let files: Readonly<Record<string, string>>
const HASH = '$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi'

const readFile = (path: string) => {
  const text = files[path]
  if (text === undefined) throw new Error('ENOENT')
  return text
}
const parse = (text: string) => parseWebConfig('/etc/web/web.yml', text, readFile)
const problems = (text: string): readonly string[] => {
  try {
    parse(text)
    return []
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError)
    return (error as UsageError).problems
  }
}
const PAIR = 'cert_file: server.crt, key_file: server.key'
const tls = (more: string) => `tls_server_config: {${PAIR}, ${more}}`

describe.skipIf(needs('openssl'))('a web configuration file', () => {
  beforeAll(() => {
    using authority = makeAuthority()
    server = authority.sign('server')
    ca = authority.ca
    files = {
      '/etc/web/server.crt': server.cert,
      '/etc/web/server.key': server.key,
      '/etc/web/other.key': authority.sign('other').key,
      '/etc/web/ca.crt': ca.cert,
      '/elsewhere/server.crt': server.cert,
    }
  })

  test('a file that says nothing asks for nothing', () => {
    for (const text of ['', '# nothing\n', 'tls_server_config:\n', 'basic_auth_users: {}\n']) {
      expect(parse(text)).toEqual({ headers: {}, users: new Map(), files: [] })
    }
  })

  test('everything at once, with paths beside the file', () => {
    const config = parse(`
tls_server_config:
  cert_file: /elsewhere/server.crt
  key_file: server.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: ca.crt
  client_allowed_sans: [prometheus.example, 10.0.0.1]
  min_version: TLS12
  max_version: TLS13
  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]
  prefer_server_cipher_suites: no
  curve_preferences: [CurveP256, X25519]
http_server_config:
  http2: false
  headers:
    X-Frame-Options: deny
    Content-Security-Policy:
basic_auth_users:
  alice: ${HASH}
  123: ${HASH}
rate_limit:
  interval: 1s
  burst: 20
`)
    expect(config).toEqual({
      tls: {
        clientAuth: 'RequireAndVerifyClientCert',
        allowedSans: ['prometheus.example', '10.0.0.1'],
        context: {
          cert: server.cert,
          key: server.key,
          ca: ca.cert,
          minVersion: 'TLSv1.2',
          maxVersion: 'TLSv1.3',
          ciphers:
            'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256',
          ecdhCurve: 'P-256:X25519',
          honorCipherOrder: false,
        },
      },
      headers: { 'X-Frame-Options': 'deny', 'Content-Security-Policy': '' },
      users: new Map([
        ['alice', HASH],
        ['123', HASH],
      ]),
      rateLimit: { intervalMs: 1_000, burst: 20 },
      files: ['/elsewhere/server.crt', '/etc/web/server.key', '/etc/web/ca.crt'],
    })
  })

  test('certificates may stand in the file itself', () => {
    const text = JSON.stringify({ tls_server_config: { cert: server.cert, key: server.key } })
    expect(parse(text).tls?.context).toMatchObject({ cert: server.cert, key: server.key })
  })

  test('every client_auth_type, and an old name', () => {
    const f = (type: string, want: string, more = '') =>
      expect(parse(tls(`client_auth_type: ${type}${more}`)).tls?.clientAuth).toBe(want)
    f('NoClientCert', 'NoClientCert')
    f('RequestClientCert', 'RequestClientCert')
    f('RequireAnyClientCert', 'RequireAnyClientCert')
    f('RequireClientCert', 'RequireAnyClientCert')
    f('VerifyClientCertIfGiven', 'VerifyClientCertIfGiven', ', client_ca_file: ca.crt')
    f('RequireAndVerifyClientCert', 'RequireAndVerifyClientCert', ', client_ca_file: ca.crt')
    const system = parse(tls('client_auth_type: RequireAndVerifyClientCert')).tls?.context.ca
    expect(system).toBeInstanceOf(Array)
  })

  test('every suite, curve and version is one that OpenSSL has', () => {
    for (const [version, more] of [
      ['TLS10', ''],
      ['TLS11', ''],
      ['TLS12', ', cipher_suites: [TLS_RSA_WITH_AES_128_CBC_SHA]'],
      ['TLS13', ', curve_preferences: [CurveP521, CurveP384]'],
    ] as const) {
      expect(problems(tls(`min_version: ${version}${more}`))).toEqual([])
    }
  })

  test('what is wrong is told with its place, all of it at once', () => {
    const f = (text: string, ...want: string[]) =>
      expect(problems(text)).toEqual(want.map((line) => `/etc/web/web.yml:${line}`))
    f(
      'tls_server_configs: {}\nbasic_auth_users:\n  bob: secret\nrate_limit: {interval: soon}',
      '1:1: unknown field "tls_server_configs", did you mean "tls_server_config"?',
      '4:24: interval: expected a duration, found "soon"',
      '3:8: basic_auth_users: "bob": expected a bcrypt hash',
    )
    f(
      'tls_server_config:\n  cert_file: none.crt\n  key_file: server.key',
      '2:14: cert_file: /etc/web/none.crt cannot be read: ENOENT',
    )
    f('tls_server_config: {cert_file: server.crt}', '1:20: tls_server_config: missing key_file')
    f(
      'tls_server_config: {client_auth_type: NoClientCert}',
      '1:20: tls_server_config: missing cert_file',
      '1:20: tls_server_config: missing key_file',
    )
    f(
      tls('client_auth_type: Maybe'),
      '1:84: client_auth_type: expected one of NoClientCert, RequestClientCert, RequireAnyClientCert, VerifyClientCertIfGiven, RequireAndVerifyClientCert, RequireClientCert, found "Maybe"',
    )
    f(
      tls('client_ca_file: ca.crt'),
      '1:82: client_ca_file: without a client_auth_type that verifies, no client is asked for a certificate',
    )
    f(
      tls('client_auth_type: RequestClientCert, client_allowed_sans: [a]'),
      '1:125: client_allowed_sans: expected a client_auth_type of RequireAnyClientCert or RequireAndVerifyClientCert',
    )
    f(
      tls('min_version: TLS13, max_version: TLS12'),
      '1:79: min_version TLSv1.3 is above max_version TLSv1.2',
    )
    f(
      'http_server_config: {http2: perhaps, headers: {X-Frame-Options: allow, X-Other: 1}}',
      '1:29: http2: expected true or false, found "perhaps"',
      '1:72: unknown field "X-Other"',
      '1:65: X-Frame-Options: expected deny or sameorigin, found "allow"',
    )
    f('basic_auth_users: [a]', '1:19: basic_auth_users: expected fields, found another value')
    f('rate_limit: {interval: 1s, burst: -1}', '1:35: burst: expected a whole number, found "-1"')
    expect(problems('a: 1\na: 2\n')[0]).toMatch(
      /^\/etc\/web\/web\.yml:2:1: Map keys must be unique/,
    )
    expect(problems('tls_server_config: {')[0]).toMatch(/^\/etc\/web\/web\.yml:1:\d+: /)
  })

  test('a key of another certificate, or none at all, is found when the file is read', () => {
    const f = (key: string) =>
      expect(problems(`tls_server_config: {cert_file: server.crt, key_file: ${key}}`)[0]).toMatch(
        /^\/etc\/web\/web\.yml:1:32: tls_server_config: cannot be used: /,
      )
    f('other.key')
    f('ca.crt')
  })

  test('any text is a configuration or a UsageError', () => {
    const words = fc.constantFrom(
      'tls_server_config',
      'cert_file',
      'headers',
      ': ',
      '\n  ',
      '- ',
      '{',
      '}',
      '*a',
      '&a ',
      '[',
      'server.crt',
    )
    const texts = fc.oneof(
      fc.string(),
      fc.array(words).map((parts) => parts.join('')),
    )
    fc.assert(fc.property(texts, (text) => void problems(text)))
  })
})
