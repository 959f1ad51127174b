/** One row a machine a pass: /proc/net/{sockstat,sockstat6}. */
import type { Metric, Table } from '../metric.ts'

/** [protocol, [key, unit, help] …]; `mem_bytes` is no key of the file but `mem` × the page size. */
const PROTOCOLS: readonly (readonly [string, readonly (readonly [string, string, string])[]])[] = [
  ['sockets', [['used', '{socket}', 'Sockets of all kinds in use.']]],
  [
    'TCP',
    [
      ['inuse', '{socket}', 'TCP sockets in use.'],
      ['orphan', '{socket}', 'TCP sockets without a process.'],
      ['tw', '{socket}', 'TCP sockets that wait after their end (TIME_WAIT).'],
      ['alloc', '{socket}', 'TCP sockets allocated.'],
      ['mem', '{page}', 'Pages of memory that TCP buffers hold.'],
      ['mem_bytes', 'By', 'Memory that TCP buffers hold.'],
    ],
  ],
  [
    'UDP',
    [
      ['inuse', '{socket}', 'UDP sockets in use.'],
      ['mem', '{page}', 'Pages of memory that UDP buffers hold.'],
      ['mem_bytes', 'By', 'Memory that UDP buffers hold.'],
    ],
  ],
  ['UDPLITE', [['inuse', '{socket}', 'UDP-Lite sockets in use.']]],
  ['RAW', [['inuse', '{socket}', 'Raw sockets in use.']]],
  [
    'FRAG',
    [
      ['inuse', '{queue}', 'IPv4 packets that wait for the rest of their fragments.'],
      ['memory', 'By', 'Memory that fragments of IPv4 packets hold.'],
    ],
  ],
  ['TCP6', [['inuse', '{socket}', 'TCP sockets in use, IPv6.']]],
  ['UDP6', [['inuse', '{socket}', 'UDP sockets in use, IPv6.']]],
  ['UDPLITE6', [['inuse', '{socket}', 'UDP-Lite sockets in use, IPv6.']]],
  ['RAW6', [['inuse', '{socket}', 'Raw sockets in use, IPv6.']]],
  [
    'FRAG6',
    [
      ['inuse', '{queue}', 'IPv6 packets that wait for the rest of their fragments.'],
      ['memory', 'By', 'Memory that fragments of IPv6 packets hold.'],
    ],
  ],
]

const rows = PROTOCOLS.flatMap(([protocol, keys]) =>
  keys.map(([key, unit, help]) => {
    const metric: Metric = {
      column: `${protocol.toLowerCase()}_${key}`,
      prom: `node_sockstat_${protocol}_${key}`,
      otel: `candor.system.network.sockets.${protocol.toLowerCase()}.${key}`,
      kind: 'gauge',
      unit,
      help,
      source:
        key === 'mem_bytes'
          ? `/proc/net/sockstat \`${protocol}: … mem\` × page size`
          : `/proc/net/sockstat${protocol.endsWith('6') ? '6' : ''} \`${protocol}: … ${key}\``,
      since: '0.1',
    }
    return { protocol, key, metric }
  }),
)

export const machineSockstat = {
  name: 'machine_sockstat',
  entity: 'machine',
  keys: [],
  rows: 'one a machine',
  narrow: true,
  metrics: rows.map(({ metric }) => metric),
} as const satisfies Table

/** Protocols and keys as the kernel writes them, in the order of the columns. */
export const sockstatKeys: readonly { protocol: string; key: string }[] = rows.map(
  ({ protocol, key }) => ({ protocol, key }),
)
