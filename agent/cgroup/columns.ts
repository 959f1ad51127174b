/** Places of the container table's columns, by what they hold. */
import { container } from '../../catalog/tables/container.ts'
import { columnOf } from '../../catalog/tables.ts'
import type { PressureColumns } from '../read/pressure.ts'

const at = (column: string) => columnOf(container, column)

export const COLUMNS = container.metrics.length

export const CPU_USAGE = at('cpu_usage_seconds')
export const CPU_PERIODS = at('cpu_periods')
export const CPU_THROTTLED_PERIODS = at('cpu_throttled_periods')
export const CPU_THROTTLED = at('cpu_throttled_seconds')
export const CPU_QUOTA = at('cpu_quota')
export const CPU_PERIOD = at('cpu_period')
export const CPU_SHARES = at('cpu_shares')
export const CPU_WEIGHT = at('cpu_weight')
export const CPU_EFFECTIVE = at('cpu_limit_effective_cores')
export const MEMORY_USAGE = at('memory_usage_bytes')
export const MEMORY_WORKING_SET = at('memory_working_set_bytes')
export const MEMORY_RSS = at('memory_rss_bytes')
export const MEMORY_CACHE = at('memory_cache_bytes')
export const MEMORY_SHMEM = at('memory_shmem_bytes')
export const MEMORY_ACTIVE_FILE = at('memory_active_file_bytes')
export const MEMORY_INACTIVE_FILE = at('memory_inactive_file_bytes')
export const MEMORY_MAPPED_FILE = at('memory_mapped_file_bytes')
export const MEMORY_LIMIT = at('memory_limit_bytes')
export const MEMORY_EFFECTIVE = at('memory_limit_effective_bytes')
export const OOM_KILLS = at('oom_kills')
export const THREADS = at('threads')
export const THREADS_MAX = at('threads_max')
export const CPU_USER = at('cpu_user_seconds')
export const CPU_SYSTEM = at('cpu_system_seconds')
export const CPU_BURST_PERIODS = at('cpu_burst_periods')
export const CPU_BURST_SECONDS = at('cpu_burst_seconds')
export const CPU_BURST = at('cpu_burst')
export const CPU_IDLE = at('cpu_idle')
export const CPUSET_CPUS = at('cpuset_cpus')
export const CPUSET_MEMS = at('cpuset_mems')
export const CPUSET_CPUS_EFFECTIVE = at('cpuset_cpus_effective')
export const MEMORY_SWAP = at('memory_swap_bytes')
export const MEMORY_AVAILABLE = at('memory_available_bytes')
export const MEMORY_MAX_USAGE = at('memory_max_usage_bytes')
export const MEMORY_FAILCNT = at('memory_failcnt')
export const MEMORY_KERNEL = at('memory_kernel_bytes')
export const PGFAULT_CONTAINER = at('memory_pgfault_container')
export const PGFAULT_HIERARCHY = at('memory_pgfault_hierarchy')
export const PGMAJFAULT_CONTAINER = at('memory_pgmajfault_container')
export const PGMAJFAULT_HIERARCHY = at('memory_pgmajfault_hierarchy')
export const EVENTS_HIGH = at('memory_events_high')
export const EVENTS_MAX = at('memory_events_max')
export const EVENTS_LOW = at('memory_events_low')
export const EVENTS_OOM = at('memory_events_oom')
export const EVENTS_OOM_GROUP_KILL = at('memory_events_oom_group_kill')
export const FILE_DIRTY = at('memory_file_dirty_bytes')
export const FILE_WRITEBACK = at('memory_file_writeback_bytes')
/** Pages that the kernel writes by and by, whether or not anything runs in the cgroup. */
export const isBeingWritten = (values: Float64Array): boolean =>
  values[FILE_DIRTY]! > 0 || values[FILE_WRITEBACK]! > 0
export const PGSCAN = at('memory_pgscan')
export const PGSTEAL = at('memory_pgsteal')
export const REFAULT_FILE = at('memory_workingset_refault_file')
export const REFAULT_ANON = at('memory_workingset_refault_anon')
export const SLAB_RECLAIMABLE = at('memory_slab_reclaimable_bytes')
export const SLAB_UNRECLAIMABLE = at('memory_slab_unreclaimable_bytes')
export const SOCK = at('memory_sock_bytes')
export const PAGETABLES = at('memory_pagetables_bytes')
export const PERCPU = at('memory_percpu_bytes')
export const KERNEL_STACK = at('memory_kernel_stack_bytes')
export const ZSWAP = at('memory_zswap_bytes')
export const ZSWAPPED = at('memory_zswapped_bytes')
export const ANON_THP = at('memory_anon_thp_bytes')
export const MEMSW_LIMIT = at('memory_swap_limit_bytes')
export const SWAP_LIMIT = at('swap_limit_bytes')
export const MEMORY_RESERVATION = at('memory_reservation_limit_bytes')
export const MEMORY_HIGH = at('memory_high_bytes')
export const MEMORY_LOW = at('memory_low_bytes')
export const MEMORY_MIN = at('memory_min_bytes')
export const MEMORY_MIGRATE = at('memory_migrate')
export const THREADS_EFFECTIVE = at('threads_limit_effective')
export const PIDS_MAX_EVENTS = at('pids_max_events')
export const PIDS_PEAK = at('pids_peak')
export const PROCESSES = at('processes')
export const FILE_DESCRIPTORS = at('file_descriptors')
export const SOCKETS = at('sockets')
export const ULIMIT_OPEN_FILES = at('ulimit_max_open_files')
export const START_TIME = at('start_time_seconds')
export const CREATION_TIME = at('creation_time_seconds')
export const LAST_SEEN = at('last_seen_seconds')
export const DESCENDANTS_LIVE = at('descendants_live')
export const DESCENDANTS_DYING = at('descendants_dying')

export const PRESSURE: readonly { file: string; columns: PressureColumns }[] = (
  ['cpu', 'memory', 'io'] as const
).map((resource) => ({
  file: `${resource}.pressure`,
  columns: {
    some: at(`pressure_${resource}_waiting_seconds`),
    full: at(`pressure_${resource}_stalled_seconds`),
  },
}))
