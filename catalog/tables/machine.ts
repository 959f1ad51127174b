/** One row a machine a pass: /proc/{stat,meminfo,vmstat,loadavg,pressure,uptime}. */
import type { Metric, Table } from '../metric.ts'

const since = '0.1'
const STAT = '/proc/stat'

const stat: readonly Metric[] = [
  {
    column: 'cpu_cores',
    prom: 'candor_machine_cpus',
    otel: 'system.cpu.logical.count',
    kind: 'gauge',
    unit: '{cpu}',
    help: 'CPUs that are online; threads, not cores, where SMT is on.',
    source: `${STAT}, lines \`cpuN\``,
    since,
  },
  {
    column: 'context_switches',
    prom: 'node_context_switches_total',
    otel: 'candor.system.context_switches',
    kind: 'counter',
    unit: '{switch}',
    help: 'Context switches.',
    source: `${STAT} \`ctxt\``,
    since,
  },
  {
    column: 'interrupts',
    prom: 'node_intr_total',
    otel: 'candor.system.interrupts',
    kind: 'counter',
    unit: '{interrupt}',
    help: 'Interrupts serviced.',
    source: `${STAT} \`intr\`, first number`,
    since,
  },
  {
    column: 'forks',
    prom: 'node_forks_total',
    otel: 'system.process.created',
    kind: 'counter',
    unit: '{process}',
    help: 'Processes and threads created.',
    source: `${STAT} \`processes\``,
    since,
  },
  {
    column: 'boot_time_seconds',
    prom: 'node_boot_time_seconds',
    otel: 'candor.system.boot.time',
    kind: 'gauge',
    unit: 's',
    help: 'Unix time at which the kernel booted.',
    source: `${STAT} \`btime\``,
    since,
  },
  {
    column: 'procs_running',
    prom: 'node_procs_running',
    otel: 'candor.system.tasks.running',
    kind: 'gauge',
    unit: '{task}',
    help: 'Tasks that run or wait for a CPU.',
    source: `${STAT} \`procs_running\``,
    since,
  },
  {
    column: 'procs_blocked',
    prom: 'node_procs_blocked',
    otel: 'candor.system.tasks.blocked',
    kind: 'gauge',
    unit: '{task}',
    help: 'Tasks that wait for I/O.',
    source: `${STAT} \`procs_blocked\``,
    since,
  },
  {
    column: 'uptime_seconds',
    prom: 'candor_machine_uptime_seconds',
    otel: 'system.uptime',
    kind: 'gauge',
    unit: 's',
    help: 'Time since the kernel booted, suspend included.',
    source: '/proc/uptime, first field',
    since,
  },
  ...(['1', '5', '15'] as const).map((minutes): Metric => ({
    column: `load${minutes}`,
    prom: `node_load${minutes}`,
    otel: `system.cpu.load_average.${minutes}m`,
    kind: 'gauge',
    unit: '{thread}',
    help: `Load average over ${minutes} min: tasks that run, wait for a CPU or for I/O.`,
    source: '/proc/loadavg',
    since,
  })),
]

/** What OpenTelemetry's conventions name themselves; every other key is `candor.system.memory.<key>`. */
const MEMORY_OTEL: Record<string, { otel: string; attributes?: Record<string, string> }> = {
  MemTotal: { otel: 'system.memory.limit' },
  MemFree: { otel: 'system.memory.usage', attributes: { 'system.memory.state': 'free' } },
  Buffers: { otel: 'system.memory.usage', attributes: { 'system.memory.state': 'buffers' } },
  Cached: { otel: 'system.memory.usage', attributes: { 'system.memory.state': 'cached' } },
  MemAvailable: { otel: 'system.memory.linux.available' },
  Shmem: { otel: 'system.memory.linux.shared' },
  SReclaimable: {
    otel: 'system.memory.linux.slab.usage',
    attributes: { 'system.memory.linux.slab.state': 'reclaimable' },
  },
  SUnreclaim: {
    otel: 'system.memory.linux.slab.usage',
    attributes: { 'system.memory.linux.slab.state': 'unreclaimable' },
  },
}

const snake = (key: string) =>
  key
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase()

