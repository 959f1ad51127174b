/** Prints rule groups as a Prometheus rule file: `rule_files: [alerts/generated/host.yml]`. */
import { stringify } from 'yaml'
import type { AlertRule, RuleGroup } from './rule.ts'

const NOTICE = '# Printed by `npm run generate` from the rules in alerts/. Do not edit.\n'

/** `homepage` is where the repository can be read; without one, runbooks are paths inside it. */
const runbook = (homepage: string | undefined, path: string) =>
  homepage === undefined ? path : `${homepage.replace(/\/$/, '')}/${path}`

const printRule = (rule: AlertRule, runbookUrl: string) => ({
  alert: rule.alert,
  expr: rule.expr,
  for: rule.for,
  labels: { severity: rule.severity },
  annotations: {
    summary: rule.summary,
    description: rule.description,
    runbook_url: runbookUrl,
  },
})

export function printRuleFile(group: RuleGroup, homepage?: string): string {
  const rules = Object.entries(group.rules).map(([subject, rule]) =>
    printRule(rule, runbook(homepage, `alerts/${group.name}/${subject}.md`)),
  )
  return NOTICE + stringify({ groups: [{ name: group.name, rules }] }, { lineWidth: 0 })
}
