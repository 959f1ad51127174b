/** What a block device is, as udev found out: /run/udev/data/bMAJOR:MINOR. */
import type { Table } from '../metric.ts'
import { family } from './family.ts'

const device = { label: 'device', attribute: 'system.device' } as const
const key = (label: string) => ({ label, attribute: `candor.disk.${label}` })
const UDEV = '/run/udev/data/bMAJOR:MINOR'

export const machineDiskInfo = {
  name: 'machine_disk_info',
  entity: 'machine',
  keys: [
    device,
    ...['major', 'minor', 'path', 'wwn', 'model', 'serial', 'revision', 'rotational'].map(key),
  ],
  rows: 'one a block device',
  narrow: true,
  slow: true,
  metrics: family('disk', `${UDEV}, and queue/rotational below /sys/block`, [
    ['info', 'node_disk_info', 'gauge', '1', 'What the block device is; always 1.'],
  ]),
} as const satisfies Table

export const machineDiskFilesystem = {
  name: 'machine_disk_filesystem',
  entity: 'machine',
  keys: [device, ...['type', 'usage', 'uuid', 'version'].map(key)],
  rows: 'one a block device with a file system',
  narrow: true,
  slow: true,
  metrics: family('disk.filesystem', `${UDEV}, \`ID_FS_…\``, [
    [
      'info',
      'node_disk_filesystem_info',
      'gauge',
      '1',
      'Which file system is on the block device; always 1.',
    ],
  ]),
} as const satisfies Table

export const machineDiskMapper = {
  name: 'machine_disk_mapper',
  entity: 'machine',
  keys: [device, ...['lv_layer', 'lv_name', 'name', 'uuid', 'vg_name'].map(key)],
  rows: 'one a device of the device mapper',
  narrow: true,
  slow: true,
  metrics: family('disk.mapper', `${UDEV}, \`DM_…\``, [
    [
      'info',
      'node_disk_device_mapper_info',
      'gauge',
      '1',
      'Which device of the device mapper it is; always 1.',
    ],
  ]),
} as const satisfies Table

export const machineDiskAta = {
  name: 'machine_disk_ata',
  entity: 'machine',
  keys: [device],
  rows: 'one an ATA disk',
  narrow: true,
  slow: true,
  metrics: family('disk.ata', `${UDEV}, \`ID_ATA_…\``, [
    [
      'write_cache',
      'node_disk_ata_write_cache',
      'gauge',
      '1',
      '1 when the disk has a write cache.',
    ],
    [
      'write_cache_enabled',
      'node_disk_ata_write_cache_enabled',
      'gauge',
      '1',
      '1 when the write cache is in use.',
    ],
    [
      'rotation_rate',
      'node_disk_ata_rotation_rate_rpm',
      'gauge',
      '{rpm}',
      'Rotations in a minute; 0 of a disk that does not rotate.',
    ],
  ]),
} as const satisfies Table
