/**
 * One entity's figures over a window, in the form that rules judge. `candor check` makes profiles
 * from a few passes of this machine, the collector makes them from the store: the same rules judge
 * both. An absent field was not measured; no rule may read it as 0.
 */
import type { RuntimeKind } from '../catalog/runtime-kind.ts'
import type { Confidence } from './finding.ts'

export type { RuntimeKind } from '../catalog/runtime-kind.ts'

/** Identity that every profile carries, for messages and for the id of a finding. */
export interface Subject {
  /** Stable id of the entity: its identity attributes. */
  readonly entity: Readonly<Record<string, string>>
  /** What a person calls it: `web-1`, `/docker/4f…`, `pid 4242 (Main)`. */
  readonly name: string
  readonly machine: string
}

/** A figure that is partly estimated, with how sure one may be and where it comes from. */
export interface Believed {
  readonly value: number
  readonly confidence: Confidence
  readonly source: string
}

/** Final value of a flag of HotSpot and where it came from, as its own tables have it. */
export interface FinalFlag {
  readonly value: string
  readonly origin: string
}

/** What a counter grew by in the last `seconds`; a counter that began anew is absent. */
export interface Recent {
  /** Time between the first and the last sample that the growth is of. */
  readonly seconds: number
  readonly cpuSeconds?: number
  readonly gcCpuSeconds?: number
  readonly jitCpuSeconds?: number
  /** Wall time that all threads stood still for collections, or for whatever cause where only that is known. */
  readonly stopSeconds?: number
  readonly safepointSeconds?: number
  readonly safepoints?: number
  readonly fullCollections?: number
  readonly allocationStalls?: number
  /** Passes in which the newest collection was one that the program had asked for: System.gc(). */
  readonly explicitCollections?: number
  /** Of the cgroup whose quota is the tightest, its own or one above. */
  readonly periods?: number
  readonly throttledPeriods?: number
  readonly throttledSeconds?: number
  /** Of its cgroup, as all that follows. */
  readonly cgroupCpuSeconds?: number
  readonly memoryHighEvents?: number
  readonly scannedPages?: number
  readonly refaultedFilePages?: number
  readonly majorFaults?: number
  readonly oomKills?: number
  /** Time in which some, or all, tasks of the cgroup stood still for lack of it. */
  readonly memorySomeSeconds?: number
  readonly memoryFullSeconds?: number
  readonly ioFullSeconds?: number
  readonly cpuSomeSeconds?: number
}

/** What hours tell: of a day, or as much of it as there is. */
export interface LongRun {
  readonly seconds: number
  /** 99th percentiles. */
  readonly heapLiveP99Bytes?: number
  readonly heapCommittedP99Bytes?: number
  readonly anonShmemP99Bytes?: number
  readonly rssAnonP99Bytes?: number
  /** anon + shmem of the cgroup less the committed heap at the same instant. */
  readonly nonHeapP99Bytes?: number
  /** Least-squares slopes of the last six hours, or as much of them as there is. */
  readonly slopeSeconds?: number
  readonly metaspaceBytesPerHour?: number
  readonly classesPerHour?: number
  readonly nonHeapBytesPerHour?: number
}

/** Memory of a cgroup at one moment. */
export interface CgroupMemory {
  readonly usageBytes?: number
  readonly anonBytes?: number
  /** Pages of files, those of tmpfs and shared memory included. */
  readonly cacheBytes?: number
  readonly shmemBytes?: number
  readonly kernelBytes?: number
  readonly swapBytes?: number
  readonly dirtyBytes?: number
  readonly writebackBytes?: number
  readonly inactiveFileBytes?: number
}

/** Another runtime in the same cgroup, which takes its share of the same limits. */
export interface Neighbour {
  readonly pid: string
  readonly runtime: RuntimeKind
  readonly name: string
  /** Most that it believes it may use. */
  readonly believedMemoryBytes?: number
  /** Nobody has said so: by default it would take that much, which is not to say that it does. */
  readonly byDefault?: boolean
  readonly rssAnonBytes?: number
  /** Since it started. */
  readonly ageSeconds?: number
}

