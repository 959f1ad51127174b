import { once } from 'node:events'
import http from 'node:http'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { afterEach, expect, test, vi } from 'vitest'
import { type Body, makeBody } from '../../../agent/web/body.ts'
import type { Served } from '../../../agent/web/handler.ts'
import { type AgentServer, serve, type ServeOptions } from '../../../agent/web/serve.ts'
import { ListenError } from '../../../settings/listen.ts'
import { silentLog } from '../../../settings/log.ts'
import { ask, raw } from './ask.ts'

const BODY = Buffer.from('node_load1 0.5\n'.repeat(100))
const scraped = vi.fn<Served['scraped']>()
const good: Served = {
  metrics: ({ encoding }) => makeBody([BODY], encoding),
  readers: new Map([
    ['stat', true],
    ['loadavg', true],
    ['processes', false],
  ]),
  notReady: () => undefined,
  landing: () => '<!doctype html><title>here</title>',
  scraped,
}
const early: Served = { ...good, metrics: () => undefined, notReady: () => 'no pass was made yet' }

const servers: AgentServer[] = []
afterEach(async () => {
  vi.restoreAllMocks()
  scraped.mockClear()
  for (const server of servers.splice(0)) await server.close()
})
const LOOPBACK = [{ host: '127.0.0.1', port: 0 }]
const start = async (
  served: Served = good,
  options: Partial<ServeOptions> = {},
): Promise<string> => {
  const server = await serve(served, { addresses: LOOPBACK, log: silentLog(), ...options })
  servers.push(server)
  return server.urls[0]!
}

test('/metrics is Prometheus text', async () => {
  const { status, headers, body } = await ask(`${await start()}/metrics?collect[]=stat`)
  expect(status).toBe(200)
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(headers['content-encoding']).toBeUndefined()
  expect(body).toEqual(BODY)
})

test('compresses for who asks, and only for them', async () => {
  const url = `${await start()}/metrics`
  const f = async (header: string, want: string | undefined) => {
    const { headers, body } = await ask(url, { headers: { 'accept-encoding': header } })
    expect(headers['vary']).toBe('accept, accept-encoding')
    expect(headers['content-encoding']).toBe(want)
    const inflate = { gzip: gunzipSync, zstd: zstdDecompressSync }
    expect(want === undefined ? body : inflate[want as 'gzip'](body)).toEqual(BODY)
  }
  await f('gzip', 'gzip')
  await f('zstd', 'zstd')
  await f('gzip, zstd', 'zstd')
  await f('identity', undefined)
  await f('', undefined)
})

test('HEAD says what GET would, without the body', async () => {
  const { status, headers, body } = await ask(`${await start()}/metrics`, { method: 'HEAD' })
  expect(status).toBe(200)
  expect(headers['content-length']).toBe(String(BODY.length))
  expect(body).toHaveLength(0)
})

test('health, readiness, landing page', async () => {
  const url = await start()
  const f = async (path: string, status: number, text: string) => {
    const answer = await ask(url + path)
    expect([answer.status, answer.body.toString()]).toEqual([status, text])
  }
  await f('/-/healthy', 200, 'healthy\n')
  await f('/healthz', 200, 'healthy\n')
  await f('/-/ready', 200, 'ready\n')
  await f('/', 200, '<!doctype html><title>here</title>')
  await f('/nothing', 404, 'not found\n')
  await f('/metrics/', 404, 'not found\n')
  await f('/__proto__', 404, 'not found\n')
})

test('before the first pass it is healthy but not ready, and says why', async () => {
  const url = await start(early)
  expect((await ask(`${url}/-/healthy`)).status).toBe(200)
  for (const path of ['/-/ready', '/metrics']) {
    const { status, body } = await ask(url + path, { headers: { 'accept-encoding': 'gzip' } })
    expect([status, body.toString()]).toEqual([503, 'not ready: no pass was made yet\n'])
  }
})

test('nothing can be written', async () => {
  const url = await start()
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    const { status, headers } = await ask(`${url}/metrics`, { method })
    expect(status).toBe(405)
    expect(headers['allow']).toBe('GET, HEAD')
  }
})

