/**
 * Which limit binds: a cgroup may never use more than the tightest of its own limits and those of
 * all cgroups above it.
 */
export interface EffectiveLimits {
  /** NaN where nothing is limited. */
  readonly memoryBytes: number
  /** The cgroup that the memory limit sits on; undefined without a limit, or above the mount. */
  readonly memoryCgroup: string | undefined
  /** NaN where nothing is limited. */
  readonly cpuCores: number
}

export interface OwnLimits {
  readonly path: string
  readonly memoryBytes: number
  readonly cpuCores: number
  /** As the kernel computed it; undefined where it does not say. */
  readonly hierarchicalMemoryBytes: number | undefined
}

export const UNLIMITED: EffectiveLimits = {
  memoryBytes: Number.NaN,
  memoryCgroup: undefined,
  cpuCores: Number.NaN,
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