export interface RuntimeProfile extends Subject {
  readonly kind: 'runtime'
  readonly runtime: RuntimeKind
  readonly version?: string
  readonly description?: string
  /** Since the process started. */
  readonly ageSeconds?: number
  readonly osThreads?: number
  readonly rssAnonBytes?: number
  readonly rssFileBytes?: number
  readonly rssShmemBytes?: number
  readonly swapBytes?: number
  /** CPUs that the process may run on. */
  readonly affinityCpus?: number
  readonly believedCpus?: Believed
  /** Most memory that it believes it may take for what it manages: heap, or all of its own. */
  readonly believedMemory?: Believed
  /**
   * Variables of its environment that are on the allow-list, as of its start. With the name `CUT` of
   * catalog/entity.ts among them there are more, so that none is known to be unset.
   */
  readonly environment?: Readonly<Record<string, string>>
  /** Arguments of its command line that are on the allow-list. */
  readonly arguments?: readonly string[]
  /** What was built in: modules, build settings, switches. */
  readonly build?: Readonly<Record<string, string>>
  /** Processes of the same program that work side by side, this one included. */
  readonly workers?: number
  /** The largest group of threads that share a name but for its number. */
  readonly pool?: { readonly name: string; readonly threads: number }
  /** Blocks of memory that look like an arena of glibc's malloc. */
  readonly mallocArenas?: number
  /** Whether an allocator other than glibc's is loaded, or the C library is another. */
  readonly otherAllocator?: string
  /** False where no cgroup file system is mounted in its view. */
  readonly seesCgroups?: boolean

  // A JVM alone.
  readonly collector?: string
  /** Main class, module or jar. */
  readonly main?: string
  readonly heapMaxBytes?: number
  readonly heapCommittedBytes?: number
  readonly heapUsedBytes?: number
  /** Old generation, or whole heap, right after the last collection of all of it. */
  readonly heapLiveBytes?: number
  readonly metaspaceCommittedBytes?: number
  readonly classes?: number
  readonly codeResidentBytes?: number
  /** Workers of the collector that were seen, which may be fewer than it may make. */
  readonly gcThreads?: number
  /** `sun.ci.threads`. */
  readonly compilerThreads?: number
  /** -X and -XX flags as the JVM merged them, in effective order; absent when they could not be read. */
  readonly flags?: readonly string[]
  /** By name; absent unless introspection is deep. */
  readonly finalFlags?: Readonly<Record<string, FinalFlag>>
  /** Literals of `catalog/jvm-capability.ts` that its library holds; absent when it was not looked at. */
  readonly capabilities?: readonly string[]
  /** Type of the file system that holds its counters. */
  readonly countersFileSystem?: string

  // What is enforced.
  /** The cgroup of the process. */
  readonly cgroup?: string
  /** Tightest memory limit over the cgroup and its ancestors; absent when there is none. */
  readonly memoryLimitBytes?: number
  /** The cgroup that the limit sits on. */
  readonly memoryLimitCgroup?: string
  /** The limit that is set on the cgroup itself. */
  readonly ownMemoryLimitBytes?: number
  readonly memoryHighBytes?: number
  /** The cgroup that memory.high sits on. */
  readonly memoryHighCgroup?: string
  readonly swapLimitBytes?: number
  /** Effective CPU quota in cores; absent when there is none. */
  readonly cpuLimitCores?: number
  /** The quota that is set on the cgroup itself. */
  readonly ownCpuLimitCores?: number
  readonly cpuShares?: number
  readonly cpuWeight?: number
  readonly threadsInCgroup?: number
  readonly threadsLimit?: number
  readonly memoryRequestBytes?: number
  /** Limits as they were when the process was first seen; absent keys had none. */
  readonly first?: {
    readonly memoryLimitBytes?: number
    readonly cpuLimitCores?: number
    /** Whether that was within a minute of its start. */
    readonly fromStart: boolean
  }
  readonly cgroupMemory?: CgroupMemory
  readonly machineMemoryBytes?: number
  /** Swap of the machine; 0 where it has none. */
  readonly machineSwapBytes?: number
  readonly machineCpus?: number
  /** CPUs that the hypervisor kept from the machine in about the time of `recent`, on average. */
  readonly machineStolenCores?: number
  readonly machineCgroups?: 'v1' | 'v2' | 'hybrid'
  /** Controllers of /proc/cgroups; older JVMs look there even on v2. */
  readonly machineControllers?: readonly string[]
  readonly kernel?: string

  // What moves.
  readonly recent?: Recent
  readonly longRun?: LongRun

  /** JVMs in the same cgroup, this one included. */
  readonly jvmsInCgroup: number
  /** Other runtimes in the same cgroup. */
  readonly neighbours?: readonly Neighbour[]
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

/** The store of the collector that judges. */
export interface StoreProfile extends Subject {
  readonly kind: 'store'
  readonly sizeBytes?: number
  /** Of its disks. */
  readonly freeBytes?: number
  /** What came on its newest whole days. */
  readonly bytesPerDay?: number
  /** Size at which the retention takes as much as comes. */
  readonly finalBytes?: number
  /** Absent, where the others are there, when its disk will never be full. */
  readonly fullInSeconds?: number
}

/** What the fleet asks for: medians over the containers that have a limit. */
export interface RequestMix {
  readonly containers: number
  readonly medianCpuCores?: number
  readonly medianMemoryBytes?: number
}
