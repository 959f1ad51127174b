/** One row a port of an InfiniBand or RoCE adapter a pass: /sys/class/infiniband. */
import type { Metric, Table } from '../metric.ts'

const since = '0.1'
const DEVICE = { label: 'device', attribute: 'candor.infiniband.device' } as const

/** [file of counters_ext, name in Prometheus, unit, help]; kernels before 4.5 have 64 bits only there. */
const LEGACY = [
  ['port_multicast_rcv_packets', 'multicast_packets_received', '{packet}', 'Multicasts received.'],
  ['port_multicast_xmit_packets', 'multicast_packets_transmitted', '{packet}', 'Multicasts sent.'],
  ['port_rcv_data_64', 'data_received_bytes', 'By', 'Bytes received.'],
  ['port_rcv_packets_64', 'packets_received', '{packet}', 'Packets received.'],
  ['port_unicast_rcv_packets', 'unicast_packets_received', '{packet}', 'Unicasts received.'],
  ['port_unicast_xmit_packets', 'unicast_packets_transmitted', '{packet}', 'Unicasts sent.'],
  ['port_xmit_data_64', 'data_transmitted_bytes', 'By', 'Bytes sent.'],
  ['port_xmit_packets_64', 'packets_transmitted', '{packet}', 'Packets sent.'],
] as const

/** [file of counters, name in Prometheus, unit, help] */
const COUNTERS = [
  ['link_downed', 'link_downed', '{event}', 'Times that the link went down for errors.'],
  ['link_error_recovery', 'link_error_recovery', '{event}', 'Times that it recovered from them.'],
  ['multicast_rcv_packets', 'multicast_packets_received', '{packet}', 'Multicasts received.'],
  ['multicast_xmit_packets', 'multicast_packets_transmitted', '{packet}', 'Multicasts sent.'],
  [
    'port_rcv_constraint_errors',
    'port_constraint_errors_received',
    '{packet}',
    'Packets received and discarded at the port of the switch.',
  ],
  [
    'port_xmit_constraint_errors',
    'port_constraint_errors_transmitted',
    '{packet}',
    'Packets not sent from the port of the switch.',
  ],
  ['port_rcv_data', 'port_data_received_bytes', 'By', 'Bytes received.'],
  ['port_xmit_data', 'port_data_transmitted_bytes', 'By', 'Bytes sent.'],
  ['port_rcv_discards', 'port_discards_received', '{packet}', 'Packets received and discarded.'],
  ['port_xmit_discards', 'port_discards_transmitted', '{packet}', 'Packets discarded unsent.'],
  ['port_rcv_errors', 'port_errors_received', '{packet}', 'Packets received with an error.'],
  ['port_rcv_packets', 'port_packets_received', '{packet}', 'Packets received.'],
  ['port_xmit_packets', 'port_packets_transmitted', '{packet}', 'Packets sent.'],
  [
    'port_xmit_wait',
    'port_transmit_wait',
    '{tick}',
    'Ticks of the port in which it had data and could not send any.',
  ],
  ['unicast_rcv_packets', 'unicast_packets_received', '{packet}', 'Unicasts received.'],
  ['unicast_xmit_packets', 'unicast_packets_transmitted', '{packet}', 'Unicasts sent.'],
] as const

/** The kernel counts data in words of four bytes. */
const WORD_BYTES = 4

const counters = [
  ...LEGACY.map(([file, name, unit, help]) => ['counters_ext', file, `legacy_${name}`, unit, help]),
  ...COUNTERS.map(([file, name, unit, help]) => ['counters', file, name, unit, help]),
].map(([folder, file, name, unit, help]) => {
  const factor = unit === 'By' ? WORD_BYTES : 1
  const metric: Metric = {
    column: name!,
    prom: `node_infiniband_${name}_total`,
    otel: `candor.system.infiniband.${name!.replace(/_bytes$/, '')}`,
    kind: 'counter',
    unit: unit!,
    help: help!,
    source: `/sys/class/infiniband/DEVICE/ports/PORT/${folder}/${file}${factor === 1 ? '' : ` × ${factor}`}`,
    since,
  }
  return { path: `${folder}/${file}`, factor, metric }
})

/** Files below a port, in the order of the columns that follow the three of its state. */
export const infinibandCounters: readonly { path: string; column: string; factor: number }[] =
  counters.map(({ path, factor, metric }) => ({ path, factor, column: metric.column }))

export const machineInfiniband = {
  name: 'machine_infiniband',
  entity: 'machine',
  keys: [DEVICE, { label: 'port', attribute: 'candor.infiniband.port' }],
  rows: 'one a port of an InfiniBand adapter',
  narrow: true,
  metrics: [
    {
      column: 'state_id',
      prom: 'node_infiniband_state_id',
      otel: 'candor.system.infiniband.state',
      kind: 'gauge',
      unit: '1',
      help: 'Logical state of the port: 1 down, 2 init, 3 armed, 4 active, 5 deferred.',
      source: '/sys/class/infiniband/DEVICE/ports/PORT/state',
      since,
    },
    {
      column: 'physical_state_id',
      prom: 'node_infiniband_physical_state_id',
      otel: 'candor.system.infiniband.physical_state',
      kind: 'gauge',
      unit: '1',
      help: 'Physical state of the port: 1 sleep, 2 polling, 3 disabled, 5 link up, 6 recovering.',
      source: '/sys/class/infiniband/DEVICE/ports/PORT/phys_state',
      since,
    },
    {
      column: 'rate_bytes_per_second',
      prom: 'node_infiniband_rate_bytes_per_second',
      otel: 'candor.system.infiniband.rate',
      kind: 'gauge',
      unit: 'By',
      help: 'Bytes a second that the link can carry.',
      source: '/sys/class/infiniband/DEVICE/ports/PORT/rate, Gb/sec × 125000000',
      since,
    },
    ...counters.map(({ metric }) => metric),
  ],
} as const satisfies Table

export const machineInfinibandInfo = {
  name: 'machine_infiniband_info',
  entity: 'machine',
  keys: [
    DEVICE,
    { label: 'board_id', attribute: 'candor.infiniband.board.id' },
    { label: 'firmware_version', attribute: 'candor.infiniband.firmware.version' },
    { label: 'hca_type', attribute: 'candor.infiniband.hca.type' },
  ],
  rows: 'one an InfiniBand adapter',
  narrow: true,
  metrics: [
    {
      column: 'info',
      prom: 'node_infiniband_info',
      otel: 'candor.system.infiniband.info',
      kind: 'gauge',
      unit: '1',
      help: 'What an InfiniBand adapter says of itself in words; always 1.',
      source: '/sys/class/infiniband/DEVICE/{board_id,fw_ver,hca_type}',
      since,
    },
  ],
} as const satisfies Table
