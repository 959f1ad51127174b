/**
 * One entity's figures over a window, in the form that rules judge. `candor check` makes profiles
 * from a few passes of this machine, the collector makes them from the store: the same rules judge
 * both. An absent field was not measured; no rule may read it as 0.
 */

/** Identity that every profile carries, for messages and for the id of a finding. */
export interface Subject {
  /** Stable id of the entity: its identity attributes. */
  readonly entity: Readonly<Record<string, string>>
  /** What a person calls it: `web-1`, `/docker/4f…`, `pid 4242 (Main)`. */
  readonly name: string
  readonly machine: string
}

export interface JvmProfile extends Subject {
  readonly kind: 'runtime'
  readonly collector?: string
  readonly version?: string
  readonly heapMaxBytes?: number
  readonly heapCommittedBytes?: number
  readonly metaspaceCommittedBytes?: number
  readonly classes?: number
  readonly osThreads?: number
  /** -X and -XX flags as the JVM merged them, in effective order; absent when they could not be read. */
  readonly flags?: readonly string[]
  /** Tightest memory limit over the cgroup and its ancestors; absent when there is none. */
  readonly memoryLimitBytes?: number
  /** The cgroup that the limit sits on. */
  readonly memoryLimitCgroup?: string
  /** The cgroup of the process. */
  readonly cgroup?: string
  /** Effective CPU quota in cores; absent when there is none. */
  readonly cpuLimitCores?: number
  readonly machineMemoryBytes?: number
  readonly machineCpus?: number
  /** JVMs in the same cgroup, this one included. */
  readonly jvmsInCgroup: number
}

export interface MachineProfile extends Subject {
  readonly kind: 'machine'
  /** Time between the first and the last sample of the window. */
  readonly historySeconds: number
  /** Share of the expected samples of the window that are there, 0-1. */
  readonly coverage: number
  readonly cpuCores?: number
  readonly memoryBytes?: number
  /** Sum of the CPU limits and of the memory limits of its containers, newest sample. */
  readonly cpuAllocatedCores: number
  readonly memoryAllocatedBytes: number
  /** Containers without a limit: their share of the machine is unknown. */
  readonly containersWithoutLimits: number
  /** Mean use over the window. */
  readonly cpuUsedCores?: number
  readonly memoryUsedBytes?: number
  /** Share of the samples in which free CPU (or memory) was below the fleet's median request. */
  readonly cpuFullShare: number
  readonly memoryFullShare: number
}

/** What the fleet asks for: medians over the containers that have a limit. */
export interface RequestMix {
  readonly containers: number
  readonly medianCpuCores?: number
  readonly medianMemoryBytes?: number
}
