/**
 * Masters that run one worker process a CPU, and count more CPUs than the quota has. It is told as info
 * while the quota stops nobody: workers that wait for others cost memory alone.
 */
import type { FindingRuleId, Severity } from '../../catalog/finding.ts'
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { grantedCpus } from './cpu.ts'
import { evidence, finding, type Fix } from './evidence.ts'
import { byHarm, stops } from './harm.ts'
import { cores } from './words.ts'

interface WorkersRule {
  readonly rule: FindingRuleId
  /** Most that a quota of so many whole CPUs is good for. */
  readonly most: (cpus: number) => number
  /** Whether so many were made for the CPUs of the machine, and not on purpose. */
  readonly isByMachine: (workers: number, cpus: number, profile: RuntimeProfile) => boolean
  /** Where the quota stopped them; a warning unless it is given. */
  readonly harmed?: Severity
  readonly fix: (cpus: number, profile: RuntimeProfile) => Fix
}

/** A worker is judged with its master, which alone tells how many there are. */
export function judgeWorkers(profile: RuntimeProfile, about: WorkersRule): Judgement {
  const granted = grantedCpus(profile)
  if (profile.cpuLimitCores === undefined || granted === undefined) return FINE
  const { workers: processes, machineCpus } = profile
  if (processes === undefined) return FINE
  if (machineCpus === undefined) return notJudged('the CPUs of the machine are not known')
  const workers = processes - 1
  const { whole } = granted
  if (workers <= about.most(whole) || !about.isByMachine(workers, machineCpus, profile)) return FINE
  const believed = evidence('worker processes', workers, '{process}', '/proc/PID/stat ppid')
  return finding({
    rule: about.rule,
    severity: byHarm(profile, about.harmed ?? 'warning', 'info'),
    confidence: 'strong',
    summary: `${workers} workers share what the kernel grants to ${granted.evidence.source}: ${cores(granted.cores)}. The machine has ${cores(machineCpus)}.`,
    believed,
    enforced: granted.evidence,
    evidence: [believed, granted.evidence, ...stops(profile)],
    ...about.fix(whole, profile),
  })
}
