/**
 * go.gomemlimit: nothing tells the collector of a Go program where its memory ends, or something tells
 * it wrongly.
 *
 * With GOGC=100 the heap grows to twice what lives before it is collected, whatever the limit. With a
 * goal at the limit or above it is as if there were none; one that is too low makes it collect without
 * end.
 */
import { CUT } from '../../catalog/entity.ts'
import { AUTO_MEM_LIMIT } from '../ergonomics/go.ts'
import type { Evidence } from '../finding.ts'
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { grantedCpus, NO_CPUS } from './cpu.ts'
import { evidence, finding } from './evidence.ts'
import { watchedFor } from './history.ts'
import { type Limit, limitOf } from './limit.ts'
import { thresholdsOf } from './thresholds.ts'
import { mebibytes, percent } from './words.ts'

const RULE = 'go.gomemlimit'
const {
  liveShare: LIVE_SHARE,
  closeShare: CLOSE_SHARE,
  busyShare: BUSY_SHARE,
  history: HISTORY_SECONDS,
} = thresholdsOf(RULE)
const MIB = 1024 ** 2
const FIX_SHARE = 0.9

export function judgeGoMemLimit(go: RuntimeProfile): Judgement {
  const limit = limitOf(go)
  if (limit === undefined) return FINE
  if (go.environment === undefined) return notJudged('its environment could not be read')
  const goal = go.believedMemory
  return goal === undefined ? withoutGoal(go, limit) : withGoal(go, limit, goal.value)
}

function withoutGoal(go: RuntimeProfile, limit: Limit): Judgement {
  const { build, longRun } = go
  if (build?.[AUTO_MEM_LIMIT] !== undefined) return FINE
  if (CUT in (go.environment ?? {})) return notJudged('not all of its environment could be read')
  if (build?.['mod'] === undefined)
    return notJudged('which modules it was built of is not known: one may set GOMEMLIMIT')
  const live = longRun?.rssAnonP99Bytes
  if (longRun === undefined || live === undefined || longRun.seconds < HISTORY_SECONDS)
    return notJudged(`${longRun?.seconds ?? 0} s of history, ${HISTORY_SECONDS} s are needed`)
  if (live <= LIVE_SHARE * limit.bytes) return FINE
  const used = evidence('memory of its own, p99', live, 'By', RSS, Math.round(longRun.seconds))
  return answer(
    'warning',
    limit,
    [used],
    `The heap may grow to twice what lives in it, and the program has ${mebibytes(live)} of the ${mebibytes(limit.bytes)} that the kernel grants to ${limit.source}.`,
  )
}

const RSS = '/proc/PID/status RssAnon'

function withGoal(go: RuntimeProfile, limit: Limit, goalBytes: number): Judgement {
  const goal = evidence('GOMEMLIMIT', goalBytes, 'By', 'GOMEMLIMIT')
  const grants = `the kernel grants ${mebibytes(limit.bytes)} to ${limit.source}`
  if (goalBytes > CLOSE_SHARE * limit.bytes)
    return answer(
      goalBytes >= limit.bytes ? 'high' : 'warning',
      limit,
      [goal],
      `The program collects by a goal of ${mebibytes(goalBytes)}, ${grants}.`,
    )
  return spiral(go, limit, goal)
}

/** It stands at its goal and is busy. */
function spiral(go: RuntimeProfile, limit: Limit, goal: Evidence): Judgement {
  const { rssAnonBytes } = go
  if (rssAnonBytes === undefined) return notJudged('the memory of its own is not known')
  if (rssAnonBytes <= CLOSE_SHARE * goal.value) return FINE
  const cpus = grantedCpus(go)
  if (cpus === undefined) return notJudged(NO_CPUS)
  const history = watchedFor(HISTORY_SECONDS, go)
  if ('reason' in history) return notJudged(history.reason)
  const { cpuSeconds, seconds } = history.recent
  if (cpuSeconds === undefined) return notJudged('its CPU time was not measured')
  const busy = cpuSeconds / (seconds * cpus.cores)
  if (busy < BUSY_SHARE) return FINE
  return answer(
    'high',
    limit,
    [goal, evidence('memory of its own', rssAnonBytes, 'By', RSS)],
    `The program stands at its goal of ${mebibytes(goal.value)} and takes ${percent(busy)} of its CPU: it may be collecting without end.`,
    'inferred',
  )
}

function answer(
  severity: 'high' | 'warning',
  limit: Limit,
  [believed, ...more]: readonly [Evidence, ...Evidence[]],
  summary: string,
  confidence: 'exact' | 'inferred' = 'exact',
): Judgement {
  const mebi = Math.floor((FIX_SHARE * limit.bytes) / MIB)
  const enforced = evidence('memory limit', limit.bytes, 'By', limit.source)
  // A goal that is too low by itself gives way to one that uses the limit.
  const raise = confidence === 'inferred' && believed.value >= FIX_SHARE * limit.bytes
  return finding({
    rule: RULE,
    severity,
    confidence,
    summary,
    believed,
    enforced,
    evidence: [believed, enforced, ...more],
    fix: raise
      ? `raise the memory limit of ${limit.source}, and GOMEMLIMIT with it to ${FIX_SHARE * 100} % of it`
      : `set GOMEMLIMIT=${mebi}MiB`,
    fixValues: raise ? {} : { goMemLimitBytes: mebi * MIB },
  })
}
