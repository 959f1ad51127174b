/** Whether the quota did stop anyone: rules about how many run at once are graver where it did. */
import { shared } from '../../catalog/findings/gradings/shared.ts'
import type { Severity } from '../../catalog/finding.ts'
import type { Evidence } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { throttled } from './cpu.ts'

export const isStopped = (profile: RuntimeProfile): boolean =>
  (throttled(profile)?.value ?? 0) > shared.stoppedRatio.value

export const byHarm = (profile: RuntimeProfile, harmed: Severity, else_: Severity): Severity =>
  isStopped(profile) ? harmed : else_

/** Nothing where it was not measured. */
export function stops(profile: RuntimeProfile): readonly Evidence[] {
  const share = throttled(profile)
  return share === undefined ? [] : [share.evidence]
}
