/** One row a bond a pass: /sys/class/net/BOND/bonding. */
import type { Table } from '../metric.ts'

export const machineBonding = {
  name: 'machine_bonding',
  entity: 'machine',
  keys: [{ label: 'master', attribute: 'network.interface.name' }],
  rows: 'one a bonding device',
  narrow: true,
  metrics: [
    {
      column: 'slaves',
      prom: 'node_bonding_slaves',
      otel: 'candor.system.network.bonding.slaves',
      kind: 'gauge',
      unit: '{device}',
      help: 'Devices that the bond is made of.',
      source: '/sys/class/net/BOND/bonding/slaves',
      since: '0.1',
    },
    {
      column: 'active',
      prom: 'node_bonding_active',
      otel: 'candor.system.network.bonding.active',
      kind: 'gauge',
      unit: '{device}',
      help: 'Devices of the bond whose link is up.',
      source: '/sys/class/net/BOND/lower_DEVICE/bonding_slave/mii_status `up`',
      since: '0.1',
    },
  ],
} as const satisfies Table
