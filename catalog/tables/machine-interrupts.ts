/** Interrupts by CPU: /proc/interrupts, /proc/softirqs. */
import type { Table } from '../metric.ts'
import { family } from './family.ts'
import { keysOf } from './info.ts'

const CPU = { label: 'cpu', attribute: 'cpu.logical_number' } as const

export const machineInterrupts: Table = {
  name: 'machine_interrupts',
  entity: 'machine',
  keys: [CPU, ...keysOf('candor.interrupt', 'type', 'info', 'devices')],
  rows: 'one a CPU and an interrupt line',
  narrow: true,
  metrics: family('interrupts', '/proc/interrupts', [
    ['count', 'node_interrupts_total', 'counter', '{interrupt}', 'Interrupts serviced.'],
  ]),
}

export const machineSoftirqs: Table = {
  name: 'machine_softirqs',
  entity: 'machine',
  keys: [CPU, ...keysOf('candor.softirq', 'type')],
  rows: 'one a CPU and a kind of softirq',
  narrow: true,
  metrics: family('softirqs', '/proc/softirqs', [
    [
      'count',
      'node_softirqs_functions_total',
      'counter',
      '{softirq}',
      'Work that interrupts left for later, done.',
    ],
  ]),
}

/** Columns of the line `softirq` of /proc/stat behind the first, which is their sum. */
export const SOFTIRQ_VECTORS = [
  'hi',
  'timer',
  'net_tx',
  'net_rx',
  'block',
  'block_iopoll',
  'tasklet',
  'sched',
  'hrtimer',
  'rcu',
] as const

export const machineSoftirqVectors: Table = {
  name: 'machine_softirq_vectors',
  entity: 'machine',
  keys: keysOf('candor.softirq', 'vector'),
  rows: 'one a kind of softirq, with --collector.stat.softirq',
  narrow: true,
  metrics: family('softirqs', '/proc/stat `softirq`', [
    [
      'total',
      'node_softirqs_total',
      'counter',
      '{softirq}',
      'Work that interrupts left for later, done by all CPUs.',
    ],
  ]),
}
