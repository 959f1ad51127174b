/** The kernel's own load balancer: /proc/net/{ip_vs_stats,ip_vs}. */
import type { Metric, Table } from '../metric.ts'

const since = '0.1'

/** [name in Prometheus, OTel name, unit, help], in the order of the file's columns. */
const TOTALS = [
  ['connections', 'connections', '{connection}', 'Connections made.'],
  ['incoming_packets', 'packets.incoming', '{packet}', 'Packets from clients.'],
  ['outgoing_packets', 'packets.outgoing', '{packet}', 'Packets to clients.'],
  ['incoming_bytes', 'io.incoming', 'By', 'Bytes from clients.'],
  ['outgoing_bytes', 'io.outgoing', 'By', 'Bytes to clients.'],
] as const

export const machineIpvs = {
  name: 'machine_ipvs',
  entity: 'machine',
  keys: [],
  rows: 'one a machine that balances load by IPVS',
  narrow: true,
  metrics: TOTALS.map(([name, otel, unit, help], i): Metric => ({
    column: name,
    prom: `node_ipvs_${name}_total`,
    otel: `candor.system.network.ipvs.${otel}`,
    kind: 'counter',
    unit,
    help,
    source: `/proc/net/ip_vs_stats, column ${i + 1}, hexadecimal`,
    since,
  })),
} as const satisfies Table

/** [column, OTel name, unit, help], in the order of the file's columns. */
const BACKEND = [
  ['weight', 'weight', '1', 'Share of connections that the backend is to get.'],
  ['connections_active', 'connections.active', '{connection}', 'Connections that are active.'],
  [
    'connections_inactive',
    'connections.inactive',
    '{connection}',
    'Connections that are not active, such as closing ones.',
  ],
] as const

export const machineIpvsBackend = {
  name: 'machine_ipvs_backend',
  entity: 'machine',
  keys: [
    { label: 'local_address', attribute: 'candor.ipvs.local.address' },
    { label: 'local_port', attribute: 'candor.ipvs.local.port' },
    { label: 'remote_address', attribute: 'candor.ipvs.remote.address' },
    { label: 'remote_port', attribute: 'candor.ipvs.remote.port' },
    { label: 'proto', attribute: 'network.transport' },
    { label: 'local_mark', attribute: 'candor.ipvs.local.mark' },
  ],
  rows: 'one a backend of a virtual service',
  narrow: true,
  metrics: BACKEND.map(([name, otel, unit, help]): Metric => ({
    column: name,
    prom: `node_ipvs_backend_${name}`,
    otel: `candor.system.network.ipvs.backend.${otel}`,
    kind: 'gauge',
    unit,
    help,
    source: '/proc/net/ip_vs',
    since,
  })),
} as const satisfies Table
