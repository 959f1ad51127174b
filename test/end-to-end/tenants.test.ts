/** Real processes: an agent with a token and a certificate, a collector that asks for both. */
import { hash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { RequestOptions } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { ask } from '../agent/web/ask.ts'
import { type Authority, makeAuthority, type Pair } from '../agent/web/certificates.ts'
import { needs, startPrometheus } from '../peers/peers.ts'
import { runCandor, startCandor, until } from './candor.ts'

const folder = mkdtempSync(join(tmpdir(), 'candor-tenants-'))
const file = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const entry = (token: string, tenant: string, scope: string) =>
  `  - { name: ${token}, tenant: "${tenant}", scopes: [${scope}], sha256: ${hash('sha256', token)} }\n`
const tokenFile = file(
  'tokens.yml',
  `tokens:\n${entry('shop-write', 'shop', 'write')}${entry('shop-read', 'shop', 'read')}` +
    `${entry('bank-read', 'bank', 'read')}${entry('own-read', '', 'read')}`,
)
const FAST = '--evaluation.interval=1s'

let authority: Authority
let server: Pair
let client: Pair
let webFile: string

const asking = (token: string): RequestOptions => ({
  ca: authority.ca.cert,
  cert: client.cert,
  key: client.key,
  headers: { authorization: `Bearer ${token}` },
})
const machines = async (url: string, token: string) => {
  const { status, body } = await ask(`${url}/api/v1/entities?kind=machine`, asking(token))
  if (status !== 200) throw new Error(`${status} ${body.toString()}`)
  return (JSON.parse(body.toString()) as { entities: { name: string }[] }).entities
}

describe.skipIf(needs('openssl'))('a collector for others', () => {
  beforeAll(() => {
    authority = makeAuthority()
    server = authority.sign('server')
    client = authority.sign('client')
    webFile = file(
      'web.yml',
      `tls_server_config:\n  cert_file: ${server.certFile}\n  key_file: ${server.keyFile}\n` +
        `  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ${authority.ca.certFile}\n`,
    )
  })
  afterAll(() => {
    authority[Symbol.dispose]()
    rmSync(folder, { recursive: true })
  })

  test('an agent whose token is not known yet loses nothing; then its tenant alone sees it', async () => {
    await using collector = await startCandor('collector', [
      '--otlp.listen-address=0.0.0.0:0',
      `--web.config.file=${webFile}`,
      `--web.token-file=${tokenFile}`,
      FAST,
    ])
    expect(collector.otlp).toMatch(/^https:\/\/0\.0\.0\.0:/)
    const mine = file('mine', 'not-known\n')
    await using agent = await startCandor('agent', [
      `--push.url=${collector.otlp.replace('0.0.0.0', '127.0.0.1')}`,
      `--push.token-file=${mine}`,
      `--push.ca-file=${authority.ca.certFile}`,
      `--push.cert-file=${client.certFile}`,
      `--push.key-file=${client.keyFile}`,
    ])
    await until(() => agent.stderr().includes('push failed'), 'the agent to be refused')
    expect(agent.stderr()).toContain('status=401')
    writeFileSync(mine, 'shop-write')
    await until(
      async () => (await machines(collector.console, 'shop-read')).length === 1,
      'the machine to be there',
    )
    expect(await machines(collector.console, 'bank-read')).toEqual([])
    expect(await machines(collector.console, 'own-read')).toEqual([])
    const own = (await ask(`${agent.agent}/metrics`, {})).body.toString()
    expect(own).toMatch(/candor_agent_push_batches_total\{result="rejected"\} 0\n/)
    expect(own).toMatch(/candor_agent_push_dropped_total\{reason="pushQueueBytes"\} 0\n/)
    expect(await agent.stop()).toBe(0)
    expect(await collector.stop()).toBe(0)
    for (const text of [agent.stderr(), collector.stderr()]) {
      expect(text).not.toMatch(/not-known|shop-write|shop-read/)
    }
  })

  test.skipIf(needs('prometheus'))(
    'Prometheus writes with one token and reads its own series with another',
    async () => {
      await using collector = await startCandor('collector', [
        `--web.config.file=${webFile}`,
        `--web.token-file=${tokenFile}`,
        FAST,
      ])
      const tls_config = {
        ca_file: authority.ca.certFile,
        cert_file: client.certFile,
        key_file: client.keyFile,
      }
      const scraping = (job: string, password: string) => ({
        job,
        url: `${collector.console}/metrics`,
        client: { tls_config, basic_auth: { username: 'prometheus', password } },
      })
      const prometheus = await startPrometheus({
        scrape: [scraping('shop', 'shop-read'), scraping('own', 'own-read'), scraping('no', 'no')],
        remoteWrite: [`${collector.otlp}/api/v1/write`],
        writeClient: { tls_config, authorization: { credentials: 'shop-write' } },
      })
      onTestFinished(() => prometheus.stop())
      const value = async (expr: string) => (await prometheus.query(expr))[0]?.value
      await until(
        async () => ((await value('candor_tenant_series{job="own",tenant="shop"}')) ?? 0) > 100,
        'what Prometheus scraped to be written',
      )
      expect(await value('up{job="shop"}')).toBe(1)
      expect(await value('up{job="no"}')).toBe(0)
      expect(await value('candor_fleet_entities{job="shop",kind="machine"}')).toBe(0)
      expect(await value('process_cpu_seconds_total{job="shop"}')).toBeUndefined()
    },
  )

  test('all in one process: what the machine tells is the default tenant, whatever others must show', async () => {
    await using candor = await startCandor('', [
      `--web.config.file=${webFile}`,
      `--web.token-file=${tokenFile}`,
      FAST,
    ])
    await until(
      async () => (await machines(candor.console, 'own-read')).length === 1,
      'the machine to be there',
    )
    expect(await machines(candor.console, 'shop-read')).toEqual([])
    expect(await candor.stop()).toBe(0)
  })

  test('who may listen beyond loopback, and which files do not fit', async () => {
    const free = ['--web.listen-address=127.0.0.1:0', `--store.path=${join(folder, 'none')}`]
    const beyond = await runCandor(['collector', ...free, '--otlp.listen-address=0.0.0.0:0'])
    expect(beyond.code).not.toBe(0)
    expect(beyond.stderr).toContain('without TLS, users or a token')
    const users = file('users.yml', `basic_auth_users: { me: "$2y$10$${'a'.repeat(53)}" }`)
    const both = await runCandor([
      'collector',
      ...free,
      `--web.config.file=${users}`,
      `--web.token-file=${tokenFile}`,
    ])
    expect(both.stderr).toContain('basic_auth_users: found beside --web.token-file')
    const bad = file('bad.yml', 'tokens: [{ name: a, scope: [read] }]')
    const broken = await runCandor(['collector', ...free, `--web.token-file=${bad}`])
    expect(broken.stderr).toContain('unknown field "scope", did you mean "scopes"?')
  })
})
