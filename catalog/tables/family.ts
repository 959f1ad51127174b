/** Metrics of one family in short: those that share where they come from. */
import type { Metric, MetricKind } from '../metric.ts'

export type Short = readonly [
  column: string,
  prom: string,
  kind: MetricKind,
  unit: string,
  help: string,
]

/** Named `candor.system.<family>.<column>` on OTLP: no semantic convention has them. */
export const family = (name: string, source: string, rows: readonly Short[]): Metric[] =>
  rows.map(([column, prom, kind, unit, help]) => ({
    column,
    prom,
    otel: `candor.system.${name}.${column}`,
    kind,
    unit,
    help,
    source,
    since: '0.1',
  }))
