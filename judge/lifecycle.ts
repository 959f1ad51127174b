/**
 * From judgements to findings that last: a finding is raised when a rule said so often enough in a
 * row, and cleared when it said otherwise often enough. Pure; the state is plain data that can be
 * kept as JSON.
 *
 * Where a rule could not judge, everything stays as it was: silence clears nothing and raises
 * nothing. An entity that its machine no longer reports takes its findings with it at once; a machine
 * that is silent keeps them.
 */
import { type FindingRuleId, findingRules, subjects } from '../catalog/finding.ts'
import { type Judgement, notJudged, type Verdict } from './finding.ts'
import type { Subject } from './profile.ts'

export interface Judged {
  readonly subject: Subject
  readonly rule: FindingRuleId
  readonly judgement: Judgement
  /** It was judged before and nothing was asked since: that counts neither for nor against. */
  readonly isOld?: boolean
}

export interface Finding extends Verdict {
  /** Stable over evaluations, restarts and collectors. */
  readonly id: string
  /** Identity attributes. */
  readonly entity: Readonly<Record<string, string>>
  readonly name: string
  readonly machine: string
  /** First evaluation of this run of agreeing ones, unix ms. */
  readonly firstSeenMs: number
  /** Newest evaluation that found it. */
  readonly lastSeenMs: number
}

/** A finding that is raised, or on its way there or back. */
export interface Tracked {
  readonly finding: Finding
  readonly raised: boolean
  /** Evaluations in a row that speak against the present state. */
  readonly against: number
}

/** By finding id. */
export type LifecycleState = Readonly<Record<string, Tracked>>

export const NOTHING_YET: LifecycleState = {}

/** A machine that was silent for so long does not come back as it was. */
const FORGET_MS = 86_400_000

/**
 * Findings on machines that do not report: nobody can say that they are over, so they stay as they
 * are, for a day. The store is on none of them. `reporting` has the host.id of every machine that does report.
 */
export function silenced(
  state: LifecycleState,
  reporting: ReadonlySet<string>,
  nowMs: number,
): Judged[] {
  return Object.values(state).flatMap(({ finding: { rule, entity, name, machine, lastSeenMs } }) =>
    findingRules[rule].entity === 'store' ||
    reporting.has(entity['host.id'] ?? '') ||
    nowMs - lastSeenMs >= FORGET_MS
      ? []
      : [
          {
            subject: { entity, name, machine },
            rule,
            judgement: notJudged('its machine is silent'),
          },
        ],
  )
}

/** The state after one evaluation of all entities; who is not in `judged` is gone. */
export function advance(
  state: LifecycleState,
  judged: readonly Judged[],
  nowMs: number,
): LifecycleState {
  const next: Record<string, Tracked> = {}
  const tracked = new Set(Object.values(state).map(({ finding }) => finding.rule))
  for (const each of judged) {
    // Nearly all is fine, and nothing was ever found by most rules: no id need be made of these.
    if (each.judgement.kind !== 'finding' && !tracked.has(each.rule)) continue
    const id = findingId(each.rule, each.subject)
    const after = step(state[id], id, each, nowMs)
    if (after !== undefined) next[id] = after
  }
  return next
}

function step(
  before: Tracked | undefined,
  id: string,
  { subject, rule, judgement, isOld }: Judged,
  nowMs: number,
): Tracked | undefined {
  if (isOld === true) return before
  const { raiseAfter, clearAfter } = findingRules[rule]
  switch (judgement.kind) {
    case 'not-judged':
      return before
    case 'fine': {
      // A finding on its way up must be found in a row, so one miss forgets it.
      if (before?.raised !== true) return undefined
      const against = before.against + 1
      return against >= clearAfter ? undefined : { ...before, against }
    }
    case 'finding': {
      const finding: Finding = {
        ...judgement.verdict,
        id,
        entity: subject.entity,
        name: subject.name,
        machine: subject.machine,
        firstSeenMs: before?.finding.firstSeenMs ?? nowMs,
        lastSeenMs: nowMs,
      }
      if (before?.raised === true) return { finding, raised: true, against: 0 }
      const against = (before?.against ?? 0) + 1
      return against >= raiseAfter
        ? { finding, raised: true, against: 0 }
        : { finding, raised: false, against }
    }
  }
}

export const raisedFindings = (state: LifecycleState): readonly Finding[] =>
  Object.values(state).flatMap(({ finding, raised }) => (raised ? [finding] : []))

/**
 * Rule and identity of the entity, readable and safe in an address:
 * `jvm.heap-exceeds-limit/4f2a…/4242/2026-11-21T08:22:00.050Z`.
 */
export function findingId(rule: FindingRuleId, { entity }: Pick<Subject, 'entity'>): string {
  const identity: readonly string[] = subjects[findingRules[rule].entity]
  return [rule, ...identity.map((attribute) => encode(entity[attribute] ?? ''))].join('/')
}

const encode = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replaceAll('%3A', ':')
