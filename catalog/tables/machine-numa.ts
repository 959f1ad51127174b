/** Memory of each NUMA node, and of each zone of it. */
import type { Table } from '../metric.ts'
import { family, type Short } from './family.ts'

const node = { label: 'node', attribute: 'candor.numa.node' } as const
const zone = { label: 'zone', attribute: 'candor.memory.zone' } as const

/** Keys of nodeN/meminfo, with `Active(anon)` written as `Active_anon`; as node_exporter names them. */
const MEMINFO = [
  'MemTotal',
  'MemFree',
  'MemUsed',
  'SwapCached',
  'Active',
  'Inactive',
  'Active_anon',
  'Inactive_anon',
  'Active_file',
  'Inactive_file',
  'Unevictable',
  'Mlocked',
  'Dirty',
  'Writeback',
  'FilePages',
  'Mapped',
  'AnonPages',
  'Shmem',
  'KernelStack',
  'ShadowCallStack',
  'PageTables',
  'SecPageTables',
  'NFS_Unstable',
  'Bounce',
  'WritebackTmp',
  'KReclaimable',
  'Slab',
  'SReclaimable',
  'SUnreclaim',
  'AnonHugePages',
  'ShmemHugePages',
  'ShmemPmdMapped',
  'FileHugePages',
  'FilePmdMapped',
  'Unaccepted',
  'HugePages_Total',
  'HugePages_Free',
  'HugePages_Surp',
] as const

/** Keys of nodeN/numastat. */
const NUMASTAT = [
  ['numa_hit', 'Pages that were wanted from this node and came from it.'],
  ['numa_miss', 'Pages that came from this node and were wanted from another.'],
  ['numa_foreign', 'Pages that were wanted from this node and came from another.'],
  ['interleave_hit', 'Pages that were to be interleaved and came from this node.'],
  ['local_node', 'Pages that processes on this node took from it.'],
  ['other_node', 'Pages that processes on other nodes took from it.'],
] as const

export const machineMemoryNuma = {
  name: 'machine_memory_numa',
  entity: 'machine',
  keys: [node],
  rows: 'one a NUMA node',
  narrow: true,
  metrics: [
    ...family(
      'memory.numa',
      '/sys/devices/system/node/nodeN/meminfo',
      MEMINFO.map((key): Short => {
        const counts = key.startsWith('HugePages_')
        const help = counts ? `Huge pages of the node: ${key}.` : `Memory of the node: ${key}.`
        return [
          key.toLowerCase(),
          `node_memory_numa_${key}`,
          'gauge',
          counts ? '{page}' : 'By',
          help,
        ]
      }),
    ),
    ...family(
      'memory.numa',
      '/sys/devices/system/node/nodeN/numastat',
      NUMASTAT.map(([key, help]): Short => [
        key,
        `node_memory_numa_${key}_total`,
        'counter',
        '{page}',
        help,
      ]),
    ),
  ],
} as const satisfies Table

