/** One row a Fibre Channel port a pass: /sys/class/fc_host. */
import type { Metric, Table } from '../metric.ts'

const since = '0.1'
const HOST = { label: 'fc_host', attribute: 'candor.fibrechannel.host' } as const

/** [file of statistics, name in Prometheus, unit, help] */
const STATISTICS = [
  ['dumped_frames', 'dumped_frames', '{frame}', 'Frames dumped for lack of buffers.'],
  ['error_frames', 'error_frames', '{frame}', 'Frames received with an error.'],
  ['invalid_crc_count', 'invalid_crc', '{frame}', 'Frames received with a wrong checksum.'],
  ['rx_frames', 'rx_frames', '{frame}', 'Frames received.'],
  ['rx_words', 'rx_words', '{word}', 'Words received.'],
  ['tx_frames', 'tx_frames', '{frame}', 'Frames sent.'],
  ['tx_words', 'tx_words', '{word}', 'Words sent.'],
  [
    'seconds_since_last_reset',
    'seconds_since_last_reset',
    's',
    'Time since the statistics of the port were reset.',
  ],
  ['invalid_tx_word_count', 'invalid_tx_words', '{word}', 'Words received that were not valid.'],
  ['link_failure_count', 'link_failure', '{event}', 'Times that the link failed.'],
  ['loss_of_sync_count', 'loss_of_sync', '{event}', 'Times that synchronization was lost.'],
  ['loss_of_signal_count', 'loss_of_signal', '{event}', 'Times that the signal was lost.'],
  ['nos_count', 'nos', '{event}', 'Sequences "not operational" received.'],
  ['fcp_packet_aborts', 'fcp_packet_aborts', '{packet}', 'FCP packets aborted.'],
] as const

/** Files below `statistics`, in the order of the columns. */
export const fibrechannelFiles: readonly string[] = STATISTICS.map(([file]) => file)

export const machineFibrechannel = {
  name: 'machine_fibrechannel',
  entity: 'machine',
  keys: [HOST],
  rows: 'one a Fibre Channel port',
  narrow: true,
  metrics: STATISTICS.map(([file, name, unit, help]): Metric => ({
    column: name,
    prom: `node_fibrechannel_${name}_total`,
    otel: `candor.system.fibrechannel.${name}`,
    kind: 'counter',
    unit,
    help,
    source: `/sys/class/fc_host/HOST/statistics/${file}, hexadecimal`,
    since,
  })),
} as const satisfies Table

/** [label, file, whether `0x` stands before it] */
const INFO = [
  ['speed', 'speed', false],
  ['port_state', 'port_state', false],
  ['port_type', 'port_type', false],
  ['port_id', 'port_id', true],
  ['port_name', 'port_name', true],
  ['fabric_name', 'fabric_name', true],
  ['symbolic_name', 'symbolic_name', false],
  ['supported_classes', 'supported_classes', false],
  ['supported_speeds', 'supported_speeds', false],
  ['dev_loss_tmo', 'dev_loss_tmo', false],
] as const

/** Files of the labels behind the first, in the order of the keys. */
export const fibrechannelInfo: readonly { file: string; isHex: boolean }[] = INFO.map(
  ([, file, isHex]) => ({ file, isHex }),
)

export const machineFibrechannelInfo = {
  name: 'machine_fibrechannel_info',
  entity: 'machine',
  keys: [HOST, ...INFO.map(([label]) => ({ label, attribute: `candor.fibrechannel.${label}` }))],
  rows: 'one a Fibre Channel port',
  narrow: true,
  metrics: [
    {
      column: 'info',
      prom: 'node_fibrechannel_info',
      otel: 'candor.system.fibrechannel.info',
      kind: 'gauge',
      unit: '1',
      help: 'What a Fibre Channel port says of itself in words; always 1.',
      source: '/sys/class/fc_host/HOST/{speed,port_state,port_type,port_id,port_name,…}',
      since,
    },
  ],
} as const satisfies Table
