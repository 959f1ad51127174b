/** One row a cgroup a pass. v1, v2 and hybrid fill the same columns; what a kernel lacks is absent. */
import type { Metric, Table } from '../metric.ts'
import { containerCpu } from './container-cpu.ts'
import { containerMemoryEvents } from './container-memory-events.ts'
import { containerMemoryLimits } from './container-memory-limits.ts'
import { containerMemory } from './container-memory.ts'

const since = '0.1'

const pids: readonly Metric[] = [
  {
    column: 'threads',
    prom: 'container_threads',
    otel: 'candor.container.threads',
    kind: 'gauge',
    unit: '{thread}',
    help: 'Tasks, threads included.',
    source: 'pids.current',
    since,
  },
  {
    column: 'threads_max',
    prom: 'container_threads_max',
    otel: 'candor.container.threads.limit',
    kind: 'gauge',
    unit: '{thread}',
    help: 'Limit of tasks; absent when unlimited.',
    source: 'pids.max',
    since,
  },
  {
    column: 'threads_limit_effective',
    prom: 'candor_container_threads_limit_effective',
    otel: 'candor.container.threads.limit.effective',
    kind: 'gauge',
    unit: '{thread}',
    help: 'Tightest limit of tasks of this cgroup and its ancestors; absent when none is limited.',
    source: 'minimum of pids.max over ancestors',
    since,
  },
  {
    column: 'pids_max_events',
    prom: 'candor_container_pids_max_events_total',
    otel: 'candor.container.pids.max_events',
    kind: 'counter',
    unit: '{event}',
    help: 'Forks that failed at the limit of tasks.',
    source: 'pids.events max',
    since,
  },
  {
    column: 'pids_peak',
    prom: 'candor_container_pids_peak',
    otel: 'candor.container.pids.peak',
    kind: 'gauge',
    unit: '{thread}',
    help: 'Most tasks that there ever were.',
    source: 'pids.peak (Linux ≥ 6.1)',
    since,
  },
  {
    column: 'processes',
    prom: 'container_processes',
    otel: 'candor.container.processes',
    kind: 'gauge',
    unit: '{process}',
    help: 'Processes in the cgroup itself, those below it not counted; once a minute.',
    source: 'lines of cgroup.procs',
    since,
  },
  {
    column: 'file_descriptors',
    prom: 'container_file_descriptors',
    otel: 'candor.container.file_descriptors',
    kind: 'gauge',
    unit: '{descriptor}',
    help: 'Descriptors that the processes have open; only with --collector.cgroup.processes.',
    source: 'entries of /proc/PID/fd, summed',
    since,
  },
  {
    column: 'sockets',
    prom: 'container_sockets',
    otel: 'candor.container.sockets',
    kind: 'gauge',
    unit: '{socket}',
    help: 'Sockets among the open descriptors; only with --collector.cgroup.processes.',
    source: 'entries of /proc/PID/fd that are sockets, summed',
    since,
  },
  {
    column: 'ulimit_max_open_files',
    prom: 'container_ulimits_soft',
    labels: { ulimit: 'max_open_files' },
    otel: 'candor.container.ulimits.soft',
    kind: 'gauge',
    unit: '{descriptor}',
    help: 'Soft limits of the first process, -1 when unlimited; only with --collector.cgroup.processes.',
    source: '/proc/PID/limits, Max open files',
    since,
  },
]

const life: readonly Metric[] = [
  {
    column: 'start_time_seconds',
    prom: 'container_start_time_seconds',
    otel: 'candor.container.start_time',
    kind: 'gauge',
    unit: 's',
    help: 'Unix time at which the cgroup was made.',
    source:
      'oldest modification time of its directories and of v1 cgroup.clone_children, v2 cgroup.events; not before the boot',
    since,
  },
  {
    column: 'creation_time_seconds',
    prom: 'container_creation_time_seconds',
    otel: 'candor.container.creation_time',
    kind: 'gauge',
    unit: 's',
    help: 'Unix time at which the cgroup was made.',
    source: 'as container_start_time_seconds',
    since,
  },
  {
    column: 'last_seen_seconds',
    prom: 'container_last_seen',
    otel: 'candor.container.last_seen',
    kind: 'gauge',
    unit: 's',
    help: 'Unix time of the sample.',
    source: 'the agent itself',
    since,
  },
  {
    column: 'descendants_live',
    prom: 'candor_container_cgroup_descendants',
    labels: { state: 'live' },
    otel: 'candor.container.cgroup.descendants',
    attributes: { 'candor.cgroup.state': 'live' },
    kind: 'gauge',
    unit: '{cgroup}',
    help: 'Cgroups below it; the dying are removed, but their memory is not yet let go.',
    source: 'v2, and v1 with a unified hierarchy: cgroup.stat nr_descendants',
    since,
  },
  {
    column: 'descendants_dying',
    prom: 'candor_container_cgroup_descendants',
    labels: { state: 'dying' },
    otel: 'candor.container.cgroup.descendants',
    attributes: { 'candor.cgroup.state': 'dying' },
    kind: 'gauge',
    unit: '{cgroup}',
    help: 'Cgroups below it; the dying are removed, but their memory is not yet let go.',
    source: 'v2, and v1 with a unified hierarchy: cgroup.stat nr_dying_descendants',
    since,
  },
]

const pressure = (['cpu', 'memory', 'io'] as const).flatMap((resource) =>
  (['waiting', 'stalled'] as const).map((verb): Metric => ({
    column: `pressure_${resource}_${verb}_seconds`,
    prom: `container_pressure_${resource}_${verb}_seconds_total`,
    otel: 'candor.container.pressure.time',
    attributes: { 'candor.pressure.resource': resource, 'candor.pressure.kind': verb },
    kind: 'counter',
    unit: 's',
    help:
      verb === 'waiting'
        ? `Time in which at least one task of the cgroup waited for ${resource}.`
        : `Time in which every task of the cgroup that could run waited for ${resource}.`,
    source: `${resource}.pressure \`${verb === 'waiting' ? 'some' : 'full'} total\` (µs); v2, and v1 with a unified hierarchy`,
    since,
  })),
)

export const container = {
  name: 'container',
  entity: 'container',
  keys: [],
  rows: 'one a cgroup',
  metrics: [
    ...containerCpu,
    ...containerMemory,
    ...containerMemoryLimits,
    ...containerMemoryEvents,
    ...pids,
    ...pressure,
    ...life,
  ],
} as const satisfies Table
