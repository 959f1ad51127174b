import type { AlertRule } from '../rule.ts'

/** Everything stood still for memory: by then the machine thrashes, and no threshold is too early. */
export const rule: AlertRule = {
  alert: 'HostMemoryPressureHigh',
  expr: 'rate(node_pressure_memory_stalled_seconds_total[5m]) > 0.1',
  for: '5m',
  severity: 'critical',
  summary: '{{ $labels.instance }} stands still for lack of memory.',
  description:
    'In {{ $value | humanizePercentage }} of the last 5 minutes every task that could run waited for memory.',
}