/** [key of /proc/meminfo, help]; `HugePages_*` count pages, all others are KiB in the file. */
const MEMINFO: readonly (readonly [string, string])[] = [
  ['MemTotal', 'Memory that the kernel can use.'],
  ['MemFree', 'Memory that nobody uses.'],
  ['MemAvailable', 'Estimate of what can be allocated without swapping.'],
  ['Buffers', 'Buffer cache of block devices.'],
  ['Cached', 'Page cache, tmpfs included.'],
  ['SwapCached', 'Swapped-out pages that are in memory too.'],
  ['Active', 'Recently used memory.'],
  ['Inactive', 'Memory that was not used for a while.'],
  ['Active(anon)', 'Recently used anonymous memory.'],
  ['Inactive(anon)', 'Anonymous memory that was not used for a while.'],
  ['Active(file)', 'Recently used page cache.'],
  ['Inactive(file)', 'Page cache that was not used for a while.'],
  ['Unevictable', 'Memory that cannot be reclaimed.'],
  ['Mlocked', 'Memory locked by mlock.'],
  ['SwapTotal', 'Swap space.'],
  ['SwapFree', 'Swap space that is free.'],
  ['Zswap', 'Memory used by the compressed swap cache.'],
  ['Zswapped', 'Anonymous memory stored in the compressed swap cache.'],
  ['Dirty', 'Page cache waiting to be written.'],
  ['Writeback', 'Page cache being written.'],
  ['AnonPages', 'Anonymous memory mapped by processes.'],
  ['Mapped', 'Files mapped by processes.'],
  ['Shmem', 'Shared memory and tmpfs; part of the cache that reclaim cannot drop.'],
  ['Slab', 'Data structures of the kernel.'],
  ['SReclaimable', 'Slab that can be reclaimed.'],
  ['SUnreclaim', 'Slab that cannot be reclaimed.'],
  ['KReclaimable', 'Memory of the kernel that it gives back under pressure, slab included.'],
  ['KernelStack', 'Stacks of kernel threads and tasks.'],
  ['PageTables', 'Page tables.'],
  ['SecPageTables', 'Page tables of guests and of the IOMMU.'],
  ['NFS_Unstable', 'NFS pages sent but not yet committed.'],
  ['Bounce', 'Bounce buffers of block devices.'],
  ['WritebackTmp', 'Temporary writeback buffers of FUSE.'],
  ['CommitLimit', 'Memory that may be promised, by the overcommit settings.'],
  ['Committed_AS', 'Memory that has been promised.'],
  ['VmallocTotal', 'Size of the vmalloc area.'],
  ['VmallocUsed', 'Used part of the vmalloc area.'],
  ['VmallocChunk', 'Largest free block of the vmalloc area.'],
  ['Percpu', 'Memory of the per-CPU allocator.'],
  ['HardwareCorrupted', 'Memory that the kernel found broken.'],
  ['AnonHugePages', 'Anonymous transparent huge pages.'],
  ['ShmemHugePages', 'Transparent huge pages of shared memory and tmpfs.'],
  ['ShmemPmdMapped', 'Shared memory mapped by huge pages.'],
  ['FileHugePages', 'Page cache in huge pages.'],
  ['FilePmdMapped', 'Page cache mapped by huge pages.'],
  ['Balloon', 'Memory that the balloon driver gave back to the hypervisor.'],
  ['Unaccepted', 'Memory of the guest that it has not accepted from the hypervisor yet.'],
  ['CmaTotal', 'Contiguous memory area.'],
  ['CmaFree', 'Free part of the contiguous memory area.'],
  ['HugePages_Total', 'Huge pages in the pool, a count of pages.'],
  ['HugePages_Free', 'Huge pages nobody uses, a count of pages.'],
  ['HugePages_Rsvd', 'Huge pages promised but not yet allocated, a count of pages.'],
  ['HugePages_Surp', 'Huge pages above the configured number, a count of pages.'],
  ['Hugepagesize', 'Size of a huge page.'],
  ['Hugetlb', 'Memory of huge pages of all sizes.'],
  ['DirectMap4k', 'Kernel memory mapped by 4 KiB pages.'],
  ['DirectMap2M', 'Kernel memory mapped by 2 MiB pages.'],
  ['DirectMap1G', 'Kernel memory mapped by 1 GiB pages.'],
]