/** [key of /proc/zoneinfo, rest of the name, help]; a counter when the name ends in _total. */
const ZONE = [
  ['nr_free_pages', 'nr_free_pages', 'Free pages of the zone.'],
  ['min', 'min_pages', 'Watermark below which only the kernel itself gets pages.'],
  ['low', 'low_pages', 'Watermark below which kswapd wakes.'],
  ['high', 'high_pages', 'Watermark above which kswapd sleeps.'],
  ['scanned', 'scanned_pages', 'Pages scanned since the last reclaim.'],
  ['spanned', 'spanned_pages', 'Pages between the ends of the zone, with its holes.'],
  ['present', 'present_pages', 'Pages that exist in the zone.'],
  ['managed', 'managed_pages', 'Of these, managed by the buddy allocator.'],
  ['nr_active_anon', 'nr_active_anon_pages', 'Anonymous pages in use lately.'],
  ['nr_inactive_anon', 'nr_inactive_anon_pages', 'Anonymous pages not in use lately.'],
  ['nr_isolated_anon', 'nr_isolated_anon_pages', 'Anonymous pages taken off their list.'],
  ['nr_anon_pages', 'nr_anon_pages', 'Anonymous pages that are mapped.'],
  [
    'nr_anon_transparent_hugepages',
    'nr_anon_transparent_hugepages',
    'Transparent huge pages of anonymous memory.',
  ],
  ['nr_active_file', 'nr_active_file_pages', 'Pages of files in use lately.'],
  ['nr_inactive_file', 'nr_inactive_file_pages', 'Pages of files not in use lately.'],
  ['nr_isolated_file', 'nr_isolated_file_pages', 'Pages of files taken off their list.'],
  ['nr_file_pages', 'nr_file_pages', 'Pages of files.'],
  ['nr_slab_reclaimable', 'nr_slab_reclaimable_pages', 'Slab pages that can be reclaimed.'],
  ['nr_slab_unreclaimable', 'nr_slab_unreclaimable_pages', 'Slab pages that cannot.'],
  ['nr_mlock_stack', 'nr_mlock_stack_pages', 'Locked pages of stacks.'],
  ['nr_kernel_stack', 'nr_kernel_stacks', 'Kernel stacks, in KiB.'],
  ['nr_mapped', 'nr_mapped_pages', 'Mapped pages of files.'],
  ['nr_dirty', 'nr_dirty_pages', 'Pages that wait to be written.'],
  ['nr_writeback', 'nr_writeback_pages', 'Pages that are being written.'],
  ['nr_unevictable', 'nr_unevictable_pages', 'Pages that cannot be reclaimed.'],
  ['nr_shmem', 'nr_shmem_pages', 'Pages of shared memory and tmpfs.'],
  ['nr_dirtied', 'nr_dirtied_total', 'Pages that became dirty.'],
  ['nr_written', 'nr_written_total', 'Pages that were written.'],
  ['numa_hit', 'numa_hit_total', 'Pages that were wanted from this zone and came from it.'],
  ['numa_miss', 'numa_miss_total', 'Pages that came from here and were wanted from another node.'],
  [
    'numa_foreign',
    'numa_foreign_total',
    'Pages that were wanted from here and came from another node.',
  ],
  [
    'numa_interleave',
    'numa_interleave_total',
    'Pages that were to be interleaved and came from here.',
  ],
  ['numa_local', 'numa_local_total', 'Pages that processes on this node took.'],
  ['numa_other', 'numa_other_total', 'Pages that processes on other nodes took.'],
] as const

/** Zones that the kernel may have: a zone keeps pages back for allocations of each. */
export const ZONES_MOST = 6

export const machineZone = {
  name: 'machine_zone',
  entity: 'machine',
  keys: [node, zone],
  rows: 'one a memory zone; what belongs to the whole node stands at its first',
  narrow: true,
  metrics: [
    ...family(
      'memory.zone',
      '/proc/zoneinfo',
      ZONE.map(([key, name, help]): Short => {
        const kind = name.endsWith('_total') ? 'counter' : 'gauge'
        return [key, `node_zoneinfo_${name}`, kind, '{page}', help]
      }),
    ),
    ...family(
      'memory.zone',
      '/proc/zoneinfo `protection: (…)`',
      Array.from({ length: ZONES_MOST }, (_, i): Short => {
        const help = `Pages that are kept back from allocations for zone ${i}.`
        return [`protection_${i}`, `node_zoneinfo_protection_${i}`, 'gauge', '{page}', help]
      }),
    ),
  ],
} as const satisfies Table

export const machineBuddy = {
  name: 'machine_buddy',
  entity: 'machine',
  keys: [node, zone, { label: 'size', attribute: 'candor.memory.order' }],
  rows: 'one a memory zone and an order of blocks',
  narrow: true,
  metrics: family('memory.buddy', '/proc/buddyinfo', [
    [
      'blocks',
      'node_buddyinfo_blocks',
      'gauge',
      '{block}',
      'Free blocks of 2 to the power of `size` pages.',
    ],
  ]),
} as const satisfies Table
