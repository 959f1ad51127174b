/** Every rule that judges an entity of a kind, by the rule's id. */
import type { FindingRuleId } from '../../catalog/finding.ts'
import { isBuildTool } from '../ergonomics/jvm-programs.ts'
import { type Judgement, notJudged } from '../finding.ts'
import type { MachineProfile, RequestMix, RuntimeKind, RuntimeProfile } from '../profile.ts'
import { anyRuntimeRules } from './any-runtime-rules.ts'
import { jvmCpuRules } from './jvm-cpu-rules.ts'
import { jvmMemoryRules } from './jvm-memory-rules.ts'
import type { RuntimeRule } from './rule.ts'
import { otherRuntimeRules } from './runtime-rules.ts'
import { judgeStrand } from './strand.ts'
import { mayBeTool } from './together.ts'

export const runtimeRules: readonly RuntimeRule[] = [
  ...jvmMemoryRules,
  ...jvmCpuRules,
  ...otherRuntimeRules,
  ...anyRuntimeRules,
]

export const rulesAbout = (kind: RuntimeKind): readonly RuntimeRule[] =>
  runtimeRules.filter(({ about }) => about === 'every' || about.includes(kind))

export function judgeRuntime(profile: RuntimeProfile): ReadonlyMap<FindingRuleId, Judgement> {
  const rules = rulesAbout(profile.runtime)
  // Nobody sizes a compiler or the daemon of a build for long.
  if (profile.runtime === 'jvm' && isBuildTool(profile))
    return new Map(
      rules.map(({ id }) => [id, notJudged('a build tool takes what it gets and goes')]),
    )
  if (mayBeTool(profile))
    return new Map(
      rules.map(({ id }) => [
        id,
        notJudged('it came after others in its cgroup, and may be a tool that goes at once'),
      ]),
    )
  return new Map(rules.map((rule) => [rule.id, rule.judge(profile)]))
}

export const judgeMachine = (
  profile: MachineProfile,
  mix: RequestMix,
): ReadonlyMap<FindingRuleId, Judgement> =>
  new Map([
    ['strand.cpu', judgeStrand('strand.cpu', profile, mix)],
    ['strand.mem', judgeStrand('strand.mem', profile, mix)],
  ])
