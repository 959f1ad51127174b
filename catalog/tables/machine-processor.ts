/** What CPUs are and how often they were throttled: /proc/cpuinfo, /sys/devices/system/cpu. */
import type { Table } from '../metric.ts'
import { family } from './family.ts'
import { infoTable, keysOf } from './info.ts'

const CPU = { label: 'cpu', attribute: 'cpu.logical_number' } as const
const SYS = '/sys/devices/system/cpu'

export const machineCpuCore: Table = {
  name: 'machine_cpu_core',
  entity: 'machine',
  keys: keysOf('candor.cpu', 'package', 'core'),
  rows: 'one a core',
  narrow: true,
  slow: true,
  metrics: family('cpu', `${SYS}/cpuN/thermal_throttle/core_throttle_count`, [
    [
      'core_throttles',
      'node_cpu_core_throttles_total',
      'counter',
      '{throttling}',
      'Times that the core was slowed down for its heat.',
    ],
  ]),
}

export const machineCpuPackage: Table = {
  name: 'machine_cpu_package',
  entity: 'machine',
  keys: keysOf('candor.cpu', 'package'),
  rows: 'one a socket',
  narrow: true,
  slow: true,
  metrics: family('cpu', `${SYS}/cpuN/thermal_throttle/package_throttle_count`, [
    [
      'package_throttles',
      'node_cpu_package_throttles_total',
      'counter',
      '{throttling}',
      'Times that the whole socket was slowed down for its heat.',
    ],
  ]),
}

export const machineCpuState: Table = {
  name: 'machine_cpu_state',
  entity: 'machine',
  keys: [CPU],
  rows: 'one a CPU that can be taken offline or is isolated',
  narrow: true,
  slow: true,
  metrics: [
    ...family('cpu', `${SYS}/cpuN/online`, [
      ['online', 'node_cpu_online', 'gauge', '1', '1 while the CPU is online, 0 while it is not.'],
    ]),
    ...family('cpu', `${SYS}/isolated`, [
      [
        'isolated',
        'node_cpu_isolated',
        'gauge',
        '1',
        '1 when the scheduler leaves the CPU alone (isolcpus); absent otherwise.',
      ],
    ]),
  ],
}

export const machineSmt: Table = {
  name: 'machine_smt',
  entity: 'machine',
  keys: [],
  rows: 'one a machine',
  narrow: true,
  slow: true,
  metrics: [
    ...family('cpu', `${SYS}/smt/active`, [
      [
        'smt_active',
        'candor_cpu_smt_active',
        'gauge',
        '1',
        '1 when CPUs share cores: then two busy CPUs do less than twice the work of one.',
      ],
    ]),
    ...family('cpu', `${SYS}/cpuN/topology/thread_siblings_list`, [
      [
        'threads_per_core',
        'candor_cpu_threads_per_core',
        'gauge',
        '{thread}',
        'CPUs that share the core which has the most.',
      ],
    ]),
  ],
}

export const machineCpuInfo = infoTable({
  name: 'machine_cpu_info',
  prom: 'node_cpu_info',
  otel: 'candor.system.cpu.info',
  keys: [
    CPU,
    ...keysOf('candor.cpu', 'package', 'core', 'vendor', 'family', 'model', 'model_name'),
    ...keysOf('candor.cpu', 'microcode', 'stepping', 'cachesize'),
  ],
  rows: 'one a CPU, with --collector.cpu.info',
  help: 'What the CPU is; always 1.',
  source: '/proc/cpuinfo',
})

export const machineCpuFlag = infoTable({
  name: 'machine_cpu_flag',
  prom: 'node_cpu_flag_info',
  otel: 'candor.system.cpu.flag.info',
  keys: keysOf('candor.cpu', 'flag'),
  rows: 'one a flag that --collector.cpu.info.flags-include matches',
  help: 'What the first CPU is able to do; always 1.',
  source: '/proc/cpuinfo `flags`',
})

export const machineCpuBug = infoTable({
  name: 'machine_cpu_bug',
  prom: 'node_cpu_bug_info',
  otel: 'candor.system.cpu.bug.info',
  keys: keysOf('candor.cpu', 'bug'),
  rows: 'one a bug that --collector.cpu.info.bugs-include matches',
  help: 'Known faults of the first CPU; always 1.',
  source: '/proc/cpuinfo `bugs`',
})
