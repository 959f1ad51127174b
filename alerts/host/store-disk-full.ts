import type { AlertRule } from '../rule.ts'

/** The same forecast as the finding store.disk-full, which is told sooner and pages nobody. */
export const rule: AlertRule = {
  alert: 'CandorStoreDiskFull',
  expr: 'candor_store_disk_full_in_seconds < 3 * 86400',
  for: '30m',
  severity: 'warning',
  summary: 'The disk of the store of {{ $labels.instance }} will be full.',
  description: 'At the rate of its newest days it is full in {{ $value | humanizeDuration }}.',
}
