/** Every rule that judges an entity of a kind, by the rule's id. */
import type { FindingRuleId } from '../../catalog/finding.ts'
import type { Judgement } from '../finding.ts'
import type { JvmProfile, MachineProfile, RequestMix } from '../profile.ts'
import { judgeHeapExceedsLimit } from './jvm-heap-exceeds-limit.ts'
import { judgeStrand } from './strand.ts'

export const judgeRuntime = (profile: JvmProfile): ReadonlyMap<FindingRuleId, Judgement> =>
  new Map([['jvm.heap-exceeds-limit', judgeHeapExceedsLimit(profile)]])

export const judgeMachine = (
  profile: MachineProfile,
  mix: RequestMix,
): ReadonlyMap<FindingRuleId, Judgement> =>
  new Map([
    ['strand.cpu', judgeStrand('strand.cpu', profile, mix)],
    ['strand.mem', judgeStrand('strand.mem', profile, mix)],
  ])
