/**
 * The machine that a JVM takes itself to be on: how much memory and how many CPUs it finds when it
 * starts, by what its build can see of its cgroup.
 *
 * Source: hotspot/os/linux: os_linux.cpp, cgroupSubsystem_linux.cpp, cgroupV2Subsystem_linux.cpp;
 *         tried with 8u504, 11.0.33, 17.0.21, 21.0.13 and 25.0.3
 * Units:  bytes, CPUs
 */
import type { RuntimeProfile } from '../profile.ts'
import { numberOf, switchOf } from './jvm-flags.ts'
import { countsShares, hasFeature } from './jvm-version.ts'

/** What decides about it; all of it may be unknown. */
export type JvmSurroundings = Partial<
  Pick<
    RuntimeProfile,
    | 'version'
    | 'capabilities'
    | 'flags'
    | 'seesCgroups'
    | 'cgroup'
    | 'memoryLimitBytes'
    | 'memoryLimitCgroup'
    | 'ownMemoryLimitBytes'
    | 'cpuLimitCores'
    | 'ownCpuLimitCores'
    | 'cpuShares'
    | 'cpuWeight'
    | 'affinityCpus'
    | 'machineCpus'
    | 'machineMemoryBytes'
    | 'machineCgroups'
    | 'machineControllers'
  >
>

/** Why a JVM looks past its cgroup. */
export type Blindness =
  | 'switched-off'
  | 'before-containers'
  | 'no-mount'
  | 'no-cgroup2'
  | 'no-controllers'

/** Older builds look for these in /proc/cgroups, and give up without them even on cgroup v2. */
const CONTROLLERS_NEEDED = ['memory', 'cpuset'] as const

/** Undefined where it sees its cgroup, as far as that is known. */
export function blindnessOf(jvm: JvmSurroundings): Blindness | undefined {
  if (switchOf(jvm.flags ?? [], 'UseContainerSupport') === false) return 'switched-off'
  if (hasFeature(jvm, 'containers') === false) return 'before-containers'
  if (jvm.seesCgroups === false) return 'no-mount'
  if (jvm.machineCgroups !== 'v2') return undefined
  if (hasFeature(jvm, 'cgroup2') === false) return 'no-cgroup2'
  const { machineControllers } = jvm
  if (machineControllers === undefined || hasFeature(jvm, 'noControllersNeeded') !== false)
    return undefined
  const all = CONTROLLERS_NEEDED.every((each) => machineControllers.includes(each))
  return all ? undefined : 'no-controllers'
}

/** Whether its build looks at the cgroups above its own, for memory or for CPU. */
const seesAncestors = (jvm: JvmSurroundings): boolean => hasFeature(jvm, 'ancestors') === true

/** The limit on its own cgroup, which every JVM with container support sees. */
function ownMemoryLimit(jvm: JvmSurroundings): number | undefined {
  const { ownMemoryLimitBytes, memoryLimitBytes, memoryLimitCgroup, cgroup } = jvm
  if (ownMemoryLimitBytes !== undefined) return ownMemoryLimitBytes
  return memoryLimitCgroup === undefined || memoryLimitCgroup === cgroup
    ? memoryLimitBytes
    : undefined
}

/** Memory that it takes the machine to have; undefined where nothing of it is known. */
export function seenMemory(jvm: JvmSurroundings): number | undefined {
  const limit = seenMemoryLimit(jvm)
  const { machineMemoryBytes } = jvm
  if (limit === undefined || machineMemoryBytes === undefined) return limit ?? machineMemoryBytes
  // A limit that the machine cannot reach is none.
  return Math.min(limit, machineMemoryBytes)
}

function seenMemoryLimit(jvm: JvmSurroundings): number | undefined {
  const blindness = blindnessOf(jvm)
  if (blindness === 'before-containers' && jvm.machineCgroups !== 'v2' && hasExperiment(jvm))
    return ownMemoryLimit(jvm)
  if (blindness !== undefined) return undefined
  // The first version of cgroups tells every cgroup the tightest limit above it too.
  const hierarchical = jvm.machineCgroups === 'v1' || jvm.machineCgroups === 'hybrid'
  return hierarchical || seesAncestors(jvm) ? jvm.memoryLimitBytes : ownMemoryLimit(jvm)
}

const hasExperiment = (jvm: JvmSurroundings): boolean =>
  switchOf(jvm.flags ?? [], 'UseCGroupMemoryLimitForHeap') === true &&
  hasFeature(jvm, 'experimentalLimit') !== false

/** CPUs that it may run on, by cpuset and affinity: no version looks past these. */
export const allowedCpus = (jvm: JvmSurroundings): number | undefined =>
  jvm.affinityCpus ?? jvm.machineCpus

/** CPUs that it counts when no flag says how many; undefined where nothing of it is known. */
export function seenCpus(jvm: JvmSurroundings): number | undefined {
  const limit = blindnessOf(jvm) === undefined ? seenCpuLimit(jvm) : undefined
  const allowed = allowedCpus(jvm)
  if (limit === undefined || allowed === undefined) return limit ?? allowed
  return Math.max(1, Math.min(limit, allowed))
}

/** A quota, or shares, as a whole number of CPUs. */
function seenCpuLimit(jvm: JvmSurroundings): number | undefined {
  const cores = seesAncestors(jvm) ? jvm.cpuLimitCores : jvm.ownCpuLimitCores
  const quota = cores === undefined ? undefined : Math.max(1, Math.ceil(cores))
  const shares = shareCpus(jvm)
  if (quota === undefined || shares === undefined) return quota ?? shares
  const quotaFirst =
    switchOf(jvm.flags ?? [], 'PreferContainerQuotaForCPUCount') ??
    hasFeature(jvm, 'quotaBeforeShares') !== false
  return quotaFirst ? quota : Math.min(quota, shares)
}

const SHARES_PER_CPU = 1024
/** The defaults, which count as not set. */
const SHARES_UNSET = 1024
const WEIGHT_UNSET = 100

/** CPUs by shares or weight, where this build goes by them and they are set. */
export function shareCpus(jvm: JvmSurroundings): number | undefined {
  if (!goesByShares(jvm)) return undefined
  const { cpuShares, cpuWeight } = jvm
  if (cpuShares !== undefined && jvm.machineCgroups !== 'v2')
    return cpuShares === SHARES_UNSET ? undefined : wholeCpus(cpuShares)
  if (cpuWeight === undefined || cpuWeight === WEIGHT_UNSET) return undefined
  return wholeCpus(sharesOfWeight(cpuWeight))
}

/** Whether shares make its CPU count at all. */
export const goesByShares = (jvm: JvmSurroundings): boolean =>
  switchOf(jvm.flags ?? [], 'UseContainerCpuShares') ?? countsShares(jvm) === true

const wholeCpus = (shares: number): number => Math.max(1, Math.ceil(shares / SHARES_PER_CPU))

/** The way back of what a container runtime did to the shares, to whole CPUs above the first. */
function sharesOfWeight(weight: number): number {
  const shares = Math.floor((262_142 * weight - 1) / 9999) + 2
  if (shares <= SHARES_PER_CPU) return SHARES_PER_CPU
  const below = Math.floor(shares / SHARES_PER_CPU) * SHARES_PER_CPU
  return shares - below <= below + SHARES_PER_CPU - shares ? below : below + SHARES_PER_CPU
}

/** The number that a flag fixes. */
export function fixedCpus(jvm: JvmSurroundings): number | undefined {
  const fixed = numberOf(jvm.flags ?? [], 'ActiveProcessorCount')
  return fixed !== undefined && fixed > 0 ? fixed : undefined
}
