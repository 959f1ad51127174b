import type { AlertRule } from '../rule.ts'

/** The line `full`: backups make some task wait for I/O all night, and that is nobody's problem. */
export const rule: AlertRule = {
  alert: 'HostIoPressureHigh',
  expr: 'rate(node_pressure_io_stalled_seconds_total[5m]) > 0.5',
  for: '15m',
  severity: 'warning',
  summary: '{{ $labels.instance }} stands still for I/O.',
  description:
    'In {{ $value | humanizePercentage }} of the last 5 minutes every task that could run waited for I/O.',
}
