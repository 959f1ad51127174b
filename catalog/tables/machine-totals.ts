/**
 * What the machine has, under the names and labels of cAdvisor: the three labels that name the machine
 * are keys here. `candor_machine_cpus` of the table `machine` has the number of CPUs without them.
 */
import type { Table } from '../metric.ts'
import { family } from './family.ts'
import { keysOf } from './info.ts'

const MACHINE = [
  { label: 'machine_id', attribute: 'candor.machine.id' },
  { label: 'system_uuid', attribute: 'candor.machine.system_uuid' },
  { label: 'boot_id', attribute: 'candor.machine.boot_id' },
] as const

const slow = { entity: 'machine', narrow: true, slow: true } as const
const TOPOLOGY = '/sys/devices/system/cpu/cpuN/topology'
const NODE = '/sys/devices/system/node/nodeN'

export const machineTotals: Table = {
  ...slow,
  name: 'machine_totals',
  keys: [...MACHINE],
  rows: 'one a machine',
  metrics: [
    ...family('total', '/proc/stat, lines `cpuN`', [
      ['cpu_cores', 'machine_cpu_cores', 'gauge', '{cpu}', 'CPUs that are online.'],
    ]),
    ...family('total', TOPOLOGY, [
      [
        'cpu_physical_cores',
        'machine_cpu_physical_cores',
        'gauge',
        '{core}',
        'Cores of all CPUs that are online; threads of one core count once.',
      ],
      ['cpu_sockets', 'machine_cpu_sockets', 'gauge', '{socket}', 'Sockets that hold a CPU.'],
    ]),
    ...family('total', '/proc/meminfo, KiB × 1024', [
      ['memory', 'machine_memory_bytes', 'gauge', 'By', 'Memory that the kernel can use.'],
      ['swap', 'machine_swap_bytes', 'gauge', 'By', 'Swap space.'],
    ]),
  ],
}

export const machineDimm: Table = {
  ...slow,
  name: 'machine_dimm',
  keys: [...MACHINE, ...keysOf('candor.dimm', 'type')],
  rows: 'one a kind of memory module that EDAC knows',
  metrics: family('dimm', '/sys/devices/system/edac/mc/mcN/dimmN/{dimm_mem_type,size}', [
    ['count', 'machine_dimm_count', 'gauge', '{module}', 'Memory modules.'],
    ['capacity', 'machine_dimm_capacity_bytes', 'gauge', 'By', 'Memory of these modules.'],
  ]),
}

export const machineThreadSiblings: Table = {
  ...slow,
  name: 'machine_thread_siblings',
  keys: [...MACHINE, ...keysOf('candor.cpu', 'node_id', 'core_id', 'thread_id')],
  rows: 'one a CPU',
  metrics: family('topology', `${TOPOLOGY}/thread_siblings_list`, [
    [
      'thread_siblings',
      'machine_thread_siblings_count',
      'gauge',
      '{thread}',
      'CPUs on the core of this one, itself among them.',
    ],
  ]),
}

export const machineCpuCache: Table = {
  ...slow,
  name: 'machine_cpu_cache',
  keys: [...MACHINE, ...keysOf('candor.cpu', 'node_id', 'core_id', 'type', 'level')],
  rows: 'one a cache; without a core where several cores share it',
  metrics: family('topology', '/sys/devices/system/cpu/cpuN/cache/indexN', [
    ['cache_capacity', 'machine_cpu_cache_capacity_bytes', 'gauge', 'By', 'Size of the cache.'],
  ]),
}

export const machineNode: Table = {
  ...slow,
  name: 'machine_node',
  keys: [...MACHINE, ...keysOf('candor.node', 'node_id')],
  rows: 'one a NUMA node',
  metrics: family('topology', `${NODE}/meminfo \`MemTotal\``, [
    [
      'node_memory',
      'machine_node_memory_capacity_bytes',
      'gauge',
      'By',
      'Memory of the NUMA node.',
    ],
  ]),
}

export const machineNodeHugepages: Table = {
  ...slow,
  name: 'machine_node_hugepages',
  keys: [...MACHINE, ...keysOf('candor.node', 'node_id', 'page_size')],
  rows: 'one a NUMA node and a size of huge pages, in KiB',
  metrics: family('topology', `${NODE}/hugepages/hugepages-*/nr_hugepages`, [
    [
      'node_hugepages',
      'machine_node_hugepages_count',
      'gauge',
      '{page}',
      'Huge pages of the NUMA node.',
    ],
  ]),
}

export const machineNodeDistance: Table = {
  ...slow,
  name: 'machine_node_distance',
  keys: [...MACHINE, ...keysOf('candor.node', 'node_id', 'target_node_id')],
  rows: 'one a pair of NUMA nodes',
  metrics: family('topology', `${NODE}/distance`, [
    [
      'node_distance',
      'machine_node_distance',
      'gauge',
      '1',
      'What reaching memory of the other node costs; 10 is the own.',
    ],
  ]),
}
