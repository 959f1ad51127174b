/** At which frequency CPUs run and may run: /sys/devices/system/cpu/cpuN/cpufreq. */
import type { Table } from '../metric.ts'
import { family } from './family.ts'
import { keysOf } from './info.ts'

const CPU = { label: 'cpu', attribute: 'cpu.logical_number' } as const
const SOURCE = '/sys/devices/system/cpu/cpuN/cpufreq, kHz × 1000'

export const machineCpuFrequency: Table = {
  name: 'machine_cpu_frequency',
  entity: 'machine',
  keys: [CPU],
  rows: 'one a CPU with a cpufreq driver',
  narrow: true,
  metrics: family('cpu', SOURCE, [
    [
      'frequency',
      'node_cpu_frequency_hertz',
      'gauge',
      'Hz',
      'Frequency that the hardware reports; only root may read it, and few drivers have it.',
    ],
    [
      'scaling_frequency',
      'node_cpu_scaling_frequency_hertz',
      'gauge',
      'Hz',
      'Frequency that the kernel set or measured last.',
    ],
  ]),
}

export const machineCpuFrequencyLimit: Table = {
  name: 'machine_cpu_frequency_limit',
  entity: 'machine',
  keys: [CPU],
  rows: 'one a CPU with a cpufreq driver',
  narrow: true,
  slow: true,
  metrics: family('cpu', SOURCE, [
    [
      'frequency_min',
      'node_cpu_frequency_min_hertz',
      'gauge',
      'Hz',
      'Lowest frequency that the hardware can run at.',
    ],
    [
      'frequency_max',
      'node_cpu_frequency_max_hertz',
      'gauge',
      'Hz',
      'Highest frequency that the hardware can run at.',
    ],
    [
      'scaling_frequency_min',
      'node_cpu_scaling_frequency_min_hertz',
      'gauge',
      'Hz',
      'Lowest frequency that the governor may choose.',
    ],
    [
      'scaling_frequency_max',
      'node_cpu_scaling_frequency_max_hertz',
      'gauge',
      'Hz',
      'Highest frequency that the governor may choose.',
    ],
  ]),
}

export const machineCpuGovernor: Table = {
  name: 'machine_cpu_governor',
  entity: 'machine',
  keys: [CPU, ...keysOf('candor.cpu', 'governor')],
  rows: 'one a CPU and a governor that it may have',
  narrow: true,
  slow: true,
  metrics: family(
    'cpu',
    '/sys/devices/system/cpu/cpuN/cpufreq/scaling_{available_governors,governor}',
    [
      [
        'scaling_governor',
        'node_cpu_scaling_governor',
        'gauge',
        '1',
        '1 for the governor that chooses the frequency, 0 for the others.',
      ],
    ],
  ),
}
