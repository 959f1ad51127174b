import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import type { RequestOptions } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hashSync } from 'bcryptjs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { WatchedConfig } from '../../../settings/web/config-watch.ts'
import { makeBody } from '../../../agent/web/body.ts'
import { type AgentServer, serve } from '../../../agent/web/serve.ts'
import { subjectAltNames } from '../../../settings/web/tls.ts'
import { limits } from '../../../catalog/limit.ts'
import { silentLog } from '../../../settings/log.ts'
import { needs } from '../../peers/peers.ts'
import { ask } from './ask.ts'
import { type Authority, makeAuthority, type Pair } from './certificates.ts'

let ours: Authority
let foreign: Authority
let server: Pair
let renewed: Pair
let client: Pair
let stranger: Pair

const stops: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop()
})

interface Started {
  readonly url: string
  readonly config: WatchedConfig
  /** Puts another file in place at once, as configuration management does. */
  readonly write: (text: string) => void
}

async function start(text: string): Promise<Started> {
  const folder = mkdtempSync(join(tmpdir(), 'candor-web-'))
  stops.push(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'web.yml')
  const write = (content: string) => {
    writeFileSync(`${path}.new`, content)
    renameSync(`${path}.new`, path)
  }
  write(text)
  const config = await WatchedConfig.open(path, silentLog())
  const running: AgentServer = await serve(
    {
      metrics: ({ encoding }) => makeBody([Buffer.from('up 1\n')], encoding),
      readers: new Map(),
      notReady: () => undefined,
      landing: () => '',
      scraped: () => {},
    },
    { addresses: [{ host: '127.0.0.1', port: 0 }], config, log: silentLog() },
  )
  stops.push(() => running.close())
  return { url: `${running.urls[0]!}/metrics`, config, write }
}

const tls = ({ certFile, keyFile }: Pair, more = '') =>
  `tls_server_config:\n  cert_file: ${certFile}\n  key_file: ${keyFile}\n${more}`
const trusting = (pair?: Pair): RequestOptions => ({
  ca: ours.ca.cert,
  ...(pair && { cert: pair.cert, key: pair.key }),
})
/** `ok`, or why nobody answered. */
const tryIt = (url: string, options: RequestOptions): Promise<string> =>
  ask(url, options).then(
    ({ status, body }) => (status === 200 && body.toString() === 'up 1\n' ? 'ok' : `${status}`),
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  )
const refused = expect.stringMatching(/^(?:ERR_SSL_|ECONNRESET|EPIPE|EPROTO)/) as string

