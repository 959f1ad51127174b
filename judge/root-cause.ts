/**
 * One finding for one cause. A JVM that cannot see its quota counts too many CPUs, makes too many
 * threads and is stopped in its pauses: these are told as consequences of the first, since whoever
 * mends that mends all of them.
 *
 * What explains what is data: `explainedBy` of a rule lists its causes, the first of them that is
 * raised on the same entity wins. A verdict may know better: `notFrom` has those that are none here.
 */
import { type FindingRule, findingRules, type Severity } from '../catalog/finding.ts'
import type { Finding } from './lifecycle.ts'

/** What is needed of a finding to tell its cause. */
export type Caused = Pick<Finding, 'id' | 'rule' | 'severity' | 'notFrom'>

export interface RootCause<F extends Caused = Finding> {
  readonly finding: F
  /** What it explains, directly or through others; in the order in which they were given. */
  readonly consequences: readonly F[]
  /** The worst of all of them. */
  readonly severity: Severity
}

const SEVERITIES: readonly Severity[] = ['critical', 'high', 'warning', 'info']

/** Raised findings of any entities; causes keep the order in which they were given. */
export function underRootCauses<F extends Caused>(findings: readonly F[]): RootCause<F>[] {
  const causes = new Map<F, F>()
  for (const onEntity of Map.groupBy(findings, entityOf).values()) {
    const byRule = new Map<string, F>(onEntity.map((each) => [each.rule, each]))
    for (const finding of onEntity) causes.set(finding, rootOf(finding, byRule))
  }
  const consequences = Map.groupBy(findings, (finding) => causes.get(finding) ?? finding)
  return findings
    .filter((finding) => causes.get(finding) === finding)
    .map((finding) => {
      const all = consequences.get(finding) ?? [finding]
      return {
        finding,
        consequences: all.filter((each) => each !== finding),
        severity: worstOf(all),
      }
    })
}

/** What is behind the rule in the id of a finding. */
const entityOf = ({ id }: Caused): string => id.slice(id.indexOf('/'))

/** Ends, since no rule explains itself by way of others: a test holds that of the catalogue. */
function rootOf<F extends Caused>(finding: F, byRule: ReadonlyMap<string, F>): F {
  const { explainedBy }: FindingRule = findingRules[finding.rule]
  const isCause = (rule: string) =>
    byRule.has(rule) && !(finding.notFrom as readonly string[] | undefined)?.includes(rule)
  const cause = explainedBy?.find(isCause)
  return cause === undefined ? finding : rootOf(byRule.get(cause)!, byRule)
}

const worstOf = (findings: readonly Caused[]): Severity =>
  SEVERITIES.find((severity) => findings.some((each) => each.severity === severity)) ?? 'info'

/** What led to its place among the others is not told with it. */
type Told<F> = Omit<F, 'notFrom'>

/** A finding as it is told: with what follows from it, and as severe as the worst of that. */
export type WithConsequences<F extends Caused> = Told<F> & {
  readonly severity: Severity
  readonly consequences: readonly Told<F>[]
}

export const withConsequences = <F extends Caused>(findings: readonly F[]): WithConsequences<F>[] =>
  underRootCauses(findings).map(({ finding, consequences, severity }) => ({
    ...told(finding),
    severity,
    consequences: consequences.map(told),
  }))

function told<F extends Caused>(finding: F): Told<F> {
  const { notFrom: _, ...others } = finding
  return others
}
