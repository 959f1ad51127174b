import type { AlertRule } from '../rule.ts'

/**
 * node_exporter has a series of the same name and reports collectors that the machine cannot have,
 * so only instances that are our agents count.
 */
export const rule: AlertRule = {
  alert: 'CandorReaderFailed',
  expr: 'node_scrape_collector_success == 0 and on (job, instance) candor_agent_build_info',
  for: '10m',
  severity: 'warning',
  summary: 'The agent on {{ $labels.instance }} cannot read {{ $labels.collector }}.',
  description:
    'The reader {{ $labels.collector }} has failed for 10 minutes; its series are absent, and rules about them are silent.',
}
