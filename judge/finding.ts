/** What rules are given and what they answer. Pure data: no clock, no store, no machine. */
import type { FindingRuleId, Severity } from '../catalog/finding.ts'

/** A figure that a finding rests on; at most `limits.evidenceItems` a finding. */
export interface Evidence {
  readonly name: string
  readonly value: number
  /** UCUM: `By`, `s`, `1`, `{cpu}`. */
  readonly unit: string
  /** Time that the figure covers; 0 for a setting or a momentary value. */
  readonly windowSeconds: number
  /** Where it comes from: a cgroup path, a kernel file, a counter. */
  readonly source: string
}

/** `exact` when every input was read, `inferred` when one was estimated. */
export type Confidence = 'exact' | 'strong' | 'inferred'

/** What a rule says of one entity; who judged, when and since when is added by the lifecycle. */
export interface Verdict {
  readonly rule: FindingRuleId
  readonly severity: Severity
  readonly confidence: Confidence
  /** One sentence with the figures in it. */
  readonly summary: string
  /** What the workload believes, and what is enforced; absent for rules about machines. */
  readonly believed?: Evidence
  readonly enforced?: Evidence
  readonly evidence: readonly Evidence[]
  /** What to set, with the computed value, ready to paste or to act on. */
  readonly fix: string
  /** Machine-readable figures of the fix, such as `maxRamPercentage`. */
  readonly fixValues: Readonly<Record<string, number>>
  /** Rules that explain one like it elsewhere, and not here. */
  readonly notFrom?: readonly FindingRuleId[]
}

/** The answer of a rule: a verdict, all well, or not judged for a reason that people can read. */
export type Judgement =
  | { readonly kind: 'finding'; readonly verdict: Verdict }
  | { readonly kind: 'fine' }
  | { readonly kind: 'not-judged'; readonly reason: string }

export const FINE: Judgement = { kind: 'fine' }
export const notJudged = (reason: string): Judgement => ({ kind: 'not-judged', reason })
