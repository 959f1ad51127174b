/** One row a mount a pass: statfs(2). */
import type { Metric, Table } from '../metric.ts'

const STATFS = 'statfs(2) of each mount of /proc/1/mountinfo'

const metric = (
  column: string,
  otel: string,
  unit: string,
  help: string,
  from: string,
  prom: string = column,
): Metric => ({
  column,
  prom: `node_filesystem_${prom}`,
  otel,
  kind: 'gauge',
  unit,
  help,
  source: from,
  since: '0.1',
})

export const machineFilesystem = {
  name: 'machine_filesystem',
  entity: 'machine',
  keys: [
    { label: 'device', attribute: 'system.device' },
    { label: 'mountpoint', attribute: 'system.filesystem.mountpoint' },
    { label: 'fstype', attribute: 'system.filesystem.type' },
    { label: 'device_error', attribute: 'candor.filesystem.error' },
  ],
  rows: 'one a mount',
  metrics: [
    metric('size_bytes', 'system.filesystem.limit', 'By', 'Size.', `${STATFS}: f_blocks × f_bsize`),
    metric(
      'free_bytes',
      'candor.system.filesystem.free',
      'By',
      'Free, with what is kept for root.',
      `${STATFS}: f_bfree × f_bsize`,
    ),
    metric(
      'avail_bytes',
      'candor.system.filesystem.available',
      'By',
      'Free for users other than root.',
      `${STATFS}: f_bavail × f_bsize`,
    ),
    metric(
      'files',
      'candor.system.filesystem.inodes',
      '{inode}',
      'Inodes; 0 where the file system makes them as it needs them.',
      `${STATFS}: f_files`,
    ),
    metric(
      'files_free',
      'candor.system.filesystem.inodes.free',
      '{inode}',
      'Free inodes.',
      `${STATFS}: f_ffree`,
    ),
    metric(
      'readonly',
      'candor.system.filesystem.readonly',
      '1',
      '1 when mount or file system is read-only.',
      '/proc/1/mountinfo, `ro` among the options of mount or file system',
    ),
    metric(
      'failed',
      'candor.system.filesystem.failed',
      '1',
      '1 when the figures cannot be had: the label device_error says why.',
      'statfs(2) failed, or was not back after 5 s',
      'device_error',
    ),
  ],
} as const satisfies Table
