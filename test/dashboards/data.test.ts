import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { entities } from '../../catalog/entity.ts'
import { own } from '../../catalog/own.ts'
import { tables } from '../../catalog/tables.ts'
import { machineDashboard } from '../../dashboards/machine.ts'
import { needs, startPrometheus, type PrometheusServer } from '../peers/peers.ts'

/**
 * One page with every series of the catalogue: two containers, two runtimes and two of each key, so
 * that a query which joins by the wrong labels fails in a real Prometheus as it would on a machine.
 */
function everySeries(seconds: number): string {
  const lines = new Map<string, string[]>()
  const add = (name: string, kind: string, labels: readonly string[]) => {
    const value = kind === 'gauge' ? 10 : 10 + seconds
    const of = lines.get(name) ?? [`# TYPE ${name} ${kind}`]
    lines.set(name, [...of, `${name}{${labels.join(',')}} ${value}`])
  }
  for (const { metrics, entity, keys } of tables) {
    const names = [...entities[entity].labels, ...keys].map(({ label }) => label)
    for (const which of names.length === 0 ? ['only'] : ['a', 'b']) {
      const shared = names.map((label) => `${label}="${which}"`)
      for (const { prom, kind, labels } of metrics) {
        const constant = Object.entries(labels ?? {}).map(([label, value]) => `${label}="${value}"`)
        add(prom, kind, [...shared, ...constant])
      }
    }
  }
  for (const { prom, kind, labels } of Object.values(own)) {
    if (kind === 'histogram') continue
    add(
      prom,
      kind,
      labels.map((label) => `${label}="x"`),
    )
  }
  return `${[...lines.values()].flat().join('\n')}\n`
}

const queries = machineDashboard.rows.flatMap((row) =>
  row.panels.flatMap((panel) =>
    panel.queries.map(({ expr, legend }) => ({
      name: `${row.title} / ${panel.title}: ${legend}`,
      expr,
    })),
  ),
)
/** As Grafana asks once everything is chosen. */
const expanded = (expr: string) =>
  expr.replaceAll('$__rate_interval', '10s').replaceAll(/\$(job|instance)/g, '.+')

describe.skipIf(needs('prometheus'))('with every series of the catalogue in a Prometheus', () => {
  const started = Date.now()
  const page = createServer((_, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4')
    response.end(everySeries((Date.now() - started) / 1000))
  })
  let prometheus: PrometheusServer

  beforeAll(async () => {
    page.listen(0, '127.0.0.1')
    await once(page, 'listening')
    const url = `http://127.0.0.1:${(page.address() as AddressInfo).port}/metrics`
    prometheus = await startPrometheus({ scrape: [{ job: 'candor', url }] })
    const scrapes = 'count_over_time(node_boot_time_seconds[10s]) > 2'
    await vi.waitUntil(async () => (await prometheus.query(scrapes)).length === 1, {
      timeout: 60_000,
      interval: 200,
    })
  })
  afterAll(async () => {
    await prometheus.stop()
    page.closeAllConnections()
    page.close()
  })

  test.each(queries)('$name has data', async ({ expr }) => {
    const result = await prometheus.query(expanded(expr))
    expect(result).not.toEqual([])
    expect(result.filter(({ value }) => !Number.isFinite(value))).toEqual([])
  })
})
