/** Prometheus names of the machine's tables with their kind, for comparisons with node_exporter. */
import type { Table } from '../../catalog/metric.ts'
import { machineReader } from '../../catalog/tables/machine-reader.ts'
import { agentTables } from '../../catalog/tables/machine-agent.ts'
import { tables } from '../../catalog/tables.ts'

/** What two programs say of themselves differs by nature. */
const OF_ITSELF: readonly Table[] = [machineReader, ...agentTables]

export const machineTables: ReadonlyMap<string, 'counter' | 'gauge'> = new Map(
  tables
    .filter((table) => table.entity === 'machine' && !OF_ITSELF.includes(table))
    .flatMap(({ metrics }) => metrics)
    .map(({ prom, kind, falls }) => [prom, kind === 'gauge' || falls ? 'gauge' : 'counter']),
)
