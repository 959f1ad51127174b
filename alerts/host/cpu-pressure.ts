import type { AlertRule } from '../rule.ts'

/**
 * Pressure, not utilisation: a machine may be busy all day and nobody waits. Short waits are normal
 * on a busy machine, so it takes half of the time over a quarter of an hour.
 */
export const rule: AlertRule = {
  alert: 'HostCpuPressureHigh',
  expr: 'rate(node_pressure_cpu_waiting_seconds_total[5m]) > 0.5',
  for: '15m',
  severity: 'warning',
  summary: 'Tasks on {{ $labels.instance }} wait for a CPU.',
  description:
    'In {{ $value | humanizePercentage }} of the last 5 minutes a task waited for a CPU.',
}
