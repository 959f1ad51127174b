/**
 * TLS by node:https: loaded by those alone whose web configuration asks for it. Each handshake uses
 * the certificates and rules that are in force at that moment.
 */
import type { RequestListener } from 'node:http'
import { isIP } from 'node:net'
import https, { type Server, type ServerOptions } from 'node:https'
import { constants } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { limits } from '../../catalog/limit.ts'
import { type TlsSettings, verifies, type WebConfig } from './config-file.ts'
import type { WatchedConfig } from './config-watch.ts'

/** What a server asks of clients; node:tls looks at both at every connection. */
interface Asking {
  requestCert: boolean
  rejectUnauthorized: boolean
}

export function createTlsServer(
  timeouts: ServerOptions,
  config: WatchedConfig,
  handle: RequestListener,
): Server {
  const server = https.createServer(
    {
      ...timeouts,
      ...contextOf(tlsOf(config.current())),
      ...askingOf(tlsOf(config.current())),
      handshakeTimeout: limits.webRequestMs.value,
      ALPNProtocols: ['http/1.1'],
    },
    handle,
  )
  config.onChange((now) => {
    const tls = tlsOf(now)
    server.setSecureContext(contextOf(tls))
    Object.assign(server, askingOf(tls))
  })
  // Before node:tls takes the connection, and with it the certificate.
  server.prependListener('connection', () => void config.current())
  // Before node:http takes the socket.
  server.prependListener('secureConnection', (socket: TLSSocket) => {
    if (!mayEnter(socket, tlsOf(config.current()))) socket.destroy()
  })
  return server
}

/** That there is TLS, or is none, stays as it was at the start. */
const tlsOf = ({ tls }: WebConfig): TlsSettings => tls!

/** Each connection shows its certificate anew: one that is no longer trusted is not let in again. */
const contextOf = ({ context }: TlsSettings) => ({
  ...context,
  secureOptions: constants.SSL_OP_NO_TICKET,
})

const askingOf = ({ clientAuth }: TlsSettings): Asking => ({
  requestCert: clientAuth !== 'NoClientCert',
  rejectUnauthorized: clientAuth === 'RequireAndVerifyClientCert',
})

function mayEnter(socket: TLSSocket, { clientAuth, allowedSans }: TlsSettings): boolean {
  if (clientAuth === 'NoClientCert') return true
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return !clientAuth.startsWith('Require')
  if (verifies(clientAuth) && !socket.authorized) return false
  if (allowedSans === undefined) return true
  const names = subjectAltNames(certificate.subjectAltName)
  return allowedSans.some(
    (san) => names.includes(san) || (isIP(san) !== 0 && certificate.checkIP(san) !== undefined),
  )
}

/** `DNS:a, IP Address:…, URI:…, email:…`, in which a value with a comma or a quote is JSON. */
export function subjectAltNames(text: string | undefined): string[] {
  const names: string[] = []
  for (const [, , value = ''] of (text ?? '').matchAll(
    /(?:^|, )(DNS|URI|email):("(?:[^"\\]|\\.)*"|[^",]*)(?=, |$)/g,
  )) {
    names.push(value.startsWith('"') ? (JSON.parse(value) as string) : value)
  }
  return names
}
