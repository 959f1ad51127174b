/**
 * /api/v1/rules and /api/v1/alerts: what this collector evaluates itself. An SLO is a group of one rule,
 * its burn rate alert, whose expression is said in the series of /metrics that hold the same figures.
 */
import type { FastifyInstance } from 'fastify'
import { own } from '../../../catalog/own.ts'
import { burnAlerts } from '../../alert/slo-alerts.ts'
import type { SloStatus } from '../../slo/status.ts'
import type { Of } from '../of.ts'
import type { ShownSlos } from '../slo-api.ts'
import { prometheusRoute, success } from './route.ts'

export interface Ruled {
  readonly tenant: string
  readonly slos: ShownSlos
}

export function rulesRoutes(app: FastifyInstance, of: Of<Ruled>): void {
  prometheusRoute(app, '/api/v1/rules', 'Rules that are evaluated here', async (asked) => {
    const { slos, tenant } = of(asked.request)
    const type = asked.parameters.text('type')
    const byService = Map.groupBy(type === 'record' ? [] : slos.list(), ({ service }) => service)
    return success({
      groups: [...byService].map(([name, statuses]) => groupOf(name, statuses, tenant)),
    })
  })
  prometheusRoute(app, '/api/v1/alerts', 'Alerts that fire', async (asked) => {
    const { slos, tenant } = of(asked.request)
    return success({ alerts: slos.list().flatMap((status) => alertsOf(status, tenant)) })
  })
}

function groupOf(name: string, statuses: readonly SloStatus[], tenant: string) {
  return {
    name,
    file: 'OpenSLO',
    limit: 0,
    lastEvaluation: iso(Math.max(...statuses.map(({ evaluatedMs }) => evaluatedMs))),
    rules: statuses.map((status) => {
      const alerts = alertsOf(status, tenant)
      return {
        type: 'alerting',
        name: 'SLOBurnRate',
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
