/** One row an XFS file system: /sys/fs/xfs/DEVICE/stats/stats. */
import type { Metric, Table } from '../metric.ts'

/** [line of the file, its numbers in the kernel's order: what is counted, and the rest of the name]. */
const LINES = [
  [
    'extent_alloc',
    [
      ['extent_allocation_extents_allocated', 'Extents allocated.'],
      ['extent_allocation_blocks_allocated', 'Blocks allocated.'],
      ['extent_allocation_extents_freed', 'Extents freed.'],
      ['extent_allocation_blocks_freed', 'Blocks freed.'],
    ],
  ],
  [
    'abt',
    [
      ['allocation_btree_lookups', 'Lookups in the trees of free space.'],
      ['allocation_btree_compares', 'Compares in the trees of free space.'],
      ['allocation_btree_records_inserted', 'Records put into the trees of free space.'],
      ['allocation_btree_records_deleted', 'Records taken from the trees of free space.'],
    ],
  ],
  [
    'blk_map',
    [
      ['block_mapping_reads', 'Block maps looked up for reading.'],
      ['block_mapping_writes', 'Block maps looked up for writing.'],
      ['block_mapping_unmaps', 'Blocks unmapped.'],
      ['block_mapping_extent_list_insertions', 'Extents put into lists.'],
      ['block_mapping_extent_list_deletions', 'Extents taken from lists.'],
      ['block_mapping_extent_list_lookups', 'Lookups in lists of extents.'],
      ['block_mapping_extent_list_compares', 'Compares in lists of extents.'],
    ],
  ],
  [
    'bmbt',
    [
      ['block_map_btree_lookups', 'Lookups in trees of block maps.'],
      ['block_map_btree_compares', 'Compares in trees of block maps.'],
      ['block_map_btree_records_inserted', 'Records put into trees of block maps.'],
      ['block_map_btree_records_deleted', 'Records taken from trees of block maps.'],
    ],
  ],
  [
    'dir',
    [
      ['directory_operation_lookup', 'Names looked up that the name cache did not have.'],
      ['directory_operation_create', 'Directory entries made.'],
      ['directory_operation_remove', 'Directory entries removed.'],
      ['directory_operation_getdents', 'Directories listed.'],
    ],
  ],
  [
    'ig',
    [
      ['inode_operation_attempts', 'Inodes looked for in the inode cache.'],
      ['inode_operation_found', 'Inodes found in the cache.'],
      ['inode_operation_recycled', 'Inodes found that were just being recycled.'],
      ['inode_operation_missed', 'Inodes not found in the cache.'],
      ['inode_operation_duplicates', 'Inodes that another had put into the cache meanwhile.'],
      ['inode_operation_reclaims', 'Inodes that were reclaimed from the cache.'],
      ['inode_operation_attribute_changes', 'Changes of inode attributes that were asked for.'],
    ],
  ],
  [
    'rw',
    [
      ['write_calls', 'Calls of write(2).'],
      ['read_calls', 'Calls of read(2).'],
    ],
  ],
  [
    'vnodes',
    [
      ['vnode_active', 'Inodes in use.'],
      ['vnode_allocate', 'Inodes allocated in memory.'],
      ['vnode_get', 'Inodes got.'],
      ['vnode_hold', 'Inodes held.'],
      ['vnode_release', 'Inodes released.'],
      ['vnode_reclaim', 'Inodes reclaimed.'],
      ['vnode_remove', 'Inodes removed from memory.'],
    ],
  ],
] as const

/** Where each column stands: line, and number on it from 0. */
export const xfsFields = LINES.flatMap(([line, fields]) =>
  fields.map(([name], number) => ({ line, number, column: name })),
)

export const machineXfs = {
  name: 'machine_xfs',
  entity: 'machine',
  keys: [{ label: 'device', attribute: 'system.device' }],
  rows: 'one an XFS file system',
  narrow: true,
  metrics: LINES.flatMap(([line, fields]) =>
    fields.map(([name, help], number): Metric => ({
      column: name,
      prom: `node_xfs_${name}_total`,
      otel: `candor.system.xfs.${name}`,
      kind: 'counter',
      unit: '{operation}',
      help,
      source: `/sys/fs/xfs/DEVICE/stats/stats \`${line}\`, number ${number + 1}`,
      since: '0.1',
    })),
  ),
} as const satisfies Table
