/** One row a block device a pass: /proc/diskstats. Partitions, ram, loop and floppies are left out. */
import type { Metric, Table } from '../metric.ts'

interface Column {
  readonly column: string
  readonly prom: string
  readonly otel: string
  readonly direction?: 'read' | 'write'
  readonly kind?: 'gauge'
  readonly unit: string
  readonly help: string
  /** Number of the field after the device's name, from 1; Documentation/admin-guide/iostats.rst. */
  readonly field: number
  readonly factor?: number
}

const COLUMNS: readonly Column[] = [
  {
    column: 'reads',
    prom: 'node_disk_reads_completed_total',
    otel: 'system.disk.operations',
    direction: 'read',
    unit: '{operation}',
    field: 1,
    help: 'Reads that completed.',
  },
  {
    column: 'reads_merged',
    prom: 'node_disk_reads_merged_total',
    otel: 'system.disk.merged',
    direction: 'read',
    unit: '{operation}',
    field: 2,
    help: 'Reads that were merged with a neighbour.',
  },
  {
    column: 'read_bytes',
    prom: 'node_disk_read_bytes_total',
    otel: 'system.disk.io',
    direction: 'read',
    unit: 'By',
    field: 3,
    factor: 512,
    help: 'Bytes read.',
  },
  {
    column: 'read_seconds',
    prom: 'node_disk_read_time_seconds_total',
    otel: 'system.disk.operation_time',
    direction: 'read',
    unit: 's',
    field: 4,
    factor: 0.001,
    help: 'Time that all reads took, summed.',
  },
  {
    column: 'writes',
    prom: 'node_disk_writes_completed_total',
    otel: 'system.disk.operations',
    direction: 'write',
    unit: '{operation}',
    field: 5,
    help: 'Writes that completed.',
  },
  {
    column: 'writes_merged',
    prom: 'node_disk_writes_merged_total',
    otel: 'system.disk.merged',
    direction: 'write',
    unit: '{operation}',
    field: 6,
    help: 'Writes that were merged with a neighbour.',
  },
  {
    column: 'written_bytes',
    prom: 'node_disk_written_bytes_total',
    otel: 'system.disk.io',
    direction: 'write',
    unit: 'By',
    field: 7,
    factor: 512,
    help: 'Bytes written.',
  },
  {
    column: 'write_seconds',
    prom: 'node_disk_write_time_seconds_total',
    otel: 'system.disk.operation_time',
    direction: 'write',
    unit: 's',
    field: 8,
    factor: 0.001,
    help: 'Time that all writes took, summed.',
  },
  {
    column: 'io_now',
    prom: 'node_disk_io_now',
    otel: 'candor.system.disk.pending_operations',
    kind: 'gauge',
    unit: '{operation}',
    field: 9,
    help: 'Operations in flight.',
  },
  {
    column: 'io_seconds',
    prom: 'node_disk_io_time_seconds_total',
    otel: 'system.disk.io_time',
    unit: 's',
    field: 10,
    factor: 0.001,
    help: 'Time in which at least one operation was in flight.',
  },
  {
    column: 'io_weighted_seconds',
    prom: 'node_disk_io_time_weighted_seconds_total',
    otel: 'candor.system.disk.weighted_io_time',
    unit: 's',
    field: 11,
    factor: 0.001,
    help: 'Time in flight, summed over operations.',
  },
  {
    column: 'discards',
    prom: 'node_disk_discards_completed_total',
    otel: 'candor.system.disk.discards',
    unit: '{operation}',
    field: 12,
    help: 'Discards that completed.',
  },
  {
    column: 'discards_merged',
    prom: 'node_disk_discards_merged_total',
    otel: 'candor.system.disk.discards_merged',
    unit: '{operation}',
    field: 13,
    help: 'Discards that were merged with a neighbour.',
  },
  {
    column: 'discarded_sectors',
    prom: 'node_disk_discarded_sectors_total',
    otel: 'candor.system.disk.discarded_sectors',
    unit: '{sector}',
    field: 14,
    help: 'Sectors of 512 bytes discarded.',
  },
  {
    column: 'discard_seconds',
    prom: 'node_disk_discard_time_seconds_total',
    otel: 'candor.system.disk.discard_time',
    unit: 's',
    field: 15,
    factor: 0.001,
    help: 'Time that all discards took, summed.',
  },
  {
    column: 'flushes',
    prom: 'node_disk_flush_requests_total',
    otel: 'candor.system.disk.flushes',
    unit: '{operation}',
    field: 16,
    help: 'Flush requests that completed.',
  },
  {
    column: 'flush_seconds',
    prom: 'node_disk_flush_requests_time_seconds_total',
    otel: 'candor.system.disk.flush_time',
    unit: 's',
    field: 17,
    factor: 0.001,
    help: 'Time that all flush requests took, summed.',
  },
]

export const machineDisk = {
  name: 'machine_disk',
  entity: 'machine',
  keys: [{ label: 'device', attribute: 'system.device' }],
  rows: 'one a block device',
  metrics: COLUMNS.map(
    ({ column, prom, otel, direction, kind, unit, help, field, factor }): Metric => ({
      column,
      prom,
      otel,
      ...(direction && { attributes: { 'disk.io.direction': direction } }),
      kind: kind ?? 'counter',
      unit,
      help,
      source: `/proc/diskstats, field ${field} after the name${factor === 512 ? ' × 512' : factor ? ' (ms) ÷ 1000' : ''}`,
      since: '0.1',
    }),
  ),
} as const satisfies Table

/** Factor that brings each field of /proc/diskstats to its column's unit; in the kernel's order. */
export const diskFactors: readonly number[] = COLUMNS.map(({ factor }) => factor ?? 1)
