/** Whether what a profile saw of the last hours is long enough for a rule to speak. */
import { type FindingRuleId, findingRules } from '../../catalog/finding.ts'
import type { LongRun, RuntimeProfile } from '../profile.ts'

type LongSeen = { readonly longRun: LongRun } | { readonly reason: string }

/** A day is kept from sample to sample, so that a little of it is always missing. */
const WHOLE_SHARE = 0.95

export function longEnough(
  rule: FindingRuleId,
  { longRun }: Pick<RuntimeProfile, 'longRun'>,
): LongSeen {
  const { minHistorySeconds } = findingRules[rule]
  const seconds = longRun?.seconds ?? 0
  return longRun === undefined || seconds < WHOLE_SHARE * minHistorySeconds
    ? { reason: `${Math.floor(seconds)} s of history, ${minHistorySeconds} s are needed` }
    : { longRun }
}

/** The same for a slope, which is taken of fewer hours. */
export function slopeOf(rule: FindingRuleId, profile: Pick<RuntimeProfile, 'longRun'>): LongSeen {
  const { longRun } = profile
  const seconds = longRun?.slopeSeconds ?? 0
  const { minHistorySeconds } = findingRules[rule]
  return longRun === undefined || seconds < WHOLE_SHARE * minHistorySeconds
    ? { reason: `${Math.floor(seconds)} s of history, ${minHistorySeconds} s are needed` }
    : { longRun }
}
