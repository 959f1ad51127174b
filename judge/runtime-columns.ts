/**
 * Which columns of the catalogue the profile of a runtime is made of, by the name that the figure has
 * in the profile. A collector makes its query from these lists, `candor check` reads its passes by
 * them: a figure that is added here is there in both.
 */

/** Of the table `runtime`, in the newest row. */
export const runtimeNewest = {
  osThreads: 'os_threads',
  rssAnonBytes: 'rss_anon_bytes',
  rssFileBytes: 'rss_file_bytes',
  rssShmemBytes: 'rss_shmem_bytes',
  swapBytes: 'swap_bytes',
  affinityCpus: 'affinity_cpus',
  believedCpus: 'believed_cpus',
  believedMemoryBytes: 'believed_memory_bytes',
  workers: 'workers',
  poolThreads: 'pool_threads',
  mallocArenas: 'malloc_arenas',
  heapMaxBytes: 'heap_max_bytes',
  heapCommittedBytes: 'heap_committed_bytes',
  heapUsedBytes: 'heap_used_bytes',
  heapLiveBytes: 'heap_live_bytes',
  metaspaceCommittedBytes: 'metaspace_committed_bytes',
  classes: 'classes',
  codeResidentBytes: 'code_resident_bytes',
  gcThreads: 'gc_threads',
  compilerThreads: 'compiler_threads',
} as const

/** Of the table `container`, in the newest row: what is set on a cgroup itself, and how many run in it. */
export const containerNewest = {
  memoryHighBytes: 'memory_high_bytes',
  swapLimitBytes: 'swap_limit_bytes',
  cpuShares: 'cpu_shares',
  cpuWeight: 'cpu_weight',
  threadsInCgroup: 'threads',
  threadsLimit: 'threads_limit_effective',
  memoryRequestBytes: 'memory_reservation_limit_bytes',
} as const

/** Of the table `container`, in the newest row: where its memory is. */
export const containerMemory = {
  usageBytes: 'memory_usage_bytes',
  anonBytes: 'memory_rss_bytes',
  cacheBytes: 'memory_cache_bytes',
  shmemBytes: 'memory_shmem_bytes',
  kernelBytes: 'memory_kernel_bytes',
  swapBytes: 'memory_swap_bytes',
  dirtyBytes: 'memory_file_dirty_bytes',
  writebackBytes: 'memory_file_writeback_bytes',
  inactiveFileBytes: 'memory_inactive_file_bytes',
} as const

/** Counters of the table `runtime`: what they grew by. */
export const runtimeGrowth = {
  cpuSeconds: 'process_cpu_seconds',
  gcCpuSeconds: 'gc_cpu_seconds',
  gcCpuReportedSeconds: 'gc_cpu_reported_seconds',
  jitCpuSeconds: 'jit_cpu_seconds',
  stopSeconds: 'stop_seconds',
  safepointSeconds: 'safepoint_seconds',
  safepoints: 'safepoints',
  fullCollections: 'full_collections',
  allocationStalls: 'allocation_stalls',
  explicitCollections: 'explicit_collections',
} as const

/** Counters of the table `container` that only the cgroup with the quota counts. */
export const quotaGrowth = {
  periods: 'cpu_periods',
  throttledPeriods: 'cpu_throttled_periods',
  throttledSeconds: 'cpu_throttled_seconds',
} as const

/** Counters of the table `container`: what they grew by. */
export const containerGrowth = {
  ...quotaGrowth,
  cgroupCpuSeconds: 'cpu_usage_seconds',
  memoryHighEvents: 'memory_events_high',
  scannedPages: 'memory_pgscan',
  refaultedFilePages: 'memory_workingset_refault_file',
  majorFaults: 'memory_pgmajfault_hierarchy',
  oomKills: 'oom_kills',
  memorySomeSeconds: 'pressure_memory_waiting_seconds',
  memoryFullSeconds: 'pressure_memory_stalled_seconds',
  ioFullSeconds: 'pressure_io_stalled_seconds',
  cpuSomeSeconds: 'pressure_cpu_waiting_seconds',
} as const

/** What was absent is null. */
export type Figures<Columns> = { readonly [Name in keyof Columns]: number | null }

/** Figures of one list out of whatever tells the value of a column. */
export const figuresBy = <Columns extends Readonly<Record<string, string>>>(
  columns: Columns,
  read: (column: string) => number | null | undefined,
): Figures<Columns> =>
  Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [name, read(column) ?? null]),
  ) as Figures<Columns>