describe.skipIf(needs('openssl'))('a server with a web configuration', () => {
  beforeAll(() => {
    ours = makeAuthority()
    foreign = makeAuthority('foreign authority')
    server = ours.sign('server')
    renewed = ours.sign('renewed')
    client = ours.sign('client', 'DNS:prometheus.example,URI:spiffe://fleet/scraper,IP:10.0.0.7')
    stranger = foreign.sign('stranger')
  })
  afterAll(() => {
    ours[Symbol.dispose]()
    foreign[Symbol.dispose]()
  })

  test('TLS, and nothing without it', async () => {
    const { url } = await start(tls(server))
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:/)
    expect(await tryIt(url, trusting())).toBe('ok')
    expect(await tryIt(url, { ca: foreign.ca.cert })).toMatch(/CERT|SIGNATURE|ISSUER|VERIFY/)
    expect(await tryIt(url.replace('https', 'http'), {})).toBe('ECONNRESET')
  })

  test('every client_auth_type lets in whom it says', async () => {
    const f = async (type: string, none: unknown, wrong: unknown, right: unknown) => {
      const ca = /Verify/.test(type) ? `  client_ca_file: ${ours.ca.certFile}\n` : ''
      const { url } = await start(tls(server, `  client_auth_type: ${type}\n${ca}`))
      expect(await tryIt(url, trusting()), type).toEqual(none)
      expect(await tryIt(url, trusting(stranger)), type).toEqual(wrong)
      expect(await tryIt(url, trusting(client)), type).toEqual(right)
    }
    await f('NoClientCert', 'ok', 'ok', 'ok')
    await f('RequestClientCert', 'ok', 'ok', 'ok')
    await f('RequireAnyClientCert', refused, 'ok', 'ok')
    await f('VerifyClientCertIfGiven', 'ok', refused, 'ok')
    await f('RequireAndVerifyClientCert', refused, refused, 'ok')
  })

  test('a client is known by the names in its certificate', async () => {
    const f = async (san: string, want: unknown) => {
      const { url } = await start(
        tls(
          server,
          `  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ${ours.ca.certFile}\n  client_allowed_sans: ["${san}"]\n`,
        ),
      )
      expect(await tryIt(url, trusting(client)), san).toEqual(want)
    }
    await f('prometheus.example', 'ok')
    await f('spiffe://fleet/scraper', 'ok')
    await f('10.0.0.7', 'ok')
    await f('example', refused)
    await f('client', refused)
  })

  test('alternative names that pretend to be several are one', () => {
    const f = (text: string | undefined, ...want: string[]) =>
      expect(subjectAltNames(text)).toEqual(want)
    f(undefined)
    f('DNS:a, URI:b://c, email:d@e, IP Address:10.0.0.1', 'a', 'b://c', 'd@e')
    f('URI:"http://x/, DNS:evil", DNS:good', 'http://x/, DNS:evil', 'good')
    f('DNS:"a\\"b"', 'a"b')
  })

  test('versions and suites are those that were asked for', async () => {
    const { url } = await start(tls(server, '  min_version: TLS13\n'))
    expect(await tryIt(url, { ...trusting(), maxVersion: 'TLSv1.2' })).toEqual(refused)
    expect(await tryIt(url, trusting())).toBe('ok')
    const { url: old } = await start(
      tls(
        server,
        '  max_version: TLS12\n  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]\n',
      ),
    )
    expect(await tryIt(old, { ...trusting(), minVersion: 'TLSv1.3' })).toEqual(refused)
    expect(await tryIt(old, { ...trusting(), ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' })).toEqual(
      refused,
    )
    expect(await tryIt(old, trusting())).toBe('ok')
    const { url: curve } = await start(tls(server, '  curve_preferences: [CurveP384]\n'))
    expect(await tryIt(curve, { ...trusting(), ecdhCurve: 'P-256' })).toEqual(refused)
    expect(await tryIt(curve, { ...trusting(), ecdhCurve: 'P-384' })).toBe('ok')
  })

  test('a renewed certificate, and other rules for clients, are in force at the next handshake', async () => {
    const { url, write, config } = await start(tls(server))
    const subject = async () => {
      let name = ''
      await ask(url, {
        ...trusting(),
        checkServerIdentity: (_, { subject: { CN } }) => {
          name = String(CN)
          return undefined
        },
      })
      return name
    }
    expect(await subject()).toBe('server')
    write(tls(renewed))
    expect(await subject()).toBe('renewed')
    write(
      tls(
        renewed,
        `  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ${ours.ca.certFile}\n`,
      ),
    )
    expect(await tryIt(url, trusting())).toEqual(refused)
    expect(await tryIt(url, trusting(client))).toBe('ok')
    expect(config.reload.success).toBe(1)
  })

  test('a broken file keeps the old one in force, until it is mended', async () => {
    const { url, write, config } = await start(tls(server))
    for (const broken of [
      'tls_server_config: {',
      tls(server, '  min_version: SSL3\n'),
      tls({ ...server, keyFile: renewed.keyFile }),
      'basic_auth_users: {}',
      '',
    ]) {
      write(broken)
      expect(await tryIt(url, trusting())).toBe('ok')
      expect(config.reload.success).toBe(0)
    }
    write(tls(renewed))
    expect(await tryIt(url, trusting())).toBe('ok')
    expect(config.reload.success).toBe(1)
  })

  test('a file that was not there is read when it comes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'candor-web-'))
    stops.push(() => rmSync(folder, { recursive: true, force: true }))
    const moved = { ...renewed, certFile: join(folder, 'cert.pem') }
    const { url, write, config } = await start(tls(server))
    write(tls(moved))
    expect(await tryIt(url, trusting())).toBe('ok')
    expect(config.reload.success).toBe(0)
    copyFileSync(renewed.certFile, moved.certFile)
    expect(await tryIt(url, trusting())).toBe('ok')
    expect(config.reload.success).toBe(1)
  })

  test('a file that may no longer be looked at stops nobody', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'candor-web-'))
    stops.push(() => rmSync(folder, { recursive: true, force: true }))
    const moved = { ...server, certFile: join(folder, 'deep', 'cert.pem') }
    mkdirSync(join(folder, 'deep'))
    copyFileSync(server.certFile, moved.certFile)
    const { url, config } = await start(tls(moved))
    // As root nothing is forbidden: a loop of links answers with an error as a closed folder does.
    rmSync(join(folder, 'deep'), { recursive: true })
    symlinkSync('deep', join(folder, 'deep'))
    expect(await tryIt(url, trusting())).toBe('ok')
    expect(config.reload.success).toBe(0)
  })

  /** As cheap as bcrypt may be. */
  const hash = (password: string) => hashSync(password, 4)
  const users = (entries: Readonly<Record<string, string>>) =>
    `basic_auth_users:\n${Object.entries(entries)
      .map(([user, password]) => `  ${user}: ${hash(password)}\n`)
      .join('')}`

  test('users enter by their passwords, and nobody else', async () => {
    const { url, write } = await start(users({ alice: 'sesame', bob: 'pass:word ü' }))
    const f = async (auth: string | undefined, want: number) => {
      const answer = await ask(url, auth === undefined ? {} : { auth })
      expect([auth, answer.status]).toEqual([auth, want])
      const asked = String(answer.headers['www-authenticate'] ?? '')
      expect(asked.startsWith('Basic ')).toBe(want === 401)
    }
    await f(undefined, 401)
    await f('alice:sesame', 200)
    await f('alice:sesame', 200)
    await f('alice:Sesame', 401)
    await f('alice:', 401)
    await f('alice', 401)
    await f('carol:sesame', 401)
    for (const authorization of ['Basic', 'Basic !!', 'Bearer x', `Basic ${btoa('nocolon')}`]) {
      expect((await ask(url, { headers: { authorization } })).status).toBe(401)
    }
    const utf8 = `basic ${Buffer.from('bob:pass:word ü').toString('base64')}`
    expect((await ask(url, { headers: { authorization: utf8 } })).status).toBe(200)
    expect((await ask(url.replace('/metrics', '/-/healthy'))).status).toBe(401)

    write(users({ alice: 'changed' }))
    await f('alice:sesame', 401)
    await f('alice:changed', 200)
    write('')
    await f(undefined, 401)
  })

  test('a flood of guesses is held off, and does not keep the right ones out for ever', async () => {
    const { url } = await start(users({ alice: 'sesame' }))
    const guesses = await Promise.all(
      Array.from({ length: 40 }, (_, i) => ask(url, { auth: `alice:guess${i}` })),
    )
    const statuses = new Set(guesses.map(({ status }) => status))
    expect(statuses).toEqual(new Set([401, 429]))
    expect((await ask(url, { auth: 'alice:sesame' })).status).toBe(200)
  })

  test('who was let in is not driven out by those who guess', { timeout: 60_000 }, async () => {
    const { url } = await start(users({ alice: 'sesame' }))
    expect((await ask(url, { auth: 'alice:sesame' })).status).toBe(200)
    for (let i = 0; i <= limits.webLoginsKept.value; i += 8) {
      await Promise.all(
        Array.from({ length: 8 }, (_, k) => ask(url, { auth: `alice:guess${i + k}` })),
      )
    }
    const flood = Array.from({ length: 40 }, (_, i) => ask(url, { auth: `alice:more${i}` }))
    expect((await ask(url, { auth: 'alice:sesame' })).status).toBe(200)
    await Promise.all(flood)
  })

  test('headers are those that were asked for, and a rate limit limits', async () => {
    const { url, write } = await start(
      'http_server_config:\n  headers:\n    X-Frame-Options: deny\n    Content-Security-Policy: ""\n    Strict-Transport-Security: max-age=1\n',
    )
    const { headers } = await ask(url)
    expect(headers).toMatchObject({
      'x-frame-options': 'deny',
      'strict-transport-security': 'max-age=1',
      'x-content-type-options': 'nosniff',
    })
    expect(headers['content-security-policy']).toBeUndefined()
    write('rate_limit: {interval: 1h, burst: 2}')
    const statuses = []
    for (let i = 0; i < 3; i++) statuses.push((await ask(url)).status)
    expect(statuses).toEqual([200, 200, 429])
  })

  test('beyond loopback it is open to those alone who must show who they are', async () => {
    const everywhere = async (text: string) => {
      const { config } = await start(text)
      const served = {
        metrics: () => undefined,
        readers: new Map(),
        notReady: () => undefined,
        landing: () => '',
        scraped: () => {},
      }
      const running = await serve(served, {
        addresses: [{ host: '', port: 0 }],
        config,
        log: silentLog(),
      })
      await running.close()
    }
    await expect(everywhere('http_server_config: {}')).rejects.toMatchObject({
      code: 'ERR_INSECURE_LISTEN',
    })
    await everywhere(users({ alice: 'sesame' }))
    await everywhere(tls(server))
  })
})
