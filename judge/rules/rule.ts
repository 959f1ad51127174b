/** What a rule about runtimes is: whom it is about, and the pure function that judges. */
import type { FindingRuleId } from '../../catalog/finding.ts'
import type { Judgement } from '../finding.ts'
import type { RuntimeKind, RuntimeProfile } from '../profile.ts'

export interface RuntimeRule {
  readonly id: FindingRuleId
  /** The kinds that it is about; of all others it says nothing. */
  readonly about: readonly RuntimeKind[] | 'every'
  judge(profile: RuntimeProfile): Judgement
}
