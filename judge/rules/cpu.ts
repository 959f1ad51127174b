/**
 * What rules about CPU share: how many CPUs the kernel grants, how often it stops who asks for more,
 * and what collecting garbage costs of them.
 *
 * Source: cpu.max and cpu.stat of cgroup v2, cpu.cfs_quota_us and cpu.stat of v1; sched-bwc.rst
 * Units:  cores, seconds, ratios 0-1
 */
import { shared } from '../../catalog/findings/gradings/shared.ts'
import type { Confidence, Evidence } from '../finding.ts'
import type { Recent, RuntimeProfile } from '../profile.ts'
import { evidence } from './evidence.ts'

/** CPUs that a process may use at most, and what bounds them. */
export interface Granted {
  readonly cores: number
  /** The same as a count of CPUs to set: whole, and at least 1. */
  readonly whole: number
  readonly evidence: Evidence
  readonly confidence: Confidence
}

type Bounds = Pick<
  RuntimeProfile,
  'cpuLimitCores' | 'ownCpuLimitCores' | 'affinityCpus' | 'machineCpus' | 'cgroup'
>

/** The smaller one of the quota and the allowed CPUs; undefined where neither is known. */
export function grantedCpus(profile: Bounds): Granted | undefined {
  const { cpuLimitCores, affinityCpus, machineCpus } = profile
  const allowed = affinityCpus ?? machineCpus
  if (cpuLimitCores !== undefined && cpuLimitCores <= (allowed ?? Number.POSITIVE_INFINITY))
    return granted('CPU quota', cpuLimitCores, quotaSource(profile), 'exact')
  if (allowed === undefined) return undefined
  return affinityCpus === undefined
    ? granted('CPUs of the machine', allowed, '/proc/stat', 'strong')
    : granted('CPUs that it may run on', allowed, '/proc/PID/status Cpus_allowed', 'exact')
}

const granted = (name: string, cores: number, source: string, confidence: Confidence): Granted => ({
  cores,
  whole: Math.max(1, Math.ceil(cores)),
  evidence: evidence(name, cores, '{cpu}', source),
  confidence,
})

/** The cgroup that the quota sits on, as far as that is known. */
export function quotaSource({ cpuLimitCores, ownCpuLimitCores, cgroup }: Bounds): string {
  const own = cgroup ?? 'the cgroup'
  return ownCpuLimitCores === cpuLimitCores ? own : `${own} or a cgroup above it`
}

export const NO_CPUS = 'neither a quota nor the CPUs that it may run on are known'

/** A share of something over the window of the profile. */
export interface Share {
  readonly value: number
  readonly evidence: Evidence
}

/** Share of the periods in which the quota stopped someone, of those in which anything ran. */
export function throttled(profile: Bounds & Pick<RuntimeProfile, 'recent'>): Share | undefined {
  const { recent } = profile
  const { periods, throttledPeriods } = recent ?? {}
  if (recent === undefined || periods === undefined || throttledPeriods === undefined)
    return undefined
  const source = `${quotaSource(profile)} cpu.stat`
  return share('periods in which it was stopped', throttledPeriods, periods, recent, source)
}

export const THROTTLING_UNKNOWN =
  'how often the kernel stopped its cgroup for lack of quota was not measured'

/** Share of the CPU time of the process that its collector took. */
export function gcShare({ recent }: Pick<RuntimeProfile, 'recent'>): Share | undefined {
  const { gcCpuSeconds, cpuSeconds } = recent ?? {}
  if (recent === undefined || gcCpuSeconds === undefined || cpuSeconds === undefined)
    return undefined
  return share('share of its CPU time that collects', gcCpuSeconds, cpuSeconds, recent, TASKS)
}

export const TASKS = '/proc/PID/task/*/stat'
export const GC_CPU_UNKNOWN = 'the CPU time of its collector was not measured'

const DIGITS = 1000

/** Of nothing at all, nothing was it. */
export function share(
  name: string,
  part: number,
  whole: number,
  { seconds }: Recent,
  source: string,
): Share {
  const value = whole <= 0 ? 0 : Math.min(1, part / whole)
  const shown = Math.round(value * DIGITS) / DIGITS
  return { value, evidence: evidence(name, shown, '1', source, Math.round(seconds)) }
}

/** Of a process that rests, even a large share is next to nothing. */
export const gcIsWorth = ({ gcCpuSeconds = 0, seconds }: Recent): boolean =>
  gcCpuSeconds >= shared.collectingCores.value * seconds

const ORDER: readonly Confidence[] = ['inferred', 'strong', 'exact']

/** A finding is as sure as the least sure figure that it rests on. */
export const leastSure = (...all: readonly Confidence[]): Confidence =>
  ORDER.find((each) => all.includes(each)) ?? 'exact'
