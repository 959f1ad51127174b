/**
 * What the agent says of itself. It stands on /metrics as it is when it is asked for, and is shipped as
 * figures of the machine: the time of the newest pass with each, all else once a minute.
 */
import type { Key, Metric, Table } from '../metric.ts'

type Figure = readonly [
  column: string,
  prom: string,
  otel: string,
  kind: 'counter' | 'gauge',
  unit: string,
  help: string,
]

const figures = (...rows: readonly Figure[]): Metric[] =>
  rows.map(([column, prom, otel, kind, unit, help]) => ({
    column,
    prom,
    otel: `candor.agent.${otel}`,
    kind,
    unit,
    help,
    source: 'the agent itself',
    since: '0.1',
  }))

const key = (label: string, attribute = `candor.agent.${label}`): Key => ({ label, attribute })

/** In a table of its own, since all that is slow tells too late that an agent stands still. */
export const machineAgentPass = {
  name: 'machine_agent_pass',
  entity: 'machine',
  keys: [],
  rows: 'one a machine',
  narrow: true,
  metrics: figures([
    'timestamp_seconds',
    'candor_agent_pass_timestamp_seconds',
    'pass.time',
    'gauge',
    's',
    'Unix time of the newest pass, which all series of a scrape come from.',
  ]),
} as const satisfies Table

export const machineAgent = {
  name: 'machine_agent',
  entity: 'machine',
  keys: [],
  rows: 'one a machine',
  narrow: true,
  slow: true,
  metrics: figures(
    [
      'passes',
      'candor_agent_passes_total',
      'passes',
      'counter',
      '{pass}',
      'Passes that were made.',
    ],
    [
      'pass_duration_seconds',
      'candor_agent_pass_duration_seconds',
      'pass.duration',
      'gauge',
      's',
      'Time that the last pass took.',
    ],
    [
      'open_files',
      'candor_agent_open_files',
      'open_files',
      'gauge',
      '{file}',
      'Kernel files that are kept open.',
    ],
    [
      'resident_memory_bytes',
      'process_resident_memory_bytes',
      'memory.resident',
      'gauge',
      'By',
      'Resident memory of this process.',
    ],
    [
      'cpu_seconds',
      'process_cpu_seconds_total',
      'cpu.time',
      'counter',
      's',
      'CPU time of this process.',
    ],
    [
      'web_config_success',
      'candor_agent_web_config_last_reload_successful',
      'web_config.success',
      'gauge',
      '1',
      '1 when the web configuration file as it is now is in force, 0 when it is broken and an older one stays.',
    ],
    [
      'web_config_timestamp_seconds',
      'candor_agent_web_config_last_reload_success_timestamp_seconds',
      'web_config.time',
      'gauge',
      's',
      'Unix time at which the web configuration that is in force was read.',
    ],
    [
      'push_rejected_points',
      'candor_agent_push_rejected_points_total',
      'push.rejected_points',
      'counter',
      '{point}',
      'Points of stored batches that the receiver rejected.',
    ],
    [
      'push_retries',
      'candor_agent_push_retries_total',
      'push.retries',
      'counter',
      '{request}',
      'Requests that failed and were tried again.',
    ],
    [
      'push_queue_bytes',
      'candor_agent_push_queue_bytes',
      'push.queue',
      'gauge',
      'By',
      'Batches in memory that wait to be sent.',
    ],
    [
      'spool_up',
      'candor_agent_spool_up',
      'spool.up',
      'gauge',
      '1',
      '1 while the spool takes batches, 0 while its disk does not and they wait in memory; absent without a spool.',
    ],
    ['spool_bytes', 'candor_agent_spool_bytes', 'spool.size', 'gauge', 'By', 'Files of the spool.'],
    [
      'spool_batches',
      'candor_agent_spool_batches',
      'spool.batches',
      'gauge',
      '{batch}',
      'Batches in the spool that are not stored yet.',
    ],
    [
      'spool_oldest_timestamp_seconds',
      'candor_agent_spool_oldest_timestamp_seconds',
      'spool.oldest',
      'gauge',
      's',
      'Unix time before which no batch of the spool was made; absent while none waits.',
    ],
    [
      'spool_written_batches',
      'candor_agent_spool_written_batches_total',
      'spool.written',
      'counter',
      '{batch}',
      'Batches that were written to the spool.',
    ],
    [
      'spool_cut_bytes',
      'candor_agent_spool_cut_bytes_total',
      'spool.cut',
      'counter',
      'By',
      'Ends of segments that held no whole batch when the spool was opened: torn or damaged.',
    ],
  ),
} as const satisfies Table

export const machineAgentBuild = {
  name: 'machine_agent_build',
  entity: 'machine',
  keys: [key('version'), key('nodeversion', 'process.runtime.version')],
  rows: 'one a machine',
  narrow: true,
  slow: true,
  metrics: figures([
    'info',
    'candor_agent_build_info',
    'build',
    'gauge',
    '1',
    'Version of the agent; always 1.',
  ]),
} as const satisfies Table

export const machineAgentEntities = {
  name: 'machine_agent_entities',
  entity: 'machine',
  keys: [key('kind')],
  rows: 'one a kind of entity',
  narrow: true,
  slow: true,
  metrics: figures([
    'entities',
    'candor_agent_entities',
    'entities',
    'gauge',
    '{entity}',
    'Machines, containers and runtimes in the last pass.',
  ]),
} as const satisfies Table

export const machineAgentScrapes = {
  name: 'machine_agent_scrapes',
  entity: 'machine',
  keys: [key('result')],
  rows: 'one a result',
  narrow: true,
  slow: true,
  metrics: figures([
    'scrapes',
    'candor_agent_scrapes_total',
    'scrapes',
    'counter',
    '{scrape}',
    'Scrapes by what became of them: answered, refused at --web.max-requests, or cut since the reader was too slow.',
  ]),
} as const satisfies Table

export const machineAgentBatches = {
  name: 'machine_agent_batches',
  entity: 'machine',
  keys: [key('result')],
  rows: 'one a result',
  narrow: true,
  slow: true,
  metrics: figures([
    'batches',
    'candor_agent_push_batches_total',
    'push.batches',
    'counter',
    '{batch}',
    'Batches by what became of them: stored, rejected or dropped.',
  ]),
} as const satisfies Table

export const machineAgentDropped = {
  name: 'machine_agent_dropped',
  entity: 'machine',
  keys: [key('reason')],
  rows: 'one a reason',
  narrow: true,
  slow: true,
  metrics: figures([
    'batches',
    'candor_agent_push_dropped_total',
    'push.dropped',
    'counter',
    '{batch}',
    'Batches that were given up, by reason.',
  ]),
} as const satisfies Table

export const machineAgentSpoolErrors = {
  name: 'machine_agent_spool_errors',
  entity: 'machine',
  keys: [key('operation')],
  rows: 'one an operation',
  narrow: true,
  slow: true,
  metrics: figures([
    'errors',
    'candor_agent_spool_errors_total',
    'spool.errors',
    'counter',
    '{error}',
    'Operations on the spool that failed: open, read, write, sync or remove.',
  ]),
} as const satisfies Table

export const agentTables: readonly Table[] = [
  machineAgentPass,
  machineAgent,
  machineAgentBuild,
  machineAgentEntities,
  machineAgentScrapes,
  machineAgentBatches,
  machineAgentDropped,
  machineAgentSpoolErrors,
]
