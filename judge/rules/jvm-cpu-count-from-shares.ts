/**
 * jvm.cpu-count-from-shares: the JVM takes its share of a busy machine for all that it may use.
 *
 * Without a quota the kernel lets a cgroup have every CPU that nobody else wants; shares only count
 * when all of them are wanted. JDK 8, and 11 to 18 before their updates of 2022, make a count of CPUs
 * of them: one thread collects, and the common pool has one thread, on however large a machine.
 */
import { majorVersion, switchOf } from '../ergonomics/jvm-flags.ts'
import {
  allowedCpus,
  blindnessOf,
  fixedCpus,
  goesByShares,
  shareCpus,
} from '../ergonomics/jvm-sight.ts'
import { countsShares } from '../ergonomics/jvm-version.ts'
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { leastSure, NO_CPUS } from './cpu.ts'
import { evidence, finding, type Fix } from './evidence.ts'
import { anyOf, withFlag } from './flag-fix.ts'
import { thresholdsOf } from './thresholds.ts'
import { cores } from './words.ts'

const RULE = 'jvm.cpu-count-from-shares'
const { allowedShare: SHARE_OF_ALLOWED } = thresholdsOf(RULE)
const LEAST_CPUS = 2
const CPUS_PER_SHARE = 2

export function judgeCpuCountFromShares(jvm: RuntimeProfile): Judgement {
  const { cpuLimitCores, cpuShares, cpuWeight, believedCpus } = jvm
  if (cpuLimitCores !== undefined || fixedCpus(jvm) !== undefined) return FINE
  if (blindnessOf(jvm) !== undefined) return FINE
  if (!goesByShares(jvm))
    return countsShares(jvm) === undefined
      ? notJudged('whether its version counts shares is not known')
      : FINE
  if (cpuShares === undefined && cpuWeight === undefined)
    return notJudged('the CPU shares of its cgroup were not measured')
  const count = shareCpus(jvm)
  if (count === undefined) return FINE
  const allowed = allowedCpus(jvm)
  if (allowed === undefined) return notJudged(NO_CPUS)
  if (count > SHARE_OF_ALLOWED * allowed) return FINE
  if (believedCpus === undefined) return notJudged('how many CPUs it believes in is not known')
  if (believedCpus.value !== count) return FINE
  const believed = evidence('CPUs that it believes in', count, '{cpu}', believedCpus.source)
  const enforced = evidence('CPUs that it may run on', allowed, '{cpu}', allowedSource(jvm))
  return finding({
    rule: RULE,
    severity: 'high',
    confidence: leastSure(believedCpus.confidence),
    summary: `The JVM takes its CPU shares for ${cores(count)}, though no quota keeps it from using ${allowed}.`,
    believed,
    enforced,
    evidence: [believed, enforced, sharesOf(jvm)],
    ...fixOf(jvm, count, allowed),
  })
}

const allowedSource = ({ affinityCpus }: RuntimeProfile): string =>
  affinityCpus === undefined ? '/proc/stat' : '/proc/PID/status Cpus_allowed'

function sharesOf({ cpuShares, cpuWeight, machineCgroups, cgroup = '' }: RuntimeProfile) {
  return cpuShares !== undefined && machineCgroups !== 'v2'
    ? evidence('CPU shares', cpuShares, '1', `${cgroup} cpu.shares`)
    : evidence('CPU weight', cpuWeight ?? 0, '1', `${cgroup} cpu.weight`)
}

/** What its machine leaves idle is its too: twice its share, and never one alone. */
function fixOf(jvm: RuntimeProfile, count: number, allowed: number): Fix {
  const cpus = Math.min(allowed, Math.max(LEAST_CPUS, CPUS_PER_SHARE * count))
  const flag = withFlag(jvm, anyOf('ActiveProcessorCount'), `-XX:ActiveProcessorCount=${cpus}`)
  const asked = switchOf(jvm.flags ?? [], 'UseContainerCpuShares') === true
  const other = asked
    ? 'take out -XX:+UseContainerCpuShares'
    : `upgrade to ${withoutShares(majorVersion(jvm.version))} or later`
  return { fix: `${flag}, or ${other}`, fixValues: { activeProcessorCount: cpus } }
}

/** JDK 8 counts them to this day. */
function withoutShares(major = 0): string {
  if (major <= 11) return '11.0.17'
  return major <= 17 ? '17.0.5' : '19'
}
