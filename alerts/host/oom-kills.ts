import type { AlertRule } from '../rule.ts'

/** Fires at once: the process is dead already, and a restart hides it from everyone else. */
export const rule: AlertRule = {
  alert: 'HostOomKills',
  expr: 'increase(node_vmstat_oom_kill[10m]) > 0',
  for: '0s',
  severity: 'warning',
  summary: 'The kernel killed a process on {{ $labels.instance }} for lack of memory.',
  description: 'About {{ $value | humanize }} processes were killed in the last 10 minutes.',
}
