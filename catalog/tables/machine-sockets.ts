/** One row a machine a pass: what the lists of sockets sum up to. */
import type { Metric, Table } from '../metric.ts'

const since = '0.1'

export const machineUdpQueues = {
  name: 'machine_udp_queues',
  entity: 'machine',
  keys: [],
  rows: 'one a machine',
  narrow: true,
  metrics: (['v4', 'v6'] as const).flatMap((ip) =>
    (['tx', 'rx'] as const).map((queue): Metric => ({
      column: `${queue}_${ip}`,
      prom: 'node_udp_queues',
      labels: { queue, ip },
      otel: 'candor.system.network.udp.queue.size',
      attributes: {
        'network.io.direction': queue === 'tx' ? 'transmit' : 'receive',
        'network.type': ip === 'v4' ? 'ipv4' : 'ipv6',
      },
      kind: 'gauge',
      unit: 'By',
      help: 'Memory that datagrams in the queues of UDP sockets hold.',
      source: `/proc/net/udp${ip === 'v6' ? '6' : ''} \`${queue}_queue\`, summed`,
      since,
    })),
  ),
} as const satisfies Table

/** Names of node_exporter in the order of the kernel's numbers, of which the first is 1. */
export const TCP_STATES = [
  'established',
  'syn_sent',
  'syn_recv',
  'fin_wait1',
  'fin_wait2',
  'time_wait',
  'close',
  'close_wait',
  'last_ack',
  'listen',
  'closing',
] as const

export const machineTcpstat = {
  name: 'machine_tcpstat',
  entity: 'machine',
  keys: [],
  rows: 'one a machine',
  narrow: true,
  metrics: [
    ...TCP_STATES.map((state, i): Metric => ({
      column: state,
      prom: 'node_tcp_connection_states',
      labels: { state },
      otel: 'system.network.connection.count',
      attributes: {
        'network.connection.state': state,
        'network.transport': 'tcp',
      },
      kind: 'gauge',
      unit: '1',
      help: 'TCP sockets by state; the states rx_queued_bytes and tx_queued_bytes are bytes.',
      source: `/proc/net/tcp and tcp6, \`st\` ${(i + 1).toString(16).toUpperCase().padStart(2, '0')}`,
      since,
    })),
    ...(['rx', 'tx'] as const).map((queue): Metric => ({
      column: `${queue}_queued_bytes`,
      prom: 'node_tcp_connection_states',
      labels: { state: `${queue}_queued_bytes` },
      otel: 'candor.system.network.tcp.queue.size',
      attributes: { 'network.io.direction': queue === 'tx' ? 'transmit' : 'receive' },
      kind: 'gauge',
      unit: '1',
      help: 'TCP sockets by state; the states rx_queued_bytes and tx_queued_bytes are bytes.',
      source: `/proc/net/tcp and tcp6 \`${queue}_queue\`, summed over all that do not listen; bytes`,
      since,
    })),
  ],
} as const satisfies Table
