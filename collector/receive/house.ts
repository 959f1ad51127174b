/**
 * A way in for an agent of this very process, where everyone else must show a token, a password or a
 * certificate: a port on loopback, and a token that nobody else ever sees.
 */
import { hash, randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Log } from '../../settings/log.ts'
import { Access } from '../access/access.ts'
import { makeApp } from '../web/app.ts'
import { listen } from '../web/listen.ts'
import type { OwnMetrics } from '../web/self-metrics.ts'

export class House {
  readonly app: FastifyInstance
  readonly access: Access
  readonly #token = randomBytes(32).toString('base64url')

  constructor(own: OwnMetrics, log: Log) {
    this.app = makeApp(log)
    this.access = Access.ofToken(hash('sha256', this.#token, 'buffer'), own)
  }

  async open(): Promise<{ readonly url: string; readonly token: string }> {
    const url = await listen(this.app, { host: '127.0.0.1', port: 0 }, 'otlp.listen-address')
    return { url, token: this.#token }
  }
}
