/**
 * What a finding rule is, as data: when it may speak, how long it holds, what it means. The judging
 * itself is a pure function in judge/rules, one file a rule.
 */
import type { EntityKind } from './entity.ts'
import { anyRuntimeFindings } from './findings/any-runtime.ts'
import { jvmCpuFindings } from './findings/jvm-cpu.ts'
import { jvmMemoryFindings } from './findings/jvm-memory.ts'
import { machineFindings } from './findings/machine.ts'
import { runtimeFindings } from './findings/runtimes.ts'

export type Severity = 'critical' | 'high' | 'warning' | 'info'

export interface FindingRule {
  readonly id: string
  readonly entity: EntityKind
  readonly title: string
  /** Shortest history that the rule may judge; below it the answer is "not judged". */
  readonly minHistorySeconds: number
  /** Evaluations in a row that must agree before a finding is raised, and before it is cleared. */
  readonly raiseAfter: number
  readonly clearAfter: number
  readonly meaning: string
  readonly falseWhen: string
  /** Rules whose finding on the same entity explains this one: it is told as their consequence. */
  readonly explainedBy?: readonly string[]
  readonly since: string
}

export const findingRules = {
  ...jvmMemoryFindings,
  ...jvmCpuFindings,
  ...runtimeFindings,
  ...anyRuntimeFindings,
  ...machineFindings,
} as const satisfies Record<string, FindingRule>

export type FindingRuleId = keyof typeof findingRules
