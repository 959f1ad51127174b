/** One row a CPU a pass: /proc/net/softnet_stat, what the kernel did with packets it received. */
import type { Metric, Table } from '../metric.ts'

/** [position in a line, name in Prometheus, kind, OTel name, unit, help] */
const COLUMNS = [
  [0, 'processed_total', 'counter', 'processed', '{packet}', 'Packets processed.'],
  [1, 'dropped_total', 'counter', 'dropped', '{packet}', 'Packets dropped: backlog queue full.'],
  [
    2,
    'times_squeezed_total',
    'counter',
    'times_squeezed',
    '{event}',
    'Times that processing stopped with work left, for lack of budget or time.',
  ],
  [
    8,
    'cpu_collision_total',
    'counter',
    'cpu_collision',
    '{event}',
    'Times that a device was locked by another CPU when sending; 0 since Linux 4.7.',
  ],
  [
    9,
    'received_rps_total',
    'counter',
    'received_rps',
    '{event}',
    'Times that another CPU woke this one to process packets.',
  ],
  [
    10,
    'flow_limit_count_total',
    'counter',
    'flow_limit_count',
    '{packet}',
    'Packets dropped since one flow took too much of the backlog.',
  ],
  [11, 'backlog_len', 'gauge', 'backlog', '{packet}', 'Packets in the backlog queue.'],
] as const

export const machineSoftnet = {
  name: 'machine_softnet',
  entity: 'machine',
  keys: [{ label: 'cpu', attribute: 'cpu.logical_number' }],
  rows: 'one a CPU that is online',
  narrow: true,
  metrics: COLUMNS.map(([position, name, kind, otel, unit, help]): Metric => ({
    column: otel,
    prom: `node_softnet_${name}`,
    otel: `candor.system.network.softnet.${otel}`,
    kind,
    unit,
    help,
    source: `/proc/net/softnet_stat, column ${position + 1}, hexadecimal`,
    since: '0.1',
  })),
} as const satisfies Table

/** Position in a line of the file → column. */
export const softnetPositions: readonly number[] = COLUMNS.map(([position]) => position)
