/** What the collector tells over HTTP: its own metrics, the API, its health, the console. */
import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import type { Log } from '../../settings/log.ts'
import { Entities } from '../find/entities.ts'
import type { Findings } from '../find/findings.ts'
import type { Receiving } from '../receive/receiver.ts'
import type { Store } from '../store/store.ts'
import { makeApp, refuse } from './app.ts'
import { consoleFiles } from './console-files.ts'
import { entitiesApi } from './entities-api.ts'
import { factsApi } from './facts-api.ts'
import { findingsApi } from './findings-api.ts'
import { runtimesApi } from './runtimes-api.ts'
import type { OwnMetrics } from './self-metrics.ts'
import { type ShownSlos, sloApi } from './slo-api.ts'

export interface WebOptions {
  readonly store: Store
  readonly own: OwnMetrics
  readonly findings: Findings
  readonly slos: ShownSlos
  /** Absent where nothing is received, as in tests. */
  readonly receiving?: Receiving
  readonly log: Log
  /** How people reach the console, for the document of the API. */
  readonly externalUrl?: string | undefined
  /** For tests. */
  readonly now?: () => number
}

/** An app that only has to listen; its routes answer from the first request on. */
export async function buildServer(options: WebOptions): Promise<FastifyInstance> {
  const { store, own, findings, slos, log, externalUrl, now = Date.now } = options
  const app = makeApp(log)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Candor collector',
        version: '1',
        description:
          'Figures carry their unit in their name; times are Unix milliseconds. A field that is missing was not measured.',
      },
      ...(externalUrl === undefined ? {} : { servers: [{ url: externalUrl }] }),
    },
  })
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) =>
    reply.type(own.contentType).send(await own.render()),
  )
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
  for (const path of ['/-/healthy', '/healthz']) {
    app.get(path, { schema: { hide: true } }, async (_request, reply) =>
      reply.type('text/plain; charset=utf-8').send('Candor collector is healthy.\n'),
    )
  }
  app.get('/-/ready', { schema: { hide: true } }, async (_request, reply) => {
    const waiting = [slos.evaluation(), findings.evaluation()].find(
      ({ state }) => state === 'waiting',
    )
    if (waiting !== undefined) {
      const { error } = waiting
      const reason =
        error === undefined ? 'nothing is evaluated yet' : `the first evaluation failed: ${error}`
      return refuse(reply, 503, 'ERR_NOT_READY', reason)
    }
    const failure = options.receiving?.failure()
    if (failure !== undefined) {
      const [reason] = failure.split('\n', 1)
      return refuse(reply, 503, 'ERR_NOT_READY', `the last insert failed: ${reason!.slice(0, 300)}`)
    }
    return reply.type('text/plain; charset=utf-8').send('Candor collector is ready.\n')
  })
  findingsApi(app, findings, now)
  sloApi(app, slos, now)
  entitiesApi(app, new Entities({ store }), now)
  runtimesApi(app, findings, now)
  factsApi(app, store, now)
  consoleFiles(app)
  return app
}
