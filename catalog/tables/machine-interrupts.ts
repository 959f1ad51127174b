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
