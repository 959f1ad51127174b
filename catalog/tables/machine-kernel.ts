/** Single figures of the kernel: random numbers, open files, hung tasks, SELinux. */
import type { Table } from '../metric.ts'
import { family } from './family.ts'

const one = { entity: 'machine', keys: [], rows: 'one a machine', narrow: true } as const

export const machineEntropy: Table = {
  ...one,
  name: 'machine_entropy',
  metrics: family('entropy', '/proc/sys/kernel/random/{entropy_avail,poolsize}', [
    [
      'available',
      'node_entropy_available_bits',
      'gauge',
      'bit',
      'Entropy that is available; always full since Linux 5.18.',
    ],
    ['pool_size', 'node_entropy_pool_size_bits', 'gauge', 'bit', 'Entropy that the pool can hold.'],
  ]),
}

export const machineFilefd: Table = {
  ...one,
  name: 'machine_filefd',
  metrics: family('filefd', '/proc/sys/fs/file-nr', [
    ['allocated', 'node_filefd_allocated', 'gauge', '{file}', 'Open files of the whole machine.'],
    ['maximum', 'node_filefd_maximum', 'gauge', '{file}', 'Open files that the kernel allows.'],
  ]),
}

export const machineKernelHung: Table = {
  ...one,
  name: 'machine_kernel_hung',
  metrics: family('kernel', '/proc/sys/kernel/hung_task_detect_count, Linux ≥ 6.13', [
    [
      'hung_tasks',
      'node_kernel_hung_tasks_total',
      'counter',
      '{task}',
      'Tasks found uninterruptible for longer than hung_task_timeout_secs.',
    ],
  ]),
}

export const machineSelinux: Table = {
  ...one,
  name: 'machine_selinux',
  slow: true,
  metrics: [
    ...family('selinux', '/sys/fs/selinux, /proc/filesystems, /etc/selinux/config', [
      ['enabled', 'node_selinux_enabled', 'gauge', '1', '1 when SELinux is on, 0 when it is not.'],
      [
        'config_mode',
        'node_selinux_config_mode',
        'gauge',
        '1',
        'Mode after the next boot: 1 enforcing, 0 permissive, -1 disabled.',
      ],
      [
        'current_mode',
        'node_selinux_current_mode',
        'gauge',
        '1',
        'Mode now: 1 enforcing, 0 permissive.',
      ],
    ]),
    ...family(
      'selinux',
      '/sys/fs/selinux/avc/cache_stats',
      (['lookups', 'hits', 'misses', 'allocations', 'reclaims', 'frees'] as const).map(
        (name) =>
          [
            `avc_${name}`,
            `node_selinux_avc_${name}_total`,
            'counter',
            `{${name.slice(0, -1)}}`,
            `Access vector cache: ${name}.`,
          ] as const,
      ),
    ),
    ...family('selinux', '/sys/fs/selinux/avc/{hash_stats,cache_threshold}', [
      [
        'avc_hash_entries',
        'node_selinux_avc_hash_entries',
        'gauge',
        '{entry}',
        'Access vector cache: entries.',
      ],
      [
        'avc_hash_buckets_used',
        'node_selinux_avc_hash_buckets_used',
        'gauge',
        '{bucket}',
        'Access vector cache: buckets that hold something.',
      ],
      [
        'avc_hash_buckets_available',
        'node_selinux_avc_hash_buckets_available',
        'gauge',
        '{bucket}',
        'Access vector cache: all buckets.',
      ],
      [
        'avc_hash_longest_chain',
        'node_selinux_avc_hash_longest_chain',
        'gauge',
        '{entry}',
        'Access vector cache: entries of the fullest bucket.',
      ],
      [
        'avc_threshold',
        'node_selinux_avc_threshold',
        'gauge',
        '{entry}',
        'Access vector cache: entries above which it is cut.',
      ],
    ]),
  ],
}
