/** What the NFS client and the NFS server of the kernel did: /proc/net/rpc. */
import type { Metric, Table } from '../metric.ts'
import { family } from './family.ts'

const requestKeys = [
  { label: 'proto', attribute: 'candor.nfs.version' },
  { label: 'method', attribute: 'candor.nfs.method' },
] as const

/** Columns of one name that a constant label tells apart. */
const labelled = (
  metric: Omit<Metric, 'column' | 'labels' | 'attributes' | 'since' | 'kind'>,
  label: string,
  attribute: string,
  values: Readonly<Record<string, string>>,
): Metric[] =>
  Object.entries(values).map(([column, value]) => ({
    ...metric,
    column,
    labels: { [label]: value },
    attributes: { [attribute]: value },
    kind: 'counter',
    since: '0.1',
  }))

const CLIENT = '/proc/net/rpc/nfs'
export const machineNfs = {
  name: 'machine_nfs',
  entity: 'machine',
  keys: [],
  rows: 'one an NFS client',
  narrow: true,
  metrics: [
    ...labelled(
      {
        prom: 'node_nfs_packets_total',
        otel: 'candor.system.nfs.packets',
        unit: '{packet}',
        help: 'Packets of the NFS client.',
        source: `${CLIENT}, \`net\``,
      },
      'protocol',
      'network.transport',
      { udp: 'udp', tcp: 'tcp' },
    ),
    ...family('nfs', `${CLIENT}, \`net\` and \`rpc\``, [
      [
        'connections',
        'node_nfs_connections_total',
        'counter',
        '{connection}',
        'TCP connections of the NFS client.',
      ],
      ['rpcs', 'node_nfs_rpcs_total', 'counter', '{call}', 'Calls of the NFS client.'],
      [
        'retransmissions',
        'node_nfs_rpc_retransmissions_total',
        'counter',
        '{call}',
        'Calls that were sent again.',
      ],
      [
        'authentication_refreshes',
        'node_nfs_rpc_authentication_refreshes_total',
        'counter',
        '{call}',
        'Refreshes of authentication.',
      ],
    ]),
  ],
} as const satisfies Table

export const machineNfsRequests = {
  name: 'machine_nfs_requests',
  entity: 'machine',
  keys: requestKeys,
  rows: 'one a method of a version of NFS',
  narrow: true,
  metrics: family('nfs', `${CLIENT}, \`proc2\`, \`proc3\`, \`proc4\``, [
    ['requests', 'node_nfs_requests_total', 'counter', '{call}', 'Calls of the client.'],
  ]),
} as const satisfies Table

const SERVER = '/proc/net/rpc/nfsd'
export const machineNfsd = {
  name: 'machine_nfsd',
  entity: 'machine',
  keys: [],
  rows: 'one an NFS server',
  narrow: true,
  metrics: [
    ...family('nfsd', `${SERVER}, \`rc\`, \`fh\`, \`io\`, \`th\`, \`ra\``, [
      [
        'hits',
        'node_nfsd_reply_cache_hits_total',
        'counter',
        '{call}',
        'Found in the reply cache.',
      ],
      [
        'misses',
        'node_nfsd_reply_cache_misses_total',
        'counter',
        '{call}',
        'Not found in the reply cache.',
      ],
      [
        'nocache',
        'node_nfsd_reply_cache_nocache_total',
        'counter',
        '{call}',
        'Calls whose reply need not be kept.',
      ],
      ['stale', 'node_nfsd_file_handles_stale_total', 'counter', '{handle}', 'Stale file handles.'],
      ['read_bytes', 'node_nfsd_disk_bytes_read_total', 'counter', 'By', 'Bytes read for clients.'],
      [
        'written_bytes',
        'node_nfsd_disk_bytes_written_total',
        'counter',
        'By',
        'Bytes written for clients.',
      ],
      ['threads', 'node_nfsd_server_threads', 'gauge', '{thread}', 'Threads of the server.'],
      [
        'read_ahead_size',
        'node_nfsd_read_ahead_cache_size_blocks',
        'gauge',
        '{block}',
        'Size of the read-ahead cache.',
      ],
      [
        'read_ahead_missed',
        'node_nfsd_read_ahead_cache_not_found_total',
        'counter',
        '{read}',
        'Reads that the read-ahead cache did not have.',
      ],
    ]),
    ...labelled(
      {
        prom: 'node_nfsd_packets_total',
        otel: 'candor.system.nfsd.packets',
        unit: '{packet}',
        help: 'Packets of the NFS server.',
        source: `${SERVER}, \`net\``,
      },
      'proto',
      'network.transport',
      { udp: 'udp', tcp: 'tcp' },
    ),
    ...family('nfsd', `${SERVER}, \`net\` and \`rpc\``, [
      [
        'connections',
        'node_nfsd_connections_total',
        'counter',
        '{connection}',
        'TCP connections of the NFS server.',
      ],
      ['rpcs', 'node_nfsd_server_rpcs_total', 'counter', '{call}', 'Calls of clients.'],
    ]),
    ...labelled(
      {
        prom: 'node_nfsd_rpc_errors_total',
        otel: 'candor.system.nfsd.errors',
        unit: '{call}',
        help: 'Calls that the server refused: malformed, not authenticated, unknown client.',
        source: `${SERVER}, \`rpc\``,
      },
      'error',
      'candor.nfsd.error',
      { errors_format: 'fmt', errors_auth: 'auth', errors_client: 'cInt' },
    ),
  ],
} as const satisfies Table

export const machineNfsdRequests = {
  name: 'machine_nfsd_requests',
  entity: 'machine',
  keys: requestKeys,
  rows: 'one a method of a version of NFS',
  narrow: true,
  metrics: family('nfsd', `${SERVER}, \`proc2\`, \`proc3\`, \`proc4ops\``, [
    ['requests', 'node_nfsd_requests_total', 'counter', '{call}', 'Calls of clients.'],
  ]),
} as const satisfies Table