const memory = MEMINFO.map(([key, help]): Metric => {
  const pages = key.startsWith('HugePages_')
  const name = key.replace(/\((\w+)\)/, '_$1')
  return {
    column: `memory_${snake(name)}${pages ? '' : '_bytes'}`,
    prom: `node_memory_${name}${pages ? '' : '_bytes'}`,
    ...(MEMORY_OTEL[key] ?? { otel: `candor.system.memory.${snake(name)}` }),
    kind: 'gauge',
    unit: pages ? '{page}' : 'By',
    help,
    source: `/proc/meminfo \`${key}\`${pages ? '' : ' × 1024'}`,
    since,
  }
})

const VMSTAT: readonly (readonly [string, string, string, string, Record<string, string>?])[] = [
  ['pgfault', '{fault}', 'Page faults, major ones included.', 'candor.system.paging.faults'],
  [
    'pgmajfault',
    '{fault}',
    'Page faults that had to read from a device.',
    'system.paging.faults',
    { 'system.paging.fault.type': 'major' },
  ],
  ['pgpgin', 'KiBy', 'KiB read from block devices.', 'candor.system.paging.in'],
  ['pgpgout', 'KiBy', 'KiB written to block devices.', 'candor.system.paging.out'],
  [
    'pswpin',
    '{page}',
    'Pages swapped in.',
    'system.paging.operations',
    { 'system.paging.direction': 'in' },
  ],
  [
    'pswpout',
    '{page}',
    'Pages swapped out.',
    'system.paging.operations',
    { 'system.paging.direction': 'out' },
  ],
  [
    'oom_kill',
    '{process}',
    'Processes killed for lack of memory, by a cgroup limit or on the whole machine.',
    'candor.system.oom_kills',
  ],
]

const vmstat = VMSTAT.map(([key, unit, help, otel, attributes]): Metric => ({
  column: `vmstat_${key}`,
  prom: `node_vmstat_${key}`,
  otel,
  ...(attributes && { attributes }),
  kind: 'untyped',
  unit,
  help,
  source: `/proc/vmstat \`${key}\`; a counter, untyped as node_exporter has it`,
  since,
}))

/** [resource, line of the file, verb of the metric]. */
const PRESSURE = [
  ['cpu', 'some', 'waiting'],
  ['memory', 'some', 'waiting'],
  ['memory', 'full', 'stalled'],
  ['io', 'some', 'waiting'],
  ['io', 'full', 'stalled'],
  ['irq', 'full', 'stalled'],
] as const

const pressure = PRESSURE.map(([resource, line, verb]): Metric => ({
  column: `pressure_${resource}_${verb}_seconds`,
  prom: `node_pressure_${resource}_${verb}_seconds_total`,
  otel: 'candor.system.pressure.time',
  attributes: { 'candor.pressure.resource': resource, 'candor.pressure.kind': verb },
  kind: 'counter',
  unit: 's',
  help:
    line === 'some'
      ? `Time in which at least one task waited for ${resource}.`
      : `Time in which every task that could run waited for ${resource}.`,
  source: `/proc/pressure/${resource} \`${line} total\` (µs), Documentation/accounting/psi.rst`,
  since,
}))

export const machine = {
  name: 'machine',
  entity: 'machine',
  keys: [],
  rows: 'one a machine',
  metrics: [...stat, ...memory, ...vmstat, ...pressure],
} as const satisfies Table

/** Keys of /proc/meminfo with the column each fills and its factor to bytes or pages. */
export const meminfoColumns: readonly { key: string; column: string; factor: number }[] =
  MEMINFO.map(([key], i) => ({
    key,
    column: memory[i]!.column,
    factor: key.startsWith('HugePages_') ? 1 : 1024,
  }))

/** Keys of /proc/vmstat with the column each fills. */
export const vmstatColumns: readonly { key: string; column: string }[] = VMSTAT.map(([key]) => ({
  key,
  column: `vmstat_${key}`,
}))
