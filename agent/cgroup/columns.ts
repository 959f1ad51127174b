/** Places of the container table's columns, by what they hold. */
import { container } from '../../catalog/tables/container.ts'
import { columnOf } from '../../catalog/tables.ts'
import type { PressureColumns } from '../read/pressure.ts'

const at = (column: string) => columnOf(container, column)

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

export const PRESSURE: readonly { file: string; columns: PressureColumns }[] = (
  ['cpu', 'memory', 'io'] as const
).map((resource) => ({
  file: `${resource}.pressure`,
  columns: {
    some: at(`pressure_${resource}_waiting_seconds`),
    full: at(`pressure_${resource}_stalled_seconds`),
  },
}))
