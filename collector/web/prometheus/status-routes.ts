/** /api/v1/targets and /api/v1/status: who reports, and what this program is. */
import type { FastifyInstance } from 'fastify'
import { AGENT_JOB } from '../../../catalog/entity.ts'
import { VERSION } from '../../../settings/version.ts'
import type { Entities, MachineEntity } from '../../find/entities.ts'
import type { Queries } from '../../query/queries.ts'
import type { Of } from '../of.ts'
import { optionsOf } from './query-routes.ts'
import { prometheusRoute, success } from './route.ts'

/**
 * Whose API this is. Grafana and others decide by it what they may ask; version and revision of this
 * program itself stand in `revision`.
 */
const API_VERSION = '3.0.0'

export interface Reporting {
  readonly tenant: string
  readonly entities: Pick<Entities, 'list'>
  readonly queries: Queries
}

export interface ProgramStatus {
  readonly startedMs: number
  /** Between two evaluations of the SLOs. */
  readonly evaluationMs: number
  /** As they are in force; none of them is secret. */
  readonly flags: Readonly<Record<string, string>>
}

export function statusRoutes(
  app: FastifyInstance,
  of: Of<Reporting>,
  now: () => number,
  program: ProgramStatus,
): void {
  prometheusRoute(app, '/api/v1/targets', 'Agents that report', async (asked) => {
    const state = asked.parameters.text('state') ?? 'any'
    const { entities } = await of(asked.request).entities.list(now())
    const machines = entities.filter((each) => each.kind === 'machine')
    return success({
      activeTargets: state === 'dropped' ? [] : machines.map(targetOf),
      droppedTargets: [],
      droppedTargetCounts: {},
    })
  })
  prometheusRoute(app, '/api/v1/status/buildinfo', 'Version', async () =>
    success({
      version: API_VERSION,
      revision: `candor-${VERSION}`,
      branch: '',
      buildUser: '',
      buildDate: '',
      goVersion: '',
    }),
  )
  prometheusRoute(app, '/api/v1/status/flags', 'Flags in force', async (asked) =>
    // They are the process's own, of which other tenants are told nothing.
    success(of(asked.request).tenant === '' ? program.flags : {}),
  )
  prometheusRoute(app, '/api/v1/status/runtimeinfo', 'This process', async () =>
    success({
      startTime: new Date(program.startedMs).toISOString(),
      serverTime: new Date(now()).toISOString(),
    }),
  )
  prometheusRoute(app, '/api/v1/status/tsdb', 'Series, by what makes them many', async (asked) => {
    const found = await of(asked.request).queries.cardinality(optionsOf(asked))
    return success({
      headStats: {
        numSeries: found.series,
        numLabelPairs: found.pairs,
        // Of nothing there is no time.
        ...(found.series > 0 && { minTime: found.fromMs, maxTime: found.toMs }),
      },
      seriesCountByMetricName: found.byName,
      labelValueCountByLabelName: found.byLabel,
      seriesCountByLabelValuePair: found.byPair,
    })
  })
}

/** An agent pushes: there is no address that it is scraped at, and what a scrape took is left out. */
function targetOf({ id, name, state, lastSeenMs, agent }: MachineEntity) {
  const isUp = state === 'reporting'
  return {
    discoveredLabels: {
      __meta_candor_entity: id,
      ...(agent !== undefined && { __meta_candor_agent: agent }),
    },
    labels: { instance: name, job: AGENT_JOB },
    scrapePool: 'agents',
    scrapeUrl: '',
    globalUrl: '',
    lastError: isUp ? '' : 'no sample for three intervals',
    lastScrape: new Date(lastSeenMs).toISOString(),
    health: isUp ? 'up' : 'down',
  }
}
