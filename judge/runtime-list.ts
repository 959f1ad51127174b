/**
 * Every runtime in one line: what it believes, what is enforced, what the rules say and what to set.
 * `candor runtimes`, the API and the console show the same lines.
 */
import type { FindingRuleId, Severity } from '../catalog/finding.ts'
import type { Verdict } from './finding.ts'
import { known } from './known.ts'
import type { Judged } from './lifecycle.ts'
import type { Believed, RuntimeKind, RuntimeProfile, Subject } from './profile.ts'
import type { RuntimeSeen } from './profiles.ts'
import { type SupportEnded, supportEnded } from './support.ts'

/** The worst finding; `fine` where at least one rule could judge, and none found anything. */
export type RuntimeVerdict = Severity | 'fine' | 'not-judged'

export interface RuntimeLine {
  /** Identity attributes, for ever the same. */
  readonly entity: Subject['entity']
  readonly workload: string
  readonly name: string
  readonly machine: string
  readonly pid: string
  readonly runtime: RuntimeKind
  readonly version?: string
  /** There when its version gets no fixes any more. */
  readonly supportEnded?: SupportEnded
  readonly believedCpus?: Believed
  readonly believedMemory?: Believed
  /** Null where there is no limit, absent where that was not read. */
  readonly enforcedCpus?: number | null
  readonly enforcedMemoryBytes?: number | null
  readonly verdict: RuntimeVerdict
  /** Of the worst finding. */
  readonly rule?: FindingRuleId
  readonly summary?: string
  readonly fix?: string
  /** How many there are, the worst one included. */
  readonly findings: number
  /** Rules that are about it, and those that could judge it. */
  readonly rules: number
  readonly judged: number
  /** Why nothing could be judged. */
  readonly reason?: string
}

export const VERDICTS: readonly RuntimeVerdict[] = [
  'critical',
  'high',
  'warning',
  'info',
  'not-judged',
  'fine',
]

type Found = Verdict & Subject

const keyOf = ({ entity }: Pick<Subject, 'entity'>): string => JSON.stringify(Object.values(entity))

/** The worst first. `findings` are those that hold, the root cause before what follows from it. */
export function runtimeList(
  runtimes: readonly RuntimeSeen[],
  judged: readonly Judged[],
  findings: readonly Found[],
  nowMs: number,
): RuntimeLine[] {
  const judgedOf = Map.groupBy(judged, ({ subject }) => keyOf(subject))
  const findingsOf = Map.groupBy(findings, keyOf)
  return runtimes
    .map((seen) => {
      const key = keyOf(seen.profile)
      return lineOf(seen, judgedOf.get(key) ?? [], findingsOf.get(key) ?? [], nowMs)
    })
    .toSorted(worstFirst)
}

function lineOf(
  { profile, workload, unread }: RuntimeSeen,
  judged: readonly Judged[],
  findings: readonly Found[],
  nowMs: number,
): RuntimeLine {
  const worst = findings.toSorted(bySeverity)[0]
  const able = judged.filter(({ judgement }) => judgement.kind !== 'not-judged')
  const verdict = worst?.severity ?? (able.length === 0 ? 'not-judged' : 'fine')
  return {
    ...known<RuntimeLine>({
      entity: profile.entity,
      workload,
      name: profile.name,
      machine: profile.machine,
      pid: profile.entity['process.pid'] ?? '',
      runtime: profile.runtime,
      version: profile.version,
      supportEnded: supportEnded(profile, nowMs),
      believedCpus: profile.believedCpus,
      believedMemory: profile.believedMemory,
      verdict,
      rule: worst?.rule,
      summary: worst?.summary,
      fix: worst?.fix,
      findings: findings.length,
      rules: judged.length,
      judged: able.length,
      reason: verdict === 'not-judged' ? reasonOf(judged) : undefined,
    }),
    ...(unread === undefined && enforced(profile)),
  }
}

const enforced = ({ cpuLimitCores, memoryLimitBytes }: RuntimeProfile) => ({
  enforcedCpus: cpuLimitCores ?? null,
  enforcedMemoryBytes: memoryLimitBytes ?? null,
})

/** The most frequent one. */
function reasonOf(judged: readonly Judged[]): string {
  const reasons = judged.flatMap(({ judgement }) =>
    judgement.kind === 'not-judged' ? [judgement.reason] : [],
  )
  const counted = [...Map.groupBy(reasons, (reason) => reason)]
  return counted.toSorted(([, a], [, b]) => b.length - a.length)[0]?.[0] ?? 'no rule is about it'
}

const bySeverity = (a: Found, b: Found) =>
  VERDICTS.indexOf(a.severity) - VERDICTS.indexOf(b.severity)

const worstFirst = (a: RuntimeLine, b: RuntimeLine) =>
  VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict) ||
  a.workload.localeCompare(b.workload) ||
  a.machine.localeCompare(b.machine) ||
  Number(a.pid) - Number(b.pid)
