/** The agent's HTTP: /metrics, health, and a page for people. Everything is read-only and small. */
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { limits } from '../catalog/limit.ts'
import { type Address, ListenError, urlOf } from '../settings/listen.ts'
import type { Log } from '../settings/log.ts'
import { EXPOSITION_TYPE } from '../wire/exposition.ts'
import { http } from './http.ts'

export interface Served {
  /** Exposition of a pass that is young enough; undefined where there is none. */
  readonly metrics: () => Buffer | undefined
  /** Why there is none; undefined when the last pass worked. */
  readonly notReady: () => string | undefined
  /** The page for people, as HTML. */
  readonly landing: () => string
}

export interface AgentServer {
  /** `http://HOST:PORT`, as bound, one an address. */
  readonly urls: readonly string[]
  close(): Promise<void>
}

interface Page {
  readonly status?: number
  readonly type: string
  readonly body: Buffer
}

/** Listens on all addresses, or throws ListenError, which names the flag, and listens on none. */
export async function serve(
  addresses: readonly Address[],
  served: Served,
  log: Log,
  flag = 'web.listen-address',
): Promise<AgentServer> {
  const handle = handler(served, log)
  const servers: Server[] = []
  const close = async () => {
    await Promise.all(servers.map(closeServer))
  }
  try {
    for (const address of addresses) servers.push(await listen(handle, address, flag))
  } catch (error) {
    await close()
    throw error
  }
  return { urls: servers.map(urlOfServer), close }
}

async function listen(
  handle: RequestListener,
  { host, port }: Address,
  flag: string,
): Promise<Server> {
  const server = http.createServer(
    {
      requestTimeout: limits.webRequestMs.value,
      headersTimeout: limits.webRequestMs.value,
      keepAliveTimeout: limits.webIdleMs.value,
    },
    handle,
  )
  server.maxConnections = limits.webConnections.value
  server.timeout = limits.webIdleMs.value
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen({ port, ...(host !== '' && { host }) }, resolve)
  try {
    await promise
  } catch (error) {
    throw new ListenError({ host, port }, flag, error as NodeJS.ErrnoException)
  }
  return server
}

// A TCP server that listens has an address of this form.
const urlOfServer = (server: Server): string => urlOf(server.address() as AddressInfo)

/** Answers that are being written are finished, within a bound. */
async function closeServer(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.close(() => resolve())
  const timer = setTimeout(() => server.closeAllConnections(), limits.webStopMs.value)
  await promise
  clearTimeout(timer)
}

function handler(served: Served, log: Log): RequestListener {
  const compressed = new WeakMap<Buffer, Promise<Buffer>>()
  const gzipOnce = (body: Buffer): Promise<Buffer> => {
    const made = compressed.get(body) ?? promisify(gzip)(body, { level: 1 })
    compressed.set(body, made)
    return made
  }
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [path = '/'] = (request.url ?? '/').split('?')
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD')
      send(response, text(405, 'method not allowed\n'))
      return
    }
    const page = find(path, served)
    if (path !== '/metrics' || page.status !== undefined) {
      send(response, page)
      return
    }
    response.setHeader('vary', 'accept-encoding')
    if (!acceptsGzip(request.headers['accept-encoding'])) {
      send(response, page)
      return
    }
    response.setHeader('content-encoding', 'gzip')
    send(response, { ...page, body: await gzipOnce(page.body) })
  }
  return (request, response) => {
    answer(request, response).catch((err: unknown) => {
      log.error({ err }, 'request failed')
      response.removeHeader('content-encoding')
      send(response, text(500, 'internal error; the log says more\n'))
    })
  }
}

function find(path: string, { metrics, notReady, landing }: Served): Page {
  switch (path) {
    case '/metrics': {
      const body = metrics()
      return body === undefined ? unready(notReady()) : { type: EXPOSITION_TYPE, body }
    }
    case '/-/ready': {
      const reason = notReady()
      return reason === undefined ? text(undefined, 'ready\n') : unready(reason)
    }
    case '/-/healthy':
    case '/healthz':
      return text(undefined, 'healthy\n')
    case '/':
      return { type: 'text/html; charset=utf-8', body: Buffer.from(landing()) }
    default:
      return text(404, 'not found\n')
  }
}

const unready = (reason = 'no pass') => text(503, `not ready: ${reason}\n`)

const text = (status: number | undefined, body: string): Page => ({
  ...(status !== undefined && { status }),
  type: 'text/plain; charset=utf-8',
  body: Buffer.from(body),
})

function send(response: ServerResponse, { status = 200, type, body }: Page): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': body.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
  })
  response.end(body)
}

/** RFC 9110, 12.5.3: named with a weight above 0. */
const acceptsGzip = (header: string | string[] | undefined): boolean =>
  String(header ?? '')
    .split(',')
    .some((item) => /^\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*$)[\d.]+\s*)?$/i.test(item))
