import type { AlertRule } from '../rule.ts'

/** systemd-timesyncd asks at least each 34 minutes; a clock of another program has no such series. */
export const rule: AlertRule = {
  alert: 'HostClockNotSynchronised',
  expr: 'time() - candor_machine_clock_synchronized_timestamp_seconds > 2 * 3600',
  for: '10m',
  severity: 'warning',
  summary: 'The clock of {{ $labels.instance }} is not synchronised any more.',
  description:
    'systemd-timesyncd last took the time from a server {{ $value | humanizeDuration }} ago.',
}
