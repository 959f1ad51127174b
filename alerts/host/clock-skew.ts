import type { AlertRule } from '../rule.ts'

/** What is served may be as old as a pass may be, 15 seconds: less than twice that means nothing. */
export const rule: AlertRule = {
  alert: 'HostClockSkew',
  expr: 'abs(node_time_seconds - timestamp(node_time_seconds)) > 30',
  for: '10m',
  severity: 'warning',
  summary: 'The clock of {{ $labels.instance }} is not that of Prometheus.',
  description: 'They are {{ $value | humanizeDuration }} apart.',
}
