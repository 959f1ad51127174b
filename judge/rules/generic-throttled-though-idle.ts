/**
 * generic.throttled-though-idle: stopped in many periods, though most of the quota is not used.
 *
 * A quota is granted a period at a time, mostly 100 ms. Many threads that run at once spend it in a few
 * of them, and wait for the rest of the period.
 *
 * Source: sched-bwc.rst; until kernel 5.4 slices that a CPU did not use were lost
 */
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { share, THROTTLING_UNKNOWN, throttled } from './cpu.ts'
import { evidence, finding, type Fix } from './evidence.ts'
import { watched } from './history.ts'
import { thresholdsOf } from './thresholds.ts'
import { cores, percent } from './words.ts'

const RULE = 'generic.throttled-though-idle'
const { usedShare: USED_SHARE, stoppedRatio: THROTTLED_RATIO } = thresholdsOf(RULE)
/** The period that runtimes of containers set. */
const PERIOD_US = 100_000

export function judgeThrottledThoughIdle(profile: RuntimeProfile): Judgement {
  const { cpuLimitCores, ownCpuLimitCores, cgroup = 'the cgroup' } = profile
  if (cpuLimitCores === undefined) return FINE
  if (!speaks(profile)) return FINE
  if (ownCpuLimitCores !== cpuLimitCores)
    return notJudged('the quota sits on a cgroup above, of which the use by others is not known')
  const history = watched(RULE, profile)
  if ('reason' in history) return notJudged(history.reason)
  const { recent } = history
  const { cgroupCpuSeconds, seconds } = recent
  const stops = throttled(profile)
  if (stops === undefined) return notJudged(THROTTLING_UNKNOWN)
  if (cgroupCpuSeconds === undefined)
    return notJudged('the CPU time of its cgroup was not measured')
  const quotaSeconds = cpuLimitCores * seconds
  const used = share('part of the quota used', cgroupCpuSeconds, quotaSeconds, recent, cgroup)
  if (stops.value <= THROTTLED_RATIO || used.value >= USED_SHARE) return FINE
  const enforced = evidence('CPU quota', cpuLimitCores, '{cpu}', cgroup)
  return finding({
    rule: RULE,
    severity: 'warning',
    confidence: 'exact',
    summary: `The quota of ${cores(cpuLimitCores)} stopped ${cgroup} in ${percent(stops.value)} of the periods, though it used ${percent(used.value)} of it.`,
    enforced,
    evidence: [stops.evidence, used.evidence, enforced],
    ...fixOf(profile, cpuLimitCores),
  })
}

/** A cgroup has one quota: of several runtimes in it the oldest pid tells. */
function speaks({ entity, neighbours = [] }: RuntimeProfile): boolean {
  const pid = Number(entity['process.pid'])
  return neighbours.every((each) => Number(each.pid) > pid)
}

function fixOf({ machineCgroups, kernel }: RuntimeProfile, quota: number): Fix {
  const burstUs = Math.round(quota * PERIOD_US)
  const file = machineCgroups === 'v2' ? 'cpu.max.burst' : 'cpu.cfs_burst_us'
  const old = losesSlices(kernel)
    ? `, or go to kernel 5.4 or later (${kernel} may stop without need)`
    : ''
  return {
    fix: `run fewer threads at once, or let it save up (${file} = ${burstUs}, since kernel 5.14), or raise the limit to ${cores(2 * quota)}, or drop it and keep the request${old}`,
    fixValues: { burstUs, cpuLimitCores: 2 * quota },
  }
}

function losesSlices(kernel: string | undefined): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(kernel ?? '') ?? []
  return major !== undefined && Number(major) * 1000 + Number(minor) < 5004
}
