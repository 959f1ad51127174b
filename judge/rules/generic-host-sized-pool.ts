/**
 * generic.host-sized-pool: threads or processes as many as the machine has CPUs, in a quota of few.
 *
 * Catches what no rule about a runtime knows: a library, an agent or a program of one's own that asks
 * for the CPUs of the machine.
 */
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { grantedCpus, THROTTLING_UNKNOWN, throttled } from './cpu.ts'
import { evidence, finding } from './evidence.ts'
import { watched } from './history.ts'
import { thresholdsOf } from './thresholds.ts'
import { cores, percent } from './words.ts'

const RULE = 'generic.host-sized-pool'
const {
  quotaShare: QUOTA_SHARE,
  stoppedRatio: THROTTLED_RATIO,
  least: POOL_LEAST,
} = thresholdsOf(RULE)

interface Group {
  readonly count: number
  readonly words: string
  readonly unit: string
  readonly source: string
}

export function judgeHostSizedPool(profile: RuntimeProfile): Judgement {
  const { cpuLimitCores, machineCpus } = profile
  const granted = grantedCpus(profile)
  if (cpuLimitCores === undefined || granted === undefined) return FINE
  if (machineCpus === undefined) return notJudged('how many CPUs its machine has is not known')
  if (cpuLimitCores > QUOTA_SHARE * machineCpus) return FINE
  const groups = groupsOf(profile)
  if (groups.length === 0)
    return notJudged('neither the names of its threads nor its workers were read')
  const group = groups.find(({ count }) => isByMachine(count, machineCpus))
  if (group === undefined) return FINE
  const history = watched(RULE, profile)
  if ('reason' in history) return notJudged(history.reason)
  const stops = throttled(profile)
  if (stops === undefined) return notJudged(THROTTLING_UNKNOWN)
  if (stops.value <= THROTTLED_RATIO) return FINE
  const believed = evidence(group.words, group.count, group.unit, group.source)
  const machine = evidence('CPUs of the machine', machineCpus, '{cpu}', '/proc/stat')
  return finding({
    rule: RULE,
    severity: 'info',
    confidence: 'inferred',
    summary: `${group.count} ${group.words} look sized by the ${machineCpus} CPUs of the machine; the quota of ${cores(cpuLimitCores)} stopped them in ${percent(stops.value)} of the periods.`,
    believed,
    enforced: granted.evidence,
    evidence: [believed, granted.evidence, machine, stops.evidence],
    fix: `find what sets the size of ${group.words}, and set it to ${granted.whole}`,
    fixValues: { size: granted.whole },
  })
}

function groupsOf({ pool, workers }: RuntimeProfile): Group[] {
  const threads = pool && {
    count: pool.threads,
    words: `threads "${pool.name}"`,
    unit: '{thread}',
    source: '/proc/PID/task/*/comm',
  }
  // The master is one of them.
  const processes =
    workers === undefined
      ? undefined
      : {
          count: workers - 1,
          words: 'worker processes',
          unit: '{process}',
          source: '/proc/PID/stat ppid',
        }
  return [threads, processes].filter((each) => each !== undefined)
}

/** As pools are made: one a CPU, one less for who waits, two a CPU, and one more for luck. */
const isByMachine = (count: number, cpus: number): boolean =>
  count >= POOL_LEAST && [cpus - 1, cpus, 2 * cpus, 2 * cpus + 1].includes(count)
