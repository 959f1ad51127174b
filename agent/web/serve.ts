/** The agent's listeners: addresses or inherited sockets, plain or with TLS. */
import type { RequestListener, Server } from 'node:http'
import { limits } from '../../catalog/limit.ts'
import { type Address, assertMayListen, ListenError, urlOf } from '../../settings/listen.ts'
import type { Log } from '../../settings/log.ts'
import type { WatchedConfig } from '../../settings/web/config-watch.ts'
import { handler, type Served } from './handler.ts'
import { http } from '../http.ts'

export interface ServeOptions {
  readonly addresses: readonly Address[]
  /** Descriptors of sockets that listen already; they take the place of addresses. */
  readonly sockets?: readonly number[]
  /** The flag that the addresses came by. */
  readonly flag?: string
  /** Allows addresses beyond loopback, also without TLS or users. */
  readonly insecure?: boolean
  readonly telemetryPath?: string
  readonly maxRequests?: number
  readonly config?: WatchedConfig
  readonly log: Log
}

export interface AgentServer {
  /** `http://HOST:PORT`, as bound, one a listener; `https:` with TLS. */
  readonly urls: readonly string[]
  close(): Promise<void>
}

/** Where metrics are, unless told otherwise. */
export const TELEMETRY_PATH = '/metrics'
/** As many scrapes at a time as node_exporter answers. */
export const MAX_REQUESTS = 40

const TIMEOUTS = {
  requestTimeout: limits.webRequestMs.value,
  headersTimeout: limits.webRequestMs.value,
  keepAliveTimeout: limits.webIdleMs.value,
}

/** Listens on all addresses, or throws, which names the flag, and listens on none. */
export async function serve(served: Served, options: ServeOptions): Promise<AgentServer> {
  const { addresses, sockets = [], config, log, flag = 'web.listen-address' } = options
  const open = options.insecure === true || config?.protects === true
  // It brings cryptography with it, which most agents have no use for.
  const guard = config && new (await import('../../settings/web/guard.ts')).Guard(config)
  const handle = handler(served, {
    telemetryPath: options.telemetryPath ?? TELEMETRY_PATH,
    maxRequests: options.maxRequests ?? MAX_REQUESTS,
    log,
    ...(guard && { guard }),
  })
  const servers: Server[] = []
  const close = async () => {
    await Promise.all([...servers.map(closeServer), guard?.close()])
  }
  try {
    if (sockets.length === 0) {
      for (const address of addresses) assertMayListen(address, flag, open)
      for (const address of addresses) {
        const server = await makeServer(handle, config, log)
        servers.push(server)
        await listening(server, { port: address.port, host: address.host }, address, flag)
      }
    }
    for (const fd of sockets) {
      const server = await makeServer(handle, config, log)
      servers.push(server)
      await listening(server, { fd }, { host: `descriptor ${fd}`, port: 0 }, 'web.systemd-socket')
      assertInherited(server, open)
    }
  } catch (error) {
    await close()
    throw error
  }
  const scheme = config?.current().tls === undefined ? 'http' : 'https'
  return { urls: servers.map((server) => urlOfServer(server, scheme)), close }
}

async function makeServer(
  handle: RequestListener,
  config: WatchedConfig | undefined,
  log: Log,
): Promise<Server> {
  const server =
    config?.current().tls === undefined
      ? http.createServer(TIMEOUTS, handle)
      : (await import('../../settings/web/tls.ts')).createTlsServer(TIMEOUTS, config, handle)
  server.maxConnections = limits.webConnections.value
  server.timeout = limits.webIdleMs.value
  // Once it listens: a connection that could not be taken, for lack of descriptors or memory.
  server.on('error', (err) => {
    if (server.listening) log.warn({ err }, 'connection not taken')
  })
  return server
}

async function listening(
  server: Server,
  where: { readonly fd: number } | { readonly port: number; readonly host: string },
  address: Address,
  flag: string,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  const { host, ...rest } = { host: '', ...where }
  server.listen({ ...rest, ...(host !== '' && { host }) }, resolve)
  try {
    await promise
  } catch (error) {
    throw new ListenError(address, flag, error as NodeJS.ErrnoException)
  } finally {
    server.off('error', reject)
  }
}

/** Nobody asked for this address on our command line, but it reaches as far. */
function assertInherited(server: Server, open: boolean): void {
  const address = server.address()
  if (address === null || typeof address === 'string') return
  assertMayListen({ host: address.address, port: address.port }, 'web.systemd-socket', open)
}

function urlOfServer(server: Server, scheme: string): string {
  const address = server.address()
  if (address === null || typeof address === 'string') return `unix:${address ?? ''}`
  return urlOf(address).replace(/^http/, scheme)
}

/** Answers that are being written are finished, within a bound. */
async function closeServer(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.close(() => resolve())
  const timer = setTimeout(() => server.closeAllConnections(), limits.webStopMs.value)
  await promise
  clearTimeout(timer)
}
