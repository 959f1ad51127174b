import net from 'node:net'
import { request } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { afterEach, expect, test, vi } from 'vitest'
import { type AgentServer, serve, type Served } from '../../agent/serve.ts'
import { ListenError } from '../../settings/listen.ts'
import { silentLog } from '../../settings/log.ts'

const BODY = Buffer.from('node_load1 0.5\n'.repeat(100))
const good: Served = {
  metrics: () => BODY,
  notReady: () => undefined,
  landing: () => '<!doctype html><title>here</title>',
}
const early: Served = { ...good, metrics: () => undefined, notReady: () => 'no pass was made yet' }

const servers: AgentServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})
const start = async (served: Served = good): Promise<string> => {
  const server = await serve([{ host: '127.0.0.1', port: 0 }], served, silentLog())
  servers.push(server)
  return server.urls[0]!
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}
/** Without what fetch adds and takes away: encodings, methods, connections. */
const ask = (url: string, method = 'GET', headers: Record<string, string> = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          body: Buffer.concat(chunks),
        }),
      )
    })
    sent.once('error', reject)
    sent.end()
  })

test('/metrics is Prometheus text', async () => {
  const { status, headers, body } = await ask(`${await start()}/metrics?collect[]=stat`)
  expect(status).toBe(200)
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(headers['content-encoding']).toBeUndefined()
  expect(body).toEqual(BODY)
})

test('compresses for who asks, and only for them', async () => {
  const url = `${await start()}/metrics`
  const encoding = async (header: string) => {
    const { headers, body } = await ask(url, 'GET', { 'accept-encoding': header })
    expect(headers['vary']).toBe('accept-encoding')
    const isGzip = headers['content-encoding'] === 'gzip'
    expect(isGzip ? gunzipSync(body) : body).toEqual(BODY)
    return headers['content-encoding']
  }
  expect(await encoding('gzip')).toBe('gzip')
  expect(await encoding('deflate, gzip;q=0.5')).toBe('gzip')
  expect(await encoding('*')).toBe('gzip')
  expect(await encoding('gzip;q=0')).toBeUndefined()
  expect(await encoding('gzip;q=0.000')).toBeUndefined()
  expect(await encoding('identity')).toBeUndefined()
  expect(await encoding('x-gzipped')).toBeUndefined()
})

test('HEAD says what GET would, without the body', async () => {
  const { status, headers, body } = await ask(`${await start()}/metrics`, 'HEAD')
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
    const { status, body } = await ask(url + path, 'GET', { 'accept-encoding': 'gzip' })
    expect([status, body.toString()]).toEqual([503, 'not ready: no pass was made yet\n'])
  }
})

test('nothing can be written', async () => {
  const url = await start()
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    const { status, headers } = await ask(`${url}/metrics`, method)
    expect(status).toBe(405)
    expect(headers['allow']).toBe('GET, HEAD')
  }
})

test('a failure tells nothing of the machine, and the next request works', async () => {
  let failures = 1
  const url = await start({
    ...good,
    metrics: () => {
      if (failures-- > 0) throw new Error('EACCES: /secret/path')
      return BODY
    },
  })
  const failed = await ask(`${url}/metrics`, 'GET', { 'accept-encoding': 'gzip' })
  expect([failed.status, failed.body.toString()]).toEqual([
    500,
    'internal error; the log says more\n',
  ])
  expect((await ask(`${url}/metrics`)).status).toBe(200)
})

/** Sends bytes as they are; resolves with all that came back when the server closes, or `reset`. */
const raw = (url: string, bytes: string | Buffer): Promise<string> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url)
    const socket = net.connect(Number(port), hostname, () => socket.write(bytes))
    let answer = ''
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')))
    socket.once('error', () => resolve(answer || 'reset'))
    socket.once('close', () => resolve(answer))
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
  const attempt = serve([{ host: '127.0.0.1', port: 0 }, taken], good, silentLog())
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
  const server = await serve(addresses, good, silentLog())
  servers.push(server)
  expect(server.urls.map((url) => new URL(url).hostname)).toEqual(['127.0.0.1', '127.0.0.2'])
  for (const url of server.urls) expect((await ask(`${url}/-/ready`)).status).toBe(200)
})

test('closing does not wait for connections that say nothing', async () => {
  const server = await serve([{ host: '127.0.0.1', port: 0 }], good, silentLog())
  const silent = raw(server.urls[0]!, '')
  await ask(`${server.urls[0]!}/-/ready`)
  await server.close()
  expect(await silent).toBe('')
})
