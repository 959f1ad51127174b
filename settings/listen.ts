/** Addresses to listen on, as the Prometheus family writes them: `:9790`, `127.0.0.1:9790`, `[::1]:9790`. */
import type { AddressInfo } from 'node:net'
import { UsageError } from './usage-error.ts'

export interface Address {
  /** Empty for all addresses of the machine. */
  readonly host: string
  readonly port: number
}

const FORM = /^(\[[0-9a-fA-F:.]+\]|[^[\]:]*):(\d{1,5})$/

/** The address, or undefined when the text has not the form HOST:PORT. */
export function parseListen(text: string): Address | undefined {
  const match = FORM.exec(text)
  if (match === null) return undefined
  const port = Number(match[2])
  if (port > 65_535) return undefined
  return { host: match[1]!.replace(/^\[|\]$/g, ''), port }
}

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host)

/** Refuses a listener that other machines can reach, unless the operator said it may be. */
export function assertMayListen(address: Address, flag: string, insecure: boolean): void {
  if (insecure || isLoopback(address.host)) return
  const host = address.host === '' ? 'every address' : address.host
  throw new UsageError('ERR_INSECURE_LISTEN', [
    `--${flag}: ${host}:${address.port} can be reached from other machines without TLS, users or a token; listen on 127.0.0.1, or say --insecure when the network is trusted`,
  ])
}

/** An address that cannot be listened on. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
  readonly code = 'ERR_LISTEN'

  /** `flag` is the one that another address can be given by. */
  constructor({ host, port }: Address, flag: string, cause: NodeJS.ErrnoException) {
    const reason =
      cause.code === 'EADDRINUSE' ? 'another process listens there' : (cause.code ?? cause.message)
    super(`--${flag}: cannot listen on ${host}:${port}: ${reason}`, { cause })
  }
}

/** `http://HOST:PORT` of a bound address. */
export const urlOf = ({ address, family, port }: AddressInfo): string =>
  `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
