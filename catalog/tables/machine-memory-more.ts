/** What is told of memory beside meminfo: KSM, zram, balloon, huge pages. */
import type { Table } from '../metric.ts'
import { family } from './family.ts'

export const machineKsm = {
  name: 'machine_ksm',
  entity: 'machine',
  keys: [],
  rows: 'one a machine whose kernel has KSM',
  narrow: true,
  slow: true,
  metrics: family('ksm', '/sys/kernel/mm/ksm, the file of this name', [
    ['full_scans', 'node_ksmd_full_scans_total', 'counter', '{scan}', 'Scans of all memory.'],
    [
      'general_profit',
      'node_ksmd_general_profit_bytes',
      'gauge',
      'By',
      'Memory saved, less what the bookkeeping takes.',
    ],
    [
      'merge_across_nodes',
      'node_ksmd_merge_across_nodes',
      'gauge',
      '1',
      '1 when pages of different NUMA nodes may be merged.',
    ],
    ['pages_shared', 'node_ksmd_pages_shared', 'gauge', '{page}', 'Shared pages in use.'],
    [
      'pages_sharing',
      'node_ksmd_pages_sharing',
      'gauge',
      '{page}',
      'Places that share them: pages saved.',
    ],
    [
      'pages_to_scan',
      'node_ksmd_pages_to_scan',
      'gauge',
      '{page}',
      'Pages to look at before each sleep.',
    ],
    [
      'pages_unshared',
      'node_ksmd_pages_unshared',
      'gauge',
      '{page}',
      'Pages that are looked at and have no like.',
    ],
    [
      'pages_volatile',
      'node_ksmd_pages_volatile',
      'gauge',
      '{page}',
      'Pages that change too fast to be merged.',
    ],
    ['run', 'node_ksmd_run', 'gauge', '1', '0 stopped, 1 running, 2 unmerging.'],
    ['sleep_millisecs', 'node_ksmd_sleep_seconds', 'gauge', 's', 'Sleep between scans.'],
  ]),
} as const satisfies Table

export const machineZram = {
  name: 'machine_zram',
  entity: 'machine',
  keys: [{ label: 'device', attribute: 'system.device' }],
  rows: 'one a zram device that is set up',
  narrow: true,
  slow: true,
  metrics: family('zram', '/sys/block/zramN/{disksize,mm_stat}', [
    ['size', 'candor_zram_size_bytes', 'gauge', 'By', 'Size that the device claims to have.'],
    ['data', 'candor_zram_data_bytes', 'gauge', 'By', 'Data kept in it, before compression.'],
    ['compressed', 'candor_zram_compressed_bytes', 'gauge', 'By', 'The same, compressed.'],
    ['used', 'candor_zram_used_bytes', 'gauge', 'By', 'Memory that it holds.'],
    ['limit', 'candor_zram_limit_bytes', 'gauge', 'By', 'Memory that it may hold.'],
    ['used_max', 'candor_zram_used_max_bytes', 'gauge', 'By', 'Most memory that it held.'],
    ['same', 'candor_zram_same_pages', 'gauge', '{page}', 'Pages of one byte, which take no room.'],
    [
      'compacted',
      'candor_zram_compacted_pages_total',
      'counter',
      '{page}',
      'Pages freed by compaction.',
    ],
    ['huge', 'candor_zram_huge_pages', 'gauge', '{page}', 'Pages that could not be compressed.'],
  ]),
} as const satisfies Table

export const machineBalloon = {
  name: 'machine_balloon',
  entity: 'machine',
  keys: [],
  rows: 'one a machine whose kernel has a memory balloon',
  narrow: true,
  slow: true,
  metrics: family('balloon', '/proc/vmstat, keys with `balloon`', [
    [
      'pages',
      'candor_balloon_pages',
      'gauge',
      '{page}',
      'Pages that the host has taken back from this machine.',
    ],
    ['inflated', 'candor_balloon_inflated_pages_total', 'counter', '{page}', 'Pages taken.'],
    ['deflated', 'candor_balloon_deflated_pages_total', 'counter', '{page}', 'Pages given back.'],
    [
      'migrated',
      'candor_balloon_migrated_pages_total',
      'counter',
      '{page}',
      'Pages of the balloon that moved.',
    ],
  ]),
} as const satisfies Table

const size = { label: 'size', attribute: 'candor.hugepages.size' } as const
const node = { label: 'node', attribute: 'candor.numa.node' } as const

export const machineHugepages = {
  name: 'machine_hugepages',
  entity: 'machine',
  keys: [size],
  rows: 'one a size of huge pages',
  narrow: true,
  slow: true,
  metrics: family('hugepages', '/sys/kernel/mm/hugepages/hugepages-SIZE', [
    ['pool', 'candor_hugepages_pool', 'gauge', '{page}', 'Huge pages in the pool.'],
    ['free', 'candor_hugepages_free', 'gauge', '{page}', 'Of these, not in use.'],
    ['reserved', 'candor_hugepages_reserved', 'gauge', '{page}', 'Promised, but not in use yet.'],
    ['surplus', 'candor_hugepages_surplus', 'gauge', '{page}', 'In the pool beyond its set size.'],
    [
      'overcommit',
      'candor_hugepages_overcommit_limit',
      'gauge',
      '{page}',
      'How many the pool may grow beyond its set size.',
    ],
  ]),
} as const satisfies Table

export const machineHugepagesNode = {
  name: 'machine_hugepages_node',
  entity: 'machine',
  keys: [node, size],
  rows: 'one a NUMA node and a size of huge pages',
  narrow: true,
  slow: true,
  metrics: family('hugepages.node', '/sys/devices/system/node/nodeN/hugepages/hugepages-SIZE', [
    ['pool', 'candor_hugepages_node_pool', 'gauge', '{page}', 'Huge pages of the node.'],
    ['free', 'candor_hugepages_node_free', 'gauge', '{page}', 'Of these, not in use.'],
    ['surplus', 'candor_hugepages_node_surplus', 'gauge', '{page}', 'Beyond the set size.'],
  ]),
} as const satisfies Table
