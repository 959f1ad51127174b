import type { AlertRule } from '../rule.ts'

/** MemAvailable, never MemFree: memory that caches hold is not in use. */
export const rule: AlertRule = {
  alert: 'HostMemoryLow',
  expr: 'node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes < 0.05',
  for: '10m',
  severity: 'warning',
  summary: '{{ $labels.instance }} has hardly any memory left.',
  description: '{{ $value | humanizePercentage }} of the memory can still be given out.',
}
