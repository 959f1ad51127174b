/** Every rule on every profile: the judgements of one evaluation. */
import type { FindingRuleId } from '../catalog/finding.ts'
import { type Judgement, notJudged } from './finding.ts'
import type { Judged } from './lifecycle.ts'
import type { RequestMix, RuntimeProfile, Subject } from './profile.ts'
import type { Profiles } from './profiles.ts'
import { judgeMachine, judgeRuntime, rulesAbout } from './rules/rules.ts'

export function judge(
  { runtimes, machines }: Pick<Profiles, 'runtimes' | 'machines'>,
  mix: RequestMix,
): Judged[] {
  return [
    ...runtimes.flatMap(({ profile, unread }) =>
      spread(profile, unread === undefined ? judgeRuntime(profile) : blind(profile, unread)),
    ),
    ...machines.flatMap((profile) => spread(profile, judgeMachine(profile, mix))),
  ]
}

const spread = (
  subject: Subject,
  judgements: Iterable<readonly [FindingRuleId, Judgement]>,
): Judged[] => Array.from(judgements, ([rule, judgement]) => ({ subject, rule, judgement }))

/** Of a runtime whose limits were not read, no rule can say that all is well. */
const blind = ({ runtime }: RuntimeProfile, reason: string): [FindingRuleId, Judgement][] =>
  rulesAbout(runtime).map(({ id }) => [id, notJudged(reason)])
