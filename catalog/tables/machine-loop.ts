/** One row a loop device that stands for a file: /sys/block/loopN. */
import type { Table } from '../metric.ts'
import { family } from './family.ts'

const device = { label: 'device', attribute: 'system.device' } as const

export const machineLoop = {
  name: 'machine_loop',
  entity: 'machine',
  keys: [device, { label: 'backing_file', attribute: 'candor.loop.backing_file' }],
  rows: 'one a loop device in use',
  narrow: true,
  slow: true,
  metrics: family('loop', '/sys/block/loopN/loop/backing_file', [
    [
      'info',
      'candor_loop_info',
      'gauge',
      '1',
      'File that the loop device stands for; always 1. A deleted one still takes its room.',
    ],
    ['size_bytes', 'candor_loop_size_bytes', 'gauge', 'By', 'Size of the loop device.'],
  ]),
} as const satisfies Table

export const machineOverlay = {
  name: 'machine_overlay',
  entity: 'machine',
  keys: [
    device,
    { label: 'mountpoint', attribute: 'system.filesystem.mountpoint' },
    { label: 'fstype', attribute: 'system.filesystem.type' },
  ],
  rows: 'one a file system on which upper layers of overlays lie',
  narrow: true,
  slow: true,
  metrics: family('overlay.upper', '/proc/1/mountinfo, `upperdir=` of overlays; statfs(2)', [
    [
      'overlays',
      'candor_overlay_mounts',
      'gauge',
      '{mount}',
      'Overlays that write to this file system.',
    ],
    [
      'avail_bytes',
      'candor_overlay_upper_avail_bytes',
      'gauge',
      'By',
      'Bytes by which their upper layers together can still grow.',
    ],
    [
      'files_free',
      'candor_overlay_upper_files_free',
      'gauge',
      '{inode}',
      'Inodes that are left for their upper layers together.',
    ],
  ]),
} as const satisfies Table
