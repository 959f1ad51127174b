/** Tables in short: keys that are named alike in both worlds, and tables whose keys say all. */
import type { Key, Table } from '../metric.ts'

/** The label `model` is the attribute `<prefix>.model`. */
export const keysOf = (prefix: string, ...labels: readonly string[]): Key[] =>
  labels.map((label) => ({ label, attribute: `${prefix}.${label}` }))

interface Info {
  readonly name: string
  readonly prom: string
  readonly otel: string
  readonly keys: readonly Key[]
  readonly rows: string
  readonly help: string
  readonly source: string
}

/** One column, `info`, that is 1; what there is to say stands in the keys. It hardly changes. */
export const infoTable = ({ name, prom, otel, keys, rows, help, source }: Info): Table => ({
  name,
  entity: 'machine',
  keys,
  rows,
  narrow: true,
  slow: true,
  metrics: [{ column: 'info', prom, otel, kind: 'gauge', unit: '1', help, source, since: '0.1' }],
})
