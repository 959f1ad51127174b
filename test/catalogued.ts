/** Every Prometheus name that the catalogue has, with what queries must know of it. */
import { entities } from '../catalog/entity.ts'
import type { MetricKind } from '../catalog/metric.ts'
import { own } from '../catalog/own.ts'
import { tables } from '../catalog/tables.ts'

export interface Catalogued {
  readonly kind: MetricKind
  readonly unit: string
  readonly labels: ReadonlySet<string>
}

/** Prometheus itself adds these to whatever it scrapes. */
const SCRAPED = ['job', 'instance']

/** Prometheus makes it of each target, and the collector of each machine. */
const UP: Catalogued = { kind: 'gauge', unit: '1', labels: new Set(SCRAPED) }

function everyMetric(): Map<string, Catalogued> {
  const all = new Map<string, Catalogued>([['up', UP]])
  for (const table of tables) {
    const shared = [
      ...SCRAPED,
      ...entities[table.entity].labels.map(({ label }) => label),
      ...table.keys.map(({ label }) => label),
    ]
    for (const { prom, kind, unit, labels } of table.metrics) {
      const before = all.get(prom)?.labels ?? []
      const names = new Set([...before, ...shared, ...Object.keys(labels ?? {})])
      all.set(prom, { kind, unit, labels: names })
    }
  }
  for (const { prom, kind, unit, labels } of Object.values(own)) {
    const names = new Set<string>([...SCRAPED, ...labels])
    if (kind !== 'histogram') {
      all.set(prom, { kind, unit, labels: names })
      continue
    }
    all.set(`${prom}_bucket`, { kind: 'counter', unit: '1', labels: new Set([...names, 'le']) })
    all.set(`${prom}_count`, { kind: 'counter', unit: '1', labels: names })
    all.set(`${prom}_sum`, { kind: 'counter', unit, labels: names })
  }
  return all
}

export const catalogued: ReadonlyMap<string, Catalogued> = everyMetric()
