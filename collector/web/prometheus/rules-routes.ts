/**
 * /api/v1/rules and /api/v1/alerts: what this collector evaluates itself. An SLO is a group of one rule,
 * its burn rate alert, whose expression is said in the series of /metrics that hold the same figures.
 * Source: prometheus.io/docs/prometheus/latest/querying/api, "Rules".
 */
import type { FastifyInstance } from 'fastify'
import { own } from '../../../catalog/own.ts'
import { burnAlerts } from '../../alert/slo-alerts.ts'
import { QueryError } from '../../query/query-error.ts'
import type { SloStatus } from '../../slo/status.ts'
import type { Of } from '../of.ts'
import type { ShownSlos } from '../slo-api.ts'
import { invalid, type Parameters } from './parameters.ts'
import { prometheusRoute, success } from './route.ts'
import type { ProgramStatus } from './status-routes.ts'

export interface Ruled {
  readonly tenant: string
  readonly slos: ShownSlos
}

const FILE = 'OpenSLO'
const RULE = 'SLOBurnRate'

export function rulesRoutes(
  app: FastifyInstance,
  of: Of<Ruled>,
  { evaluationMs }: Pick<ProgramStatus, 'evaluationMs'>,
): void {
  prometheusRoute(app, '/api/v1/rules', 'Rules that are evaluated here', async (asked) => {
    const { slos, tenant } = of(asked.request)
    const { parameters } = asked
    const statuses = isAskedFor(parameters) ? slos.list() : []
    const byService = Map.groupBy(statuses, ({ service }) => service)
    const names = namesOf(byService, parameters)
    const { page, next } = pageOf(names, parameters)
    const withAlerts = parameters.text('exclude_alerts') !== 'true'
    return success({
      groups: page.map((name) => ({
        ...groupOf(name, byService.get(name)!, tenant, withAlerts),
        interval: evaluationMs / 1_000,
      })),
      ...(next !== undefined && { groupNextToken: next }),
    })
  })
  prometheusRoute(app, '/api/v1/alerts', 'Alerts that fire', async (asked) => {
    const { slos, tenant } = of(asked.request)
    return success({ alerts: slos.list().flatMap((status) => alertsOf(status, tenant)) })
  })
}

/** All rules here are alerts, of one name and of one file. */
function isAskedFor(parameters: Parameters): boolean {
  const type = parameters.text('type')
  if (type !== undefined && type !== 'alert' && type !== 'record') {
    throw invalid('type', `not supported value "${type}"`)
  }
  const isAmong = (name: string, value: string) => {
    const chosen = parameters.all(name)
    return chosen.length === 0 || chosen.includes(value)
  }
  return type !== 'record' && isAmong('rule_name', RULE) && isAmong('file', FILE)
}

function namesOf(groups: ReadonlyMap<string, unknown>, parameters: Parameters): string[] {
  const chosen = parameters.all('rule_group')
  return [...groups.keys()]
    .filter((name) => chosen.length === 0 || chosen.includes(name))
    .toSorted()
}

/** As many groups as are asked for, and the name from which the next page goes on. */
function pageOf(
  names: readonly string[],
  parameters: Parameters,
): { readonly page: readonly string[]; readonly next?: string } {
  const limit = parameters.limit('group_limit')
  const token = parameters.text('group_next_token')
  if (limit === undefined) {
    if (token === undefined) return { page: names }
    throw invalid('group_limit', 'group_limit needs to be present in order to paginate')
  }
  const start = token === undefined ? 0 : names.indexOf(textOf(token))
  if (start < 0) {
    throw new QueryError(
      'bad_data',
      `invalid group_next_token ${JSON.stringify(token)}: the groups have changed`,
    )
  }
  const next = names[start + limit]
  return {
    page: names.slice(start, start + limit),
    ...(next !== undefined && { next: tokenOf(next) }),
  }
}

const tokenOf = (name: string) => Buffer.from(name).toString('base64url')
const textOf = (token: string) => Buffer.from(token, 'base64url').toString()

function groupOf(
  name: string,
  statuses: readonly SloStatus[],
  tenant: string,
  withAlerts: boolean,
) {
  return {
    name,
    file: FILE,
    limit: 0,
    lastEvaluation: iso(Math.max(...statuses.map(({ evaluatedMs }) => evaluatedMs))),
    rules: statuses.map((status) => {
      const alerts = withAlerts ? alertsOf(status, tenant) : []
      return {
        type: 'alerting',
        name: RULE,
        query: expressionOf(status),
        duration: 0,
        keepFiringFor: 0,
        labels: { service: status.service, slo: status.slo, severity: 'page' },
        annotations: {},
        alerts,
        state: stateOf(status),
        health: status.burning === undefined ? 'unknown' : 'ok',
        ...(status.burning === undefined && { lastError: status.reason }),
        lastEvaluation: iso(status.evaluatedMs),
      }
    }),
  }
}

/** Those that fire; of one that was not measured nobody knows. */
const alertsOf = (status: SloStatus, tenant: string) =>
  burnAlerts([status], tenant)
    .filter(({ condition }) => condition === 'firing')
    .map(({ labels, annotations }) => ({
      labels,
      annotations,
      state: 'firing',
      activeAt: iso(status.evaluatedMs),
      value: String(burnOf(status) ?? Number.NaN),
    }))

/** What was not measured is not inactive. */
function stateOf({ burning }: SloStatus) {
  if (burning === undefined) return 'unknown'
  return burning ? 'firing' : 'inactive'
}

const burnOf = ({ burnRates, alert }: SloStatus) =>
  burnRates.find(({ window }) => window === alert.longWindow)?.value

function expressionOf({ service, slo, alert }: SloStatus): string {
  const over = (window: string) =>
    `${own.sloBurn.prom}{service=${quoted(service)},slo=${quoted(slo)},slo_window=${quoted(window)}} > ${alert.factor}`
  return `${over(alert.longWindow)} and ignoring (slo_window) ${over(alert.shortWindow)}`
}

const quoted = (text: string) => JSON.stringify(text)
const iso = (ms: number) => new Date(ms).toISOString()
