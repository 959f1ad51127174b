/** One row a network device a pass: /proc/net/dev. */
import type { Metric, Table } from '../metric.ts'

/** [column of the file, name in the Prometheus metric, OTel name, unit, help] in the kernel's order. */
const RECEIVE = [
  ['bytes', 'system.network.io', 'By', 'Bytes'],
  ['packets', 'system.network.packet.count', '{packet}', 'Packets'],
  ['errs', 'system.network.errors', '{error}', 'Errors'],
  ['drop', 'system.network.packet.dropped', '{packet}', 'Packets dropped'],
  ['fifo', 'candor.system.network.fifo', '{error}', 'FIFO overruns'],
  ['frame', 'candor.system.network.frame', '{error}', 'Framing errors'],
  ['compressed', 'candor.system.network.compressed', '{packet}', 'Compressed packets'],
  ['multicast', 'candor.system.network.multicast', '{packet}', 'Multicast packets'],
] as const
const TRANSMIT = [
  ['bytes', 'system.network.io', 'By', 'Bytes'],
  ['packets', 'system.network.packet.count', '{packet}', 'Packets'],
  ['errs', 'system.network.errors', '{error}', 'Errors'],
  ['drop', 'system.network.packet.dropped', '{packet}', 'Packets dropped'],
  ['fifo', 'candor.system.network.fifo', '{error}', 'FIFO overruns'],
  ['colls', 'candor.system.network.collisions', '{collision}', 'Collisions'],
  ['carrier', 'candor.system.network.carrier', '{error}', 'Carrier losses'],
  ['compressed', 'candor.system.network.compressed', '{packet}', 'Compressed packets'],
] as const

const column = (direction: 'receive' | 'transmit', first: number) =>
  function toMetric(
    [name, otel, unit, what]: (typeof RECEIVE)[number] | (typeof TRANSMIT)[number],
    i: number,
  ): Metric {
    return {
      column: `${direction}_${name}`,
      prom: `node_network_${direction}_${name}_total`,
      otel,
      attributes: { 'network.io.direction': direction },
      kind: 'counter',
      unit,
      help: `${what}, ${direction === 'receive' ? 'received' : 'sent'}.`,
      source: `/proc/net/dev, column ${first + i}`,
      since: '0.1',
    }
  }

export const machineNetwork = {
  name: 'machine_network',
  entity: 'machine',
  keys: [{ label: 'device', attribute: 'network.interface.name' }],
  rows: 'one a network device',
  /** The sixteen columns of the file, in its order. */
  metrics: [...RECEIVE.map(column('receive', 1)), ...TRANSMIT.map(column('transmit', 9))],
} as const satisfies Table
