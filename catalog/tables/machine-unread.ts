/** One row a reason a pass: what is there and could not be read, so that nobody takes it for nothing. */
import type { Table } from '../metric.ts'

export const machineUnread = {
  name: 'machine_unread',
  entity: 'machine',
  keys: [
    { label: 'kind', attribute: 'candor.unread.kind' },
    { label: 'reason', attribute: 'candor.unread.reason' },
  ],
  rows: 'one a kind of entity and a reason, none where all was read',
  metrics: [
    {
      column: 'entities',
      prom: 'candor_agent_unread',
      otel: 'candor.unread',
      kind: 'gauge',
      unit: '{entity}',
      help: 'Containers, processes that may be runtimes, and network devices that were seen but not read.',
      source: 'the agent itself',
      since: '0.1',
    },
  ],
} as const satisfies Table
