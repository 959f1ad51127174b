/** Binds an app to its address and says where it can be reached. */
import type { AddressInfo } from 'node:net'
import { Server as TlsServer } from 'node:tls'
import type { FastifyInstance } from 'fastify'
import { type Address, ListenError, urlOf } from '../../settings/listen.ts'

/** Base URL as bound: port 0 has become a real one. Throws ListenError. */
export async function listen(
  app: FastifyInstance,
  address: Address,
  flag: string,
): Promise<string> {
  const host = address.host === '' ? '::' : address.host
  try {
    await app.listen({ host, port: address.port })
  } catch (cause) {
    throw new ListenError(address, flag, cause as NodeJS.ErrnoException)
  }
  // A TCP server that listens has an address of this form.
  const url = urlOf(app.server.address() as AddressInfo)
  return app.server instanceof TlsServer ? url.replace(/^http/, 'https') : url
}
