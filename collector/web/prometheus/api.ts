/**
 * Prometheus' HTTP API, as its clients call it: Grafana's data source, promtool, and programs that
 * scale or deploy by what they read here.
 */
import type { FastifyInstance } from 'fastify'
import type { Queries } from '../../query/queries.ts'
import type { Of } from '../of.ts'
import { metadataRoutes } from './metadata-routes.ts'
import { queryRoutes } from './query-routes.ts'
import { takesForms } from './route.ts'
import { type Ruled, rulesRoutes } from './rules-routes.ts'
import { type ProgramStatus, type Reporting, statusRoutes } from './status-routes.ts'

export type Answering = Ruled & Reporting & { readonly queries: Queries }

export function prometheusApi(
  app: FastifyInstance,
  of: Of<Answering>,
  now: () => number,
  program: ProgramStatus,
): void {
  takesForms(app)
  const queries: Of<Queries> = (request) => of(request).queries
  queryRoutes(app, queries, now)
  metadataRoutes(app, queries, now)
  rulesRoutes(app, of, program)
  statusRoutes(app, of, now, program)
}
