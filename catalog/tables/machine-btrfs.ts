/** Btrfs file systems: /sys/fs/btrfs/UUID. */
import type { Table } from '../metric.ts'
import { family } from './family.ts'

const uuid = { label: 'uuid', attribute: 'candor.filesystem.uuid' } as const
const blockGroup = { label: 'block_group_type', attribute: 'candor.btrfs.block_group' } as const

export const machineBtrfs = {
  name: 'machine_btrfs',
  entity: 'machine',
  keys: [uuid],
  rows: 'one a Btrfs file system',
  narrow: true,
  metrics: [
    ...family('btrfs', '/sys/fs/btrfs/UUID/allocation/global_rsv_size', [
      [
        'global_rsv_size',
        'node_btrfs_global_rsv_size_bytes',
        'gauge',
        'By',
        'Size of the global reserve.',
      ],
    ]),
    ...family('btrfs', '/sys/fs/btrfs/UUID/commit_stats; Linux 6.1 or later', [
      ['commits', 'node_btrfs_commits_total', 'counter', '{commit}', 'Commits since the mount.'],
      [
        'last_commit',
        'node_btrfs_last_commit_seconds',
        'gauge',
        's',
        'Time that the last commit took.',
      ],
      [
        'max_commit',
        'node_btrfs_max_commit_seconds',
        'gauge',
        's',
        'Time that the longest commit took.',
      ],
      [
        'total_commit',
        'node_btrfs_commit_seconds_total',
        'counter',
        's',
        'Time that all commits took, summed.',
      ],
    ]),
  ],
} as const satisfies Table

export const machineBtrfsInfo = {
  name: 'machine_btrfs_info',
  entity: 'machine',
  keys: [uuid, { label: 'label', attribute: 'candor.filesystem.label' }],
  rows: 'one a Btrfs file system',
  narrow: true,
  metrics: family('btrfs', '/sys/fs/btrfs/UUID/label', [
    ['info', 'node_btrfs_info', 'gauge', '1', 'Label of the file system; always 1.'],
  ]),
} as const satisfies Table

export const machineBtrfsDevice = {
  name: 'machine_btrfs_device',
  entity: 'machine',
  keys: [uuid, { label: 'device', attribute: 'system.device' }],
  rows: 'one a device of a Btrfs file system',
  narrow: true,
  metrics: family('btrfs.device', '/sys/fs/btrfs/UUID/devices/DEVICE/size × 512', [
    ['size_bytes', 'node_btrfs_device_size_bytes', 'gauge', 'By', 'Size of the device.'],
  ]),
} as const satisfies Table

export const machineBtrfsReserved = {
  name: 'machine_btrfs_reserved',
  entity: 'machine',
  keys: [uuid, blockGroup],
  rows: 'one a type of block groups',
  narrow: true,
  metrics: family('btrfs', '/sys/fs/btrfs/UUID/allocation/TYPE/bytes_reserved', [
    ['reserved_bytes', 'node_btrfs_reserved_bytes', 'gauge', 'By', 'Space reserved.'],
  ]),
} as const satisfies Table

export const machineBtrfsAllocation = {
  name: 'machine_btrfs_allocation',
  entity: 'machine',
  keys: [uuid, blockGroup, { label: 'mode', attribute: 'candor.btrfs.profile' }],
  rows: 'one a type of block groups and a RAID profile',
  narrow: true,
  metrics: family('btrfs', '/sys/fs/btrfs/UUID/allocation/TYPE/PROFILE', [
    ['size_bytes', 'node_btrfs_size_bytes', 'gauge', 'By', 'Space allocated.'],
    ['used_bytes', 'node_btrfs_used_bytes', 'gauge', 'By', 'Of this, in use.'],
    [
      'ratio',
      'node_btrfs_allocation_ratio',
      'gauge',
      '1',
      'Space on the devices that a byte takes.',
    ],
  ]),
} as const satisfies Table
