/**
 * Alert rules as data. Prometheus' rule files are printed from them (print.ts); beside each rule
 * lies its runbook, and below test/alerts a case in which it fires and one in which it does not.
 */
export interface AlertRule {
  /** Name of the rule, and of its heading in the runbook. */
  readonly alert: string
  readonly expr: string
  /** How long the expression must hold, as Prometheus writes durations. */
  readonly for: string
  /** critical: someone gets up. warning: someone looks today. info: it is there to be found. */
  readonly severity: 'critical' | 'warning' | 'info'
  readonly summary: string
  readonly description: string
}

export interface RuleGroup {
  /** Also the folder of its rules and runbooks below alerts/. */
  readonly name: string
  /** By the name of the file that the rule stands in; its runbook lies beside it. */
  readonly rules: Readonly<Record<string, AlertRule>>
}
