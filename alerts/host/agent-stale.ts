import type { AlertRule } from '../rule.ts'

/** `up` stays 1 as long as the agent answers; this one notices that it answers with old figures. */
export const rule: AlertRule = {
  alert: 'CandorAgentStale',
  expr: 'time() - candor_agent_pass_timestamp_seconds > 120',
  for: '5m',
  severity: 'warning',
  summary: 'The agent on {{ $labels.instance }} serves old figures.',
  description: 'Its newest pass is {{ $value | humanizeDuration }} old.',
}
