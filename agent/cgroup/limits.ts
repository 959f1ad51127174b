/**
 * Which limit binds: a cgroup may never use more than the tightest of its own limits and those of
 * all cgroups above it.
 */
import * as column from './columns.ts'

export interface EffectiveLimits {
  /** NaN where nothing is limited. */
  readonly memoryBytes: number
  /** The cgroup that the memory limit sits on; undefined without a limit, or above the mount. */
  readonly memoryCgroup: string | undefined
  /** NaN where nothing is limited. */
  readonly cpuCores: number
  /** NaN where nothing is limited. */
  readonly threads: number
  /** CPUs that it may run on, by the nearest cgroup that says so; NaN where none does. */
  readonly cpus: number
}

export interface OwnLimits {
  readonly path: string
  readonly memoryBytes: number
  readonly cpuCores: number
  readonly threads: number
  /** Already the tightest: the kernel takes those above into account. */
  readonly cpus: number
  /** As the kernel computed it; undefined where it does not say. */
  readonly hierarchicalMemoryBytes: number | undefined
}

export const UNLIMITED: EffectiveLimits = {
  memoryBytes: Number.NaN,
  memoryCgroup: undefined,
  cpuCores: Number.NaN,
  threads: Number.NaN,
  cpus: Number.NaN,
}

/** Equal limits are told as the cgroup's own: it is the one that a person would look at first. */
export function tighten(own: OwnLimits, above: EffectiveLimits): EffectiveLimits {
  const ownBinds = !(own.memoryBytes > above.memoryBytes) && !Number.isNaN(own.memoryBytes)
  const walked = ownBinds
    ? { memoryBytes: own.memoryBytes, memoryCgroup: own.path }
    : { memoryBytes: above.memoryBytes, memoryCgroup: above.memoryCgroup }
  return {
    ...byKernel(own, walked),
    cpuCores: tighter(own.cpuCores, above.cpuCores),
    threads: tighter(own.threads, above.threads),
    cpus: Number.isNaN(own.cpus) ? above.cpus : own.cpus,
  }
}

type MemoryLimit = Pick<EffectiveLimits, 'memoryBytes' | 'memoryCgroup'>

/**
 * The kernel knows more than the walk where a limit sits above the mount, and where v1 was told not
 * to count children (`use_hierarchy 0`).
 */
function byKernel(own: OwnLimits, walked: MemoryLimit): MemoryLimit {
  const known = own.hierarchicalMemoryBytes
  if (known === undefined || Object.is(known, walked.memoryBytes)) return walked
  const memoryCgroup = known === own.memoryBytes ? own.path : undefined
  return { memoryBytes: known, memoryCgroup }
}

const tighter = (a: number, b: number): number => (Number.isNaN(a) || a > b ? b : a)

/** Columns of a cgroup's own limits that bind those below it too. */
const BINDING = [
  column.MEMORY_LIMIT,
  column.CPU_QUOTA,
  column.CPU_PERIOD,
  column.THREADS_MAX,
  column.CPUSET_CPUS,
]

/** To be compared with `sameLimits` after the limits were read again. */
export const keepLimits = (values: Float64Array): number[] => BINDING.map((at) => values[at]!)

export const sameLimits = (before: readonly number[], values: Float64Array): boolean =>
  before.every((value, i) => Object.is(value, values[BINDING[i]!]))

/** Fills the columns of the effective limits of a row out of those of its own. */
export function tightenRow(
  values: Float64Array,
  own: Pick<OwnLimits, 'path' | 'hierarchicalMemoryBytes'>,
  above: EffectiveLimits,
): EffectiveLimits {
  const effective = tighten(
    {
      ...own,
      memoryBytes: values[column.MEMORY_LIMIT]!,
      cpuCores: values[column.CPU_QUOTA]! / values[column.CPU_PERIOD]!,
      threads: values[column.THREADS_MAX]!,
      cpus: values[column.CPUSET_CPUS]!,
    },
    above,
  )
  values[column.MEMORY_EFFECTIVE] = effective.memoryBytes
  values[column.CPU_EFFECTIVE] = effective.cpuCores
  values[column.THREADS_EFFECTIVE] = effective.threads
  values[column.CPUSET_CPUS_EFFECTIVE] = effective.cpus
  fillAvailable(values)
  return effective
}

/** What may still be charged before the tightest limit, once reclaim has done what is easy. */
export function fillAvailable(values: Float64Array): void {
  const left = values[column.MEMORY_EFFECTIVE]! - values[column.MEMORY_WORKING_SET]!
  values[column.MEMORY_AVAILABLE] = left < 0 ? 0 : left
}
