/** One row a CPU a pass: /proc/schedstat. */
import type { Table } from '../metric.ts'
import { family } from './family.ts'

export const machineSchedstat: Table = {
  name: 'machine_schedstat',
  entity: 'machine',
  keys: [{ label: 'cpu', attribute: 'cpu.logical_number' }],
  rows: 'one a CPU',
  narrow: true,
  metrics: family('schedstat', '/proc/schedstat `cpuN`, fields 7 to 9, ns', [
    [
      'running',
      'node_schedstat_running_seconds_total',
      'counter',
      's',
      'Time that tasks ran on the CPU.',
    ],
    [
      'waiting',
      'node_schedstat_waiting_seconds_total',
      'counter',
      's',
      'Time that tasks could have run and waited for the CPU, summed.',
    ],
    [
      'timeslices',
      'node_schedstat_timeslices_total',
      'counter',
      '{timeslice}',
      'Times that a task was put on the CPU.',
    ],
  ]),
}
