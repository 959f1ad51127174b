/** One row a swap device or file: /proc/swaps. */
import type { Table } from '../metric.ts'
import { family } from './family.ts'

export const machineSwap = {
  name: 'machine_swap',
  entity: 'machine',
  keys: [
    { label: 'device', attribute: 'system.device' },
    { label: 'swap_type', attribute: 'candor.swap.type' },
  ],
  rows: 'one a swap device or file',
  narrow: true,
  metrics: family('swap', '/proc/swaps, KiB × 1024', [
    ['size_bytes', 'node_swap_size_bytes', 'gauge', 'By', 'Size.'],
    ['used_bytes', 'node_swap_used_bytes', 'gauge', 'By', 'In use.'],
    ['priority', 'node_swap_priority', 'gauge', '1', 'What has a higher one is filled first.'],
  ]),
} as const satisfies Table
