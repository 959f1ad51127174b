/** One row a machine a pass: the table of tracked connections. */
import type { Metric, Table } from '../metric.ts'

const COUNT = 'candor.system.network.conntrack'
const since = '0.1'

/** [field of the file, unit, help] */
const STATISTICS = [
  ['found', '{lookup}', 'Lookups that found an entry.'],
  ['invalid', '{packet}', 'Packets that could not be tracked.'],
  ['ignore', '{packet}', 'Packets that were tracked already or are not to be tracked.'],
  ['insert', '{connection}', 'Entries inserted.'],
  ['insert_failed', '{connection}', 'Entries that could not be inserted, mostly for a twin.'],
  ['drop', '{packet}', 'Packets dropped since tracking failed, mostly because the table was full.'],
  ['early_drop', '{connection}', 'Entries dropped to make room for new ones in a full table.'],
  ['search_restart', '{lookup}', 'Lookups begun again since the table was being resized.'],
] as const

export const machineConntrack = {
  name: 'machine_conntrack',
  entity: 'machine',
  keys: [],
  rows: 'one a machine that tracks connections',
  narrow: true,
  metrics: [
    {
      column: 'entries',
      prom: 'node_nf_conntrack_entries',
      otel: `${COUNT}.entries`,
      kind: 'gauge',
      unit: '{connection}',
      help: 'Connections that are tracked now.',
      source: '/proc/sys/net/netfilter/nf_conntrack_count',
      since,
    },
    {
      column: 'entries_limit',
      prom: 'node_nf_conntrack_entries_limit',
      otel: `${COUNT}.entries.limit`,
      kind: 'gauge',
      unit: '{connection}',
      help: 'Connections that may be tracked; beyond it packets are dropped.',
      source: '/proc/sys/net/netfilter/nf_conntrack_max',
      since,
    },
    ...STATISTICS.map(([field, unit, help]): Metric => ({
      column: field,
      prom: `node_nf_conntrack_stat_${field}`,
      otel: `${COUNT}.${field}`,
      kind: 'gauge',
      unit,
      help,
      source: `/proc/net/stat/nf_conntrack \`${field}\`, hexadecimal, summed over CPUs; a counter, a gauge as node_exporter has it`,
      since,
    })),
  ],
} as const satisfies Table

export const conntrackFields: readonly string[] = STATISTICS.map(([field]) => field)
