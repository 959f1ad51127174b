/**
 * One row a network interface a pass, of containers with a network of their own. Containers that
 * share one, as those of a pod do, have it told once.
 */
import type { Metric, Table } from '../metric.ts'

const DIRECTIONS = [
  { direction: 'receive', verb: 'received', first: 1 },
  { direction: 'transmit', verb: 'sent', first: 9 },
] as const

/** In the order of the file, from the first of each direction. */
const FIGURES = [
  { name: 'bytes', otel: 'container.network.io', unit: 'By', what: 'Bytes' },
  {
    name: 'packets',
    otel: 'candor.container.network.packet.count',
    unit: '{packet}',
    what: 'Packets',
  },
  { name: 'errors', otel: 'candor.container.network.errors', unit: '{error}', what: 'Errors' },
  {
    name: 'packets_dropped',
    otel: 'candor.container.network.packet.dropped',
    unit: '{packet}',
    what: 'Packets dropped',
  },
] as const

export const containerNetwork = {
  name: 'container_network',
  entity: 'container',
  keys: [{ label: 'interface', attribute: 'network.interface.name' }],
  rows: 'one an interface',
  metrics: DIRECTIONS.flatMap(({ direction, verb, first }) =>
    FIGURES.map(({ name, otel, unit, what }, i): Metric => ({
      column: `${direction}_${name}`,
      prom: `container_network_${direction}_${name}_total`,
      otel,
      attributes: { 'network.io.direction': direction },
      kind: 'counter',
      unit,
      help: `${what}, ${verb}.`,
      source: `/proc/PID/net/dev of a process of the container, column ${first + i}`,
      since: '0.1',
    })),
  ),
} as const satisfies Table
