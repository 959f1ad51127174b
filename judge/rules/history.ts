/** Whether what a profile saw of the last minutes is long enough for a rule to speak. */
import { type FindingRuleId, findingRules } from '../../catalog/finding.ts'
import type { Recent, RuntimeProfile } from '../profile.ts'

type Watched = { readonly recent: Recent } | { readonly reason: string }

/** What moved, or why it is too little for the rule. */
export const watched = (rule: FindingRuleId, profile: Pick<RuntimeProfile, 'recent'>): Watched =>
  watchedFor(findingRules[rule].minHistorySeconds, profile)

/** The same for a part of a rule that needs more than its other parts. */
export function watchedFor(
  leastSeconds: number,
  { recent }: Pick<RuntimeProfile, 'recent'>,
): Watched {
  const seconds = recent?.seconds ?? 0
  return recent === undefined || seconds < leastSeconds
    ? { reason: `${Math.floor(seconds)} s of history, ${leastSeconds} s are needed` }
    : { recent }
}
