/**
 * What a finding rule is, as data: when it may speak, how long it holds, what it means. The judging
 * itself is a pure function in judge/rules, one file a rule.
 */
import { type EntityKind, entities } from './entity.ts'
import { anyRuntimeFindings } from './findings/any-runtime.ts'
import { jvmCpuFindings } from './findings/jvm-cpu.ts'
import { jvmMemoryFindings } from './findings/jvm-memory.ts'
import { machineFindings } from './findings/machine.ts'
import { runtimeFindings } from './findings/runtimes.ts'
import { storeFindings } from './findings/store.ts'

export type Severity = 'critical' | 'high' | 'warning' | 'info'

/** An entity, or the store of the collector that judges: we are no better than others. */
export type FindingSubject = EntityKind | 'store'

/** Attributes that together name one of them for ever. */
export const subjects = {
  machine: entities.machine.identity,
  container: entities.container.identity,
  runtime: entities.runtime.identity,
  store: ['host.name', 'candor.store'],
} as const satisfies Record<FindingSubject, readonly string[]>

export interface FindingRule {
  readonly id: string
  readonly entity: FindingSubject
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
  ...storeFindings,
} as const satisfies Record<string, FindingRule>

export type FindingRuleId = keyof typeof findingRules
