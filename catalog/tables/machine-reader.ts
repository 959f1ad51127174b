/** One row a reader a pass: what reading cost and whether it worked. */
import type { Table } from '../metric.ts'

export const machineReader = {
  name: 'machine_reader',
  entity: 'machine',
  keys: [{ label: 'collector', attribute: 'candor.reader.name' }],
  rows: 'one a reader',
  metrics: [
    {
      column: 'duration_seconds',
      prom: 'node_scrape_collector_duration_seconds',
      otel: 'candor.reader.duration',
      kind: 'gauge',
      unit: 's',
      help: 'Time that the reader took in the last pass.',
      source: 'the agent itself',
      since: '0.1',
    },
    {
      column: 'success',
      prom: 'node_scrape_collector_success',
      otel: 'candor.reader.success',
      kind: 'gauge',
      unit: '1',
      help: '1 when the reader worked in the last pass, 0 when it failed; absent when it is off.',
      source: 'the agent itself',
      since: '0.1',
    },
  ],
} as const satisfies Table
