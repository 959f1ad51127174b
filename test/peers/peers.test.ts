import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { missingPeers, peers } from './list.ts'
import { needs, promtool, startAlertmanager, startNodeExporter, startPrometheus } from './peers.ts'
import { startServer } from './server.ts'

/** A place of its own, so that what other tests run at the same time does not count. */
const place = mkdtempSync(join(tmpdir(), 'candor-test-'))
beforeEach(() => vi.stubEnv('TMPDIR', place))
afterEach(() => vi.unstubAllEnvs())
afterAll(() => rmSync(place, { recursive: true }))

const answers = (url: string) =>
  fetch(url).then(
    () => true,
    () => false,
  )

/** An HTTP server of this process, for a peer to talk to. */
async function listen(onBody: (body: string) => string) {
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    request.on('end', () => response.end(onBody(body)))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return { url, [Symbol.asyncDispose]: close }
}

describe('needs', () => {
  /** /usr/sbin is searched without a PATH too, so these ask for what is kept in /usr/bin. */
  const withoutPrograms = (ci: string | undefined) => {
    vi.stubEnv('PATH', '')
    vi.stubEnv('CI', ci)
  }
  test('names what is missing, as a reason to skip', () => {
    withoutPrograms(undefined)
    expect(needs('promtool', 'chromium')).toBe('this machine has no promtool, chromium')
  })
  test('throws with CI=true, where a skipped test would look like a passed one', () => {
    withoutPrograms('true')
    expect(() => needs('promtool')).toThrow('this machine has no promtool')
  })
  test('is content when nothing is asked for', () => {
    withoutPrograms('true')
    expect(needs()).toBeUndefined()
  })
  test.skipIf(process.getuid?.() !== 0)('knows root', () => {
    expect(needs('root')).toBeUndefined()
  })
  test('lists the missing ones in the order of the table', () => {
    withoutPrograms(undefined)
    expect(missingPeers()).toEqual(
      Object.keys(peers).filter((name) => missingPeers().includes(name as keyof typeof peers)),
    )
    expect(missingPeers()).toContain('prometheus')
  })
})

test.skipIf(needs('prometheus', 'node_exporter'))(
  'a Prometheus scrapes a node_exporter, and nothing of both stays behind',
  async () => {
    await using exporter = await startNodeExporter()
    await using prometheus = await startPrometheus({
      scrape: [{ job: 'node', url: `${exporter.url}/metrics` }],
      rules: JSON.stringify({
        groups: [{ name: 'g', rules: [{ record: 'job:up:sum', expr: 'sum(up) by (job)' }] }],
      }),
    })
    expect(readdirSync(place).length).toBe(1)
    await vi.waitFor(
      async () => {
        expect(await prometheus.query('job:up:sum')).toEqual([
          { labels: { __name__: 'job:up:sum', job: 'node' }, value: 1 },
        ])
      },
      { timeout: 60_000, interval: 200 },
    )
    await expect(prometheus.query('sum(')).rejects.toThrow(/Prometheus: .*parse error/)
    await prometheus.stop()
    await prometheus.stop()
    await exporter.stop()
    expect(await answers(prometheus.url)).toBe(false)
    expect(await answers(exporter.url)).toBe(false)
    expect(readdirSync(place)).toEqual([])
  },
)

test.skipIf(needs('alertmanager'))('an Alertmanager hands an alert on to the webhook', async () => {
  const bodies: string[] = []
  await using hook = await listen((body) => {
    bodies.push(body)
    return ''
  })
  await using alertmanager = await startAlertmanager({ webhookUrl: `${hook.url}/hook` })
  const alert = { labels: { alertname: 'Probe' }, annotations: { summary: 'a probe' } }
  const response = await fetch(`${alertmanager.url}/api/v2/alerts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([alert]),
  })
  expect(response.status).toBe(200)
  await vi.waitFor(() => expect(bodies.length).toBeGreaterThan(0), {
    timeout: 60_000,
    interval: 100,
  })
  expect(JSON.parse(bodies[0]!)).toMatchObject({ status: 'firing', alerts: [alert] })
})

test.skipIf(needs('alertmanager'))('an Alertmanager without a webhook starts too', async () => {
  await using alertmanager = await startAlertmanager()
  expect((await fetch(`${alertmanager.url}/-/healthy`)).status).toBe(200)
})

test('a server that ends at once is reported with its last words', async () => {
  const start = startServer({
    program: process.execPath,
    args: () => ['-e', 'console.error("no such configuration"); process.exit(7)'],
    readyPath: '/',
  })
  await expect(start).rejects.toThrow(/ended with 7: no such configuration/)
})

test('a program that is not there is reported', async () => {
  const start = startServer({ program: '/nowhere/server', args: () => [], readyPath: '/' })
  await expect(start).rejects.toThrow(/ENOENT/)
})

describe.skipIf(needs('promtool'))('promtool', () => {
  test('reads its input', async () => {
    const input = '# HELP a_total Things.\n# TYPE a_total counter\na_total 1\n'
    expect(await promtool(['check', 'metrics'], { input })).toMatchObject({ code: 0, stderr: '' })
  })
  test('answers with its code and complaint', async () => {
    const input = '# HELP a Things.\n# TYPE a counter\na 1\n'
    const { code, stderr } = await promtool(['check', 'metrics'], { input })
    expect(code).not.toBe(0)
    expect(stderr).toContain('a counter metrics should have "_total" suffix')
  })
  test('sees the files that it is given', async () => {
    const files = { 'rules/a.yml': 'groups: []\n' }
    const { code, stdout } = await promtool(['check', 'rules', 'rules/a.yml'], { files })
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('SUCCESS') })
  })
})
