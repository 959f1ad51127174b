/**
 * What a finding rule is, as data: when it may speak, how long it holds, what it means. The judging
 * itself is a pure function in judge/rules, one file a rule.
 */
import type { EntityKind } from './entity.ts'

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
  readonly since: string
}

export const findingRules = {
  'jvm.heap-exceeds-limit': {
    id: 'jvm.heap-exceeds-limit',
    entity: 'runtime',
    title: 'The heap may grow beyond the memory limit',
    minHistorySeconds: 0,
    raiseAfter: 1,
    clearAfter: 3,
    meaning:
      'The JVM believes it may grow its heap to a size that the kernel does not grant. It will be killed (exit 137) without an OutOfMemoryError, since it collects under heap pressure, not under limit pressure.',
    falseWhen:
      'The limit sits on a shared slice whose other members are idle, or the collector is Epsilon on purpose.',
    since: '0.1',
  },
  'strand.cpu': {
    id: 'strand.cpu',
    entity: 'machine',
    title: 'Free CPU that nobody can use, for lack of memory',
    minHistorySeconds: 3600,
    raiseAfter: 2,
    clearAfter: 3,
    meaning:
      'CPU is free, but the memory that is left is smaller than what a typical workload of this fleet asks for, so nothing more can be placed here.',
    falseWhen:
      'The machine is drained or kept free on purpose, or the limits that fill its memory are far above use: then lower those first.',
    since: '0.1',
  },
  'strand.mem': {
    id: 'strand.mem',
    entity: 'machine',
    title: 'Free memory that nobody can use, for lack of CPU',
    minHistorySeconds: 3600,
    raiseAfter: 2,
    clearAfter: 3,
    meaning:
      'Memory is free, but the CPU that is left is smaller than what a typical workload of this fleet asks for, so nothing more can be placed here.',
    falseWhen:
      'The machine is drained or kept free on purpose, or the quotas that fill its CPU are far above use: then lower those first.',
    since: '0.1',
  },
} as const satisfies Record<string, FindingRule>

export type FindingRuleId = keyof typeof findingRules
