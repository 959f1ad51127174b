/** One row a network device a pass: /proc/net/arp. */
import type { Table } from '../metric.ts'

export const machineArp = {
  name: 'machine_arp',
  entity: 'machine',
  keys: [{ label: 'device', attribute: 'network.interface.name' }],
  rows: 'one a network device that has neighbours',
  narrow: true,
  metrics: [
    {
      column: 'entries',
      prom: 'node_arp_entries',
      otel: 'candor.system.network.arp.entries',
      kind: 'gauge',
      unit: '{entry}',
      help: 'Neighbours in the ARP table, those that did not answer among them.',
      source: '/proc/net/arp, lines of the device',
      since: '0.1',
    },
  ],
} as const satisfies Table
