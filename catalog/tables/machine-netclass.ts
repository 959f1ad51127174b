/** What network devices are and how their links stand: /sys/class/net. */
import type { Metric, MetricKind, Table } from '../metric.ts'

const since = '0.1'
const DEVICE = { label: 'device', attribute: 'network.interface.name' } as const

export interface NetclassAttribute {
  /** File below /sys/class/net/DEVICE. */
  readonly file: string
  readonly column: string
  readonly kind: MetricKind
  readonly unit: string
  readonly help: string
  /** From the kernel's unit to the column's. */
  readonly factor?: number
}

/** Attributes that hold one number, decimal or hexadecimal with `0x`. */
export const netclassAttributes: readonly NetclassAttribute[] = [
  {
    file: 'addr_assign_type',
    column: 'address_assign_type',
    kind: 'gauge',
    unit: '1',
    help: 'Where the address came from: 0 hardware, 1 random, 2 another device, 3 set.',
  },
  { file: 'carrier', column: 'carrier', kind: 'gauge', unit: '1', help: '1 when the link is up.' },
  {
    file: 'carrier_changes',
    column: 'carrier_changes_total',
    kind: 'counter',
    unit: '{event}',
    help: 'Times that the link went up or down.',
  },
  {
    file: 'carrier_up_count',
    column: 'carrier_up_changes_total',
    kind: 'counter',
    unit: '{event}',
    help: 'Times that the link went up.',
  },
  {
    file: 'carrier_down_count',
    column: 'carrier_down_changes_total',
    kind: 'counter',
    unit: '{event}',
    help: 'Times that the link went down.',
  },
  {
    file: 'dev_id',
    column: 'device_id',
    kind: 'gauge',
    unit: '1',
    help: 'Tells devices apart that share one link-layer address.',
  },
  {
    file: 'dormant',
    column: 'dormant',
    kind: 'gauge',
    unit: '1',
    help: '1 when the link is up but waits for something outside, such as a login.',
  },
  {
    file: 'flags',
    column: 'flags',
    kind: 'gauge',
    unit: '1',
    help: 'Flags of the device, IFF_* of linux/if.h.',
  },
  { file: 'ifindex', column: 'iface_id', kind: 'gauge', unit: '1', help: 'Number of the device.' },
  {
    file: 'iflink',
    column: 'iface_link',
    kind: 'gauge',
    unit: '1',
    help: 'Number of the device that it stands on; its own where there is none.',
  },
  {
    file: 'link_mode',
    column: 'iface_link_mode',
    kind: 'gauge',
    unit: '1',
    help: '1 when the device becomes dormant, not up, on carrier.',
  },
  {
    file: 'mtu',
    column: 'mtu_bytes',
    kind: 'gauge',
    unit: 'By',
    help: 'Largest packet that the device sends.',
  },
  {
    file: 'name_assign_type',
    column: 'name_assign_type',
    kind: 'gauge',
    unit: '1',
    help: 'Where the name came from: 1 kernel, 2 predictable, 3 user, 4 renamed.',
  },
  {
    file: 'netdev_group',
    column: 'net_dev_group',
    kind: 'gauge',
    unit: '1',
    help: 'Group of the device, as `ip link` sets it.',
  },
  {
    file: 'speed',
    column: 'speed_bytes',
    kind: 'gauge',
    unit: 'By',
    help: 'Bytes a second that the link can carry.',
    factor: 125_000,
  },
  {
    file: 'tx_queue_len',
    column: 'transmit_queue_length',
    kind: 'gauge',
    unit: '{packet}',
    help: 'Packets that the transmit queue may hold.',
  },
  {
    file: 'type',
    column: 'protocol_type',
    kind: 'gauge',
    unit: '1',
    help: 'Kind of the device, ARPHRD_* of linux/if_arp.h.',
  },
]

const toMetric = ({ file, column, kind, unit, help, factor }: NetclassAttribute): Metric => ({
  column,
  prom: `node_network_${column}`,
  otel: `candor.system.network.interface.${column.replace(/_(total|bytes)$/, '')}`,
  kind,
  unit,
  help,
  source: `/sys/class/net/DEVICE/${file}${factor === undefined ? '' : ` × ${factor}`}`,
  since,
})

export const machineNetclass = {
  name: 'machine_netclass',
  entity: 'machine',
  keys: [DEVICE],
  rows: 'one a network device',
  narrow: true,
  slow: true,
  metrics: [
    {
      column: 'up',
      prom: 'node_network_up',
      otel: 'candor.system.network.interface.up',
      kind: 'gauge',
      unit: '1',
      help: '1 when the device is up and can carry packets. A device that cannot tell is 0.',
      source: '/sys/class/net/DEVICE/operstate `up`',
      since,
    },
    ...netclassAttributes.map(toMetric),
  ],
} as const satisfies Table

export const machineNetclassInfo = {
  name: 'machine_netclass_info',
  entity: 'machine',
  keys: [
    DEVICE,
    { label: 'address', attribute: 'candor.network.interface.address' },
    { label: 'broadcast', attribute: 'candor.network.interface.broadcast' },
    { label: 'duplex', attribute: 'candor.network.interface.duplex' },
    { label: 'operstate', attribute: 'candor.network.interface.operstate' },
    { label: 'adminstate', attribute: 'candor.network.interface.adminstate' },
    { label: 'ifalias', attribute: 'candor.network.interface.alias' },
  ],
  rows: 'one a network device',
  narrow: true,
  slow: true,
  metrics: [
    {
      column: 'info',
      prom: 'node_network_info',
      otel: 'candor.system.network.interface.info',
      kind: 'gauge',
      unit: '1',
      help: 'What a network device says of itself in words; always 1.',
      source: '/sys/class/net/DEVICE/{address,broadcast,duplex,operstate,flags,ifalias}',
      since,
    },
  ],
} as const satisfies Table

export const machineNohandler = {
  name: 'machine_network_nohandler',
  entity: 'machine',
  keys: [DEVICE],
  rows: 'one a network device',
  narrow: true,
  metrics: [
    {
      column: 'receive_nohandler',
      prom: 'node_network_receive_nohandler_total',
      otel: 'candor.system.network.nohandler',
      kind: 'counter',
      unit: '{packet}',
      help: 'Packets received that nobody took, such as those on the spare device of a bond.',
      source: '/sys/class/net/DEVICE/statistics/rx_nohandler',
      since,
    },
  ],
} as const satisfies Table
