/** Prometheus names of the machine's tables with their kind, for comparisons with node_exporter. */
import { tables } from '../../catalog/tables.ts'

/** The readers' own cost differs between two programs by nature. */
const OWN_COST = 'machine_reader'

export const machineTables: ReadonlyMap<string, 'counter' | 'gauge'> = new Map(
  tables
    .filter(({ entity, name }) => entity === 'machine' && name !== OWN_COST)
    .flatMap(({ metrics }) => metrics)
    .map(({ prom, kind, falls }) => [prom, kind === 'gauge' || falls ? 'gauge' : 'counter']),
)
