import type { AlertRule } from '../rule.ts'

/**
 * `up` of a scrape stays 1 as long as the agent answers; this one notices that it answers with old
 * figures. Where agents push, nothing answers and the newest pass is soon beyond the look-back: hence the
 * hour, and `up`, without which a machine that is meant to be gone would be missed for as long.
 */
export const rule: AlertRule = {
  alert: 'CandorAgentStale',
  expr: 'time() - last_over_time(candor_agent_pass_timestamp_seconds[1h]) > 120 and on (job, instance) up',
  for: '5m',
  severity: 'warning',
  summary: 'There are no new figures of {{ $labels.instance }}.',
  description: 'The newest pass of its agent is {{ $value | humanizeDuration }} old.',
}
