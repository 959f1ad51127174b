/** What the collector tells over HTTP: its own metrics, the API, its health, the console. */
import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import type { Log } from '../../settings/log.ts'
import { Access } from '../access/access.ts'
import type { Queries } from '../query/queries.ts'
import type { Receiving } from '../receive/receiver.ts'
import type { View } from '../view/view.ts'
import { makeApp, refuse } from './app.ts'
import { consoleFiles } from './console-files.ts'
import { entitiesApi } from './entities-api.ts'
import { factsApi } from './facts-api.ts'
import { findingsApi } from './findings-api.ts'
import { runtimesApi } from './runtimes-api.ts'
import type { Of } from './of.ts'
import { type Answering, prometheusApi } from './prometheus/api.ts'
import type { ProgramStatus } from './prometheus/status-routes.ts'
import type { OwnMetrics } from './self-metrics.ts'
import { type ShownSlos, sloApi } from './slo-api.ts'

/** What is shown of a tenant. */
export type Shown = Pick<View, 'tenant' | 'own' | 'findings' | 'entities'> & {
  readonly store: Pick<View['store'], 'query'>
  readonly slos: ShownSlos
}

export interface WebOptions {
  readonly views: {
    readonly of: (tenant: string) => Shown
    readonly all: () => readonly Pick<Shown, 'findings' | 'slos'>[]
  }
  /** The process's own. */
  readonly own: OwnMetrics
  /** Without it everyone may read, as the default tenant. */
  readonly access?: Access
  /** Absent where nothing is received, as in tests. */
  readonly receiving?: Pick<Receiving, 'failure' | 'tell'>
  /** PromQL, by tenant, and what is told of this program beside it; absent where nobody asks, as in tests. */
  readonly asking?: {
    readonly of: (tenant: string) => Queries
    readonly program: ProgramStatus
  }
  readonly log: Log
  /** How people reach the console, for the document of the API. */
  readonly externalUrl?: string | undefined
  /** For tests. */
  readonly now?: () => number
}

/** The token as a bearer, or as the password of any user. */
const security = () => ({
  security: [{ bearer: [] }, { basic: [] }],
  components: {
    securitySchemes: {
      bearer: { type: 'http' as const, scheme: 'bearer' },
      basic: { type: 'http' as const, scheme: 'basic' },
    },
  },
})

/** What a load balancer or a kubelet asks, neither of which has a token. */
const OPEN: ReadonlySet<string> = new Set(['/-/healthy', '/healthz', '/-/ready'])

/**
 * One tenant whose evaluation fails is no reason to take the collector from all others. Undefined when
 * it is ready.
 */
function reasonNotReady({ views, receiving }: WebOptions): string | undefined {
  const waiting = views
    .all()
    .map(({ slos, findings }) =>
      [slos.evaluation(), findings.evaluation()].find(({ state }) => state === 'waiting'),
    )
  if (waiting.length > 0 && waiting.every((each) => each !== undefined)) {
    const { error } = waiting[0]!
    return error === undefined
      ? 'nothing is evaluated yet'
      : `the first evaluation failed: ${error}`
  }
  const [reason] = receiving?.failure()?.split('\n', 1) ?? []
  return reason === undefined ? undefined : `the last insert failed: ${reason.slice(0, 300)}`
}

/** An app that only has to listen; its routes answer from the first request on. */
export async function buildServer(options: WebOptions): Promise<FastifyInstance> {
  const { views, own, receiving, asking, log, externalUrl, now = Date.now } = options
  const { access = new Access({}, own) } = options
  const of: Of<Shown> = (request) => views.of(access.callerOf(request).tenant)
  const app = makeApp(log, access.config)
  access.protect(app, 'read', OPEN)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Candor collector',
        version: '1',
        description:
          'Figures carry their unit in their name; times are Unix milliseconds. A field that is missing was not measured.',
      },
      ...(access.hasTenants && security()),
      ...(externalUrl === undefined ? {} : { servers: [{ url: externalUrl }] }),
    },
  })
  app.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
    access.tell()
    receiving?.tell()
    return reply.type(own.contentType).send(await of(request).own.render())
  })
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
  for (const path of ['/-/healthy', '/healthz']) {
    app.get(path, { schema: { hide: true } }, async (_request, reply) =>
      reply.type('text/plain; charset=utf-8').send('Candor collector is healthy.\n'),
    )
  }
  app.get('/-/ready', { schema: { hide: true } }, async (_request, reply) => {
    const reason = reasonNotReady(options)
    // Who needs no token to ask is not told what the reason may hold.
    const shown = access.hasTenants ? 'the log has the reason' : reason
    if (reason !== undefined) return refuse(reply, 503, 'ERR_NOT_READY', shown!)
    return reply.type('text/plain; charset=utf-8').send('Candor collector is ready.\n')
  })
  findingsApi(app, (request) => of(request).findings, now)
  sloApi(app, (request) => of(request).slos, now)
  entitiesApi(app, (request) => of(request).entities, now)
  runtimesApi(app, (request) => of(request).findings, now)
  factsApi(app, of, now)
  if (asking !== undefined) {
    const answering: Of<Answering> = (request) => {
      const { tenant, slos, entities } = of(request)
      return { tenant, slos, entities, queries: asking.of(tenant) }
    }
    prometheusApi(app, answering, now, asking.program)
  }
  consoleFiles(app)
  return app
}
