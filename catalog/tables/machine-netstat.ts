/**
 * One row a machine a pass: /proc/net/{netstat,snmp,snmp6}. The keys are those that node_exporter
 * 1.9 shows by default; 1.5 lacks two of them (TCPOFOQueue and TCPRcvQDrop).
 */
import type { Metric, Table } from '../metric.ts'

/** [protocol, [key, unit, help] …] */
const PROTOCOLS: readonly (readonly [string, readonly (readonly [string, string, string])[]])[] = [
  ['Ip', [['Forwarding', '1', 'Whether IPv4 packets are forwarded: 1 when they are, 2 when not.']]],
  [
    'IpExt',
    [
      ['InOctets', 'By', 'Bytes of IPv4 packets received.'],
      ['OutOctets', 'By', 'Bytes of IPv4 packets sent.'],
    ],
  ],
  [
    'Ip6',
    [
      ['InOctets', 'By', 'Bytes of IPv6 packets received.'],
      ['OutOctets', 'By', 'Bytes of IPv6 packets sent.'],
    ],
  ],
  ...(['Icmp', 'Icmp6'] as const).map(
    (protocol) =>
      [
        protocol,
        [
          ['InMsgs', '{message}', `${protocol} messages received.`],
          ['InErrors', '{error}', `${protocol} messages received with an error.`],
          ['OutMsgs', '{message}', `${protocol} messages sent.`],
        ],
      ] as const,
  ),
  [
    'Tcp',
    [
      ['ActiveOpens', '{connection}', 'Connections opened from here.'],
      ['PassiveOpens', '{connection}', 'Connections accepted.'],
      ['CurrEstab', '{connection}', 'Connections that are established or wait to be closed here.'],
      ['InSegs', '{segment}', 'Segments received.'],
      ['OutSegs', '{segment}', 'Segments sent, without those that were sent again.'],
      ['RetransSegs', '{segment}', 'Segments sent again.'],
      ['InErrs', '{segment}', 'Segments received with an error.'],
      ['OutRsts', '{segment}', 'Resets sent.'],
    ],
  ],
  [
    'TcpExt',
    [
      ['ListenOverflows', '{connection}', 'Connections refused since the accept queue was full.'],
      [
        'ListenDrops',
        '{connection}',
        'Connections that a listening socket dropped for any reason.',
      ],
      ['SyncookiesSent', '{cookie}', 'SYN cookies sent, since the queue of SYNs was full.'],
      ['SyncookiesRecv', '{cookie}', 'SYN cookies received.'],
      ['SyncookiesFailed', '{cookie}', 'SYN cookies received that were not valid.'],
      ['TCPSynRetrans', '{segment}', 'SYNs and SYN-ACKs sent again.'],
      ['TCPTimeouts', '{timeout}', 'Timers of retransmission that ran out.'],
      ['TCPOFOQueue', '{segment}', 'Segments queued since they arrived out of order.'],
      ['TCPRcvQDrop', '{segment}', 'Segments dropped since the receive queue was full.'],
    ],
  ],
  ...(['Udp', 'Udp6'] as const).map(
    (protocol) =>
      [
        protocol,
        [
          ['InDatagrams', '{datagram}', `${protocol} datagrams handed to a socket.`],
          ['OutDatagrams', '{datagram}', `${protocol} datagrams sent.`],
          ['NoPorts', '{datagram}', `${protocol} datagrams received for which nobody listened.`],
          ['InErrors', '{error}', `${protocol} datagrams that could not be handed over.`],
          ['RcvbufErrors', '{error}', `${protocol} datagrams dropped: receive buffer full.`],
          ['SndbufErrors', '{error}', `${protocol} datagrams not sent: send buffer full.`],
        ],
      ] as const,
  ),
  ['UdpLite', [['InErrors', '{error}', 'UDP-Lite datagrams that could not be handed over.']]],
  ['UdpLite6', [['InErrors', '{error}', 'UDP-Lite datagrams over IPv6, the same.']]],
]

/** `TCPRcvQDrop` → `tcp_rcv_q_drop` */
const snake = (name: string) =>
  name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()

const fileOf = (protocol: string) =>
  protocol.endsWith('6') ? 'snmp6' : protocol.endsWith('Ext') ? 'netstat' : 'snmp'

/** All others count up. */
const FALLS = ['Ip_Forwarding', 'Tcp_CurrEstab']

const rows = PROTOCOLS.flatMap(([protocol, keys]) =>
  keys.map(([key, unit, help]) => {
    const metric: Metric = {
      column: `${snake(protocol)}_${snake(key)}`,
      prom: `node_netstat_${protocol}_${key}`,
      otel: `candor.system.network.${snake(protocol)}.${snake(key)}`,
      kind: 'untyped',
      ...(FALLS.includes(`${protocol}_${key}`) && { falls: true }),
      unit,
      help,
      source: `/proc/net/${fileOf(protocol)} \`${protocol}: ${key}\`; untyped as node_exporter has it`,
      since: '0.1',
    }
    return { protocol, key, metric }
  }),
)

export const machineNetstat = {
  name: 'machine_netstat',
  entity: 'machine',
  keys: [],
  rows: 'one a machine',
  narrow: true,
  metrics: rows.map(({ metric }) => metric),
} as const satisfies Table

/** Protocols and keys as the kernel writes them, in the order of the columns. */
export const netstatKeys: readonly { protocol: string; key: string }[] = rows.map(
  ({ protocol, key }) => ({ protocol, key }),
)