test('a failure tells nothing of the machine, and the next request works', async () => {
  let failures = 1
  const url = await start({
    ...good,
    metrics: (wanted) => {
      if (failures-- > 0) throw new Error('EACCES: /secret/path')
      return good.metrics(wanted)
    },
  })
  const failed = await ask(`${url}/metrics`, { headers: { 'accept-encoding': 'gzip' } })
  expect([failed.status, failed.body.toString()]).toEqual([
    500,
    'internal error; the log says more\n',
  ])
  expect((await ask(`${url}/metrics`)).status).toBe(200)
})

test('what is no HTTP, or too long, is refused and harms nobody', async () => {
  const url = await start()
  const long = `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(64 << 10)}\r\n\r\n`
  // What the server has not read when it refuses makes the kernel reset the connection.
  expect(await raw(url, long)).toMatch(/^(?:HTTP\/1\.1 431 |reset$)/)
  expect(await raw(url, 'hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
  expect(await raw(url, 'GET //[::1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toMatch(
    /^HTTP\/1\.1 404 /,
  )
  expect((await ask(`${url}/-/healthy`)).status).toBe(200)
})

test('a taken port is named, and no other address stays open', async () => {
  const url = await start()
  const taken = { host: '127.0.0.1', port: Number(new URL(url).port) }
  const listeners = () =>
    process.getActiveResourcesInfo().filter((resource) => resource === 'TCPServerWrap').length
  const attempt = serve(good, { addresses: [...LOOPBACK, taken], log: silentLog() })
  await expect(attempt).rejects.toThrow(ListenError)
  await expect(attempt).rejects.toMatchObject({
    code: 'ERR_LISTEN',
    message: expect.stringContaining(`127.0.0.1:${taken.port}: another process listens there`),
  })
  await vi.waitFor(() => expect(listeners()).toBe(servers.length))
})

test('listens on every address it was given', async () => {
  const addresses = [
    { host: '127.0.0.1', port: 0 },
    { host: '127.0.0.2', port: 0 },
  ]
  const server = await serve(good, { addresses, log: silentLog() })
  servers.push(server)
  expect(server.urls.map((url) => new URL(url).hostname)).toEqual(['127.0.0.1', '127.0.0.2'])
  for (const url of server.urls) expect((await ask(`${url}/-/ready`)).status).toBe(200)
})

test('closing does not wait for connections that say nothing', async () => {
  const server = await serve(good, { addresses: LOOPBACK, log: silentLog() })
  const silent = raw(server.urls[0]!, '')
  await ask(`${server.urls[0]!}/-/ready`)
  await server.close()
  expect(await silent).toBe('')
})

test('some readers only, as node_exporter has it', async () => {
  const asked: (readonly string[] | undefined)[] = []
  const url = await start({
    ...good,
    metrics: (wanted) => {
      asked.push(wanted.filter && [...wanted.filter])
      return good.metrics(wanted)
    },
  })
  const f = async (query: string, want: readonly string[] | undefined) => {
    expect((await ask(`${url}/metrics${query}`)).status).toBe(200)
    expect(asked.pop()).toEqual(want)
  }
  await f('', undefined)
  await f('?collect[]=stat', ['stat'])
  await f('?collect%5B%5D=stat&collect[]=loadavg', ['stat', 'loadavg'])
  await f('?exclude[]=stat', ['loadavg', 'processes'])
  await f('?module=x', undefined)
  await f('?collect[]=stat&collect[]=timex', ['stat', 'timex'])
  await f('?exclude[]=zfs', ['stat', 'loadavg', 'processes'])
  const refused = async (query: string, want: string) => {
    const { status, body } = await ask(`${url}/metrics${query}`)
    expect([status, body.toString()]).toEqual([400, want])
  }
  await refused(
    '?collect[]=stat&exclude[]=loadavg',
    'Combined collect and exclude queries are not allowed.\n',
  )
  await refused(
    '?collect[]=loadavgg',
    'missing collector: "loadavgg", did you mean "loadavg"?\nknown: stat, loadavg, processes\n',
  )
  await refused('?exclude[]=', 'missing collector: ""\nknown: stat, loadavg, processes\n')
  await refused(
    '?collect[]=processes',
    'disabled collector: processes; start the agent with --collector.processes\n',
  )
  expect(asked).toEqual([])
})

test('OpenMetrics has its own type', async () => {
  const url = await start()
  const accept = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5'
  const { headers } = await ask(`${url}/metrics`, { headers: { accept } })
  expect(headers['content-type']).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
})

test('metrics may be elsewhere', async () => {
  const url = await start(good, { telemetryPath: '/node' })
  expect((await ask(`${url}/node?collect[]=stat`)).body).toEqual(BODY)
  expect((await ask(`${url}/metrics`)).status).toBe(404)
})

/** A scrape whose body nobody has got yet, until `release`. */
const held = () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const metrics: Served['metrics'] = async (wanted) => {
    await promise
    return makeBody([BODY], wanted.encoding)
  }
  return { served: { ...good, metrics }, release: resolve }
}

test('more scrapes at a time than allowed are refused, and counted', async () => {
  const { served, release } = held()
  const url = `${await start(served, { maxRequests: 2 })}/metrics`
  const first = [ask(url), ask(url)]
  await vi.waitFor(async () => {
    const { status, body } = await ask(url)
    expect([status, body.toString()]).toEqual([
      503,
      'Limit of concurrent requests reached (2), try again later.\n',
    ])
  })
  expect(scraped).toHaveBeenCalledWith('refused')
  release()
  for (const answer of await Promise.all(first)) expect(answer.body).toEqual(BODY)
  await vi.waitFor(async () => expect((await ask(url)).status).toBe(200))
  await vi.waitFor(() => expect(scraped).toHaveBeenCalledWith('answered'))
})

test('any number of scrapes where that is asked for', async () => {
  const { served, release } = held()
  const url = `${await start(served, { maxRequests: 0 })}/metrics`
  const all = Array.from({ length: 100 }, () => ask(url))
  setTimeout(release, 50)
  expect((await Promise.all(all)).every(({ status }) => status === 200)).toBe(true)
})

/** 64 MiB: more than any socket takes at once. */
const large = (chunk: Buffer): Body => ({
  chunks: Array.from({ length: 64 }, () => chunk),
  sizeBytes: 64 * chunk.length,
  hold: () => () => {},
})

test('who reads slowly gets the same bytes, one chunk at a time', async () => {
  const chunk = Buffer.alloc(1 << 20, 'x')
  const url = await start({
    ...good,
    metrics: () => Promise.resolve(large(chunk)),
  })
  const sent = http.get(`${url}/metrics`, { agent: false })
  const [response] = (await once(sent, 'response')) as [http.IncomingMessage]
  // Others are answered while this one takes nothing in.
  expect((await ask(`${url}/-/healthy`)).status).toBe(200)
  let bytes = 0
  for await (const part of response) bytes += (part as Buffer).length
  expect(bytes).toBe(64 << 20)
})

test('who leaves in the middle, or reads too slowly, is let go', async () => {
  const slow: Served = {
    ...good,
    metrics: () => Promise.resolve(large(Buffer.alloc(1 << 20))),
  }
  const url = await start(slow)
  const sent = http.get(`${url}/metrics`, { agent: false })
  const [response] = (await once(sent, 'response')) as [http.IncomingMessage]
  response.destroy()
  await vi.waitFor(() => expect(scraped).toHaveBeenCalledWith('cut'))
  scraped.mockClear()

  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const unread = http.get(`${url}/metrics`, { agent: false })
    unread.on('error', () => {})
    const [stuck] = (await once(unread, 'response')) as [http.IncomingMessage]
    stuck.on('error', () => {})
    expect(scraped).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(31_000)
  } finally {
    vi.useRealTimers()
  }
  await vi.waitFor(() => expect(scraped).toHaveBeenCalledWith('cut'))
})
