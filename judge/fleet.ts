/**
 * The figures that profiles are made of: every entity over the last hour, or over the few passes of
 * one machine. A collector reads them out of the store, `candor check` takes them from its passes.
 * Units are those of the catalogue's columns; times are unix ms. `null` is a figure that was absent;
 * it never becomes 0.
 */

import type { LongRun } from './profile.ts'
import type {
  containerGrowth,
  containerMemory,
  containerNewest,
  Figures,
  runtimeGrowth,
  runtimeNewest,
} from './runtime-columns.ts'

export const WINDOW_MS = 3_600_000
/** What counters grew by is told of so much time. */
export const RECENT_MS = 600_000

/** What a machine leaves out of two passes may come again; what it leaves out of three is gone. */
export const GONE_INTERVALS = 2.5

export interface MachineFigures {
  readonly entity: string
  readonly attributes: Readonly<Record<string, string>>
  readonly firstMs: number
  readonly lastMs: number
  /** Distinct samples of the window. */
  readonly samples: number
  /** Median time between two samples; 0 with fewer than two. */
  readonly intervalMs: number
  /** Silence after which it, and an entity on it, counts as gone. */
  readonly silenceMs: number
  /** Starts of the minutes in which it reported. */
  readonly minutesMs: readonly number[]
  readonly cpuCores: number | null
  readonly memoryBytes: number | null
  readonly memoryUsedBytes: number | null
  /** 0 without any. */
  readonly swapBytes: number | null
  readonly cpuUsedCores: number | null
  /** CPUs that the hypervisor kept from it lately, on average; of machines with runtimes. */
  readonly stolenCores?: number | null
}

export interface ContainerFigures {
  readonly entity: string
  readonly hostId: string
  readonly path: string
  readonly level: string
  readonly memoryLimitCgroup: string
  readonly firstMs: number
  readonly lastMs: number
  /** When it ended, where that was said; later samples are of one that came back. */
  readonly endedMs?: number | null
  /** The quota that is set on the cgroup itself. */
  readonly ownCpuCores: number | null
  readonly cpuLimitCores: number | null
  /** The limit that is set on the cgroup itself. */
  readonly ownMemoryBytes: number | null
  readonly memoryLimitBytes: number | null
  readonly newest: Figures<typeof containerNewest>
  readonly memory: Figures<typeof containerMemory>
}

export interface RuntimeFigures {
  readonly entity: string
  readonly attributes: Readonly<Record<string, string>>
  readonly lastMs: number
  readonly endedMs?: number | null
  readonly newest: Figures<typeof runtimeNewest>
  /** Absent with a single sample. */
  readonly grown?: Grown
  readonly longRun?: LongRun
}

/** What counters grew by between the first and the last of the newest samples of a runtime. */
export interface Grown {
  readonly seconds: number
  readonly figures: Figures<typeof runtimeGrowth>
  /** In the same time, of its cgroup and those above it, by path. */
  readonly cgroups: Readonly<Record<string, Figures<typeof containerGrowth>>>
}

/** Processes on a machine that may be runtimes, of its newest pass. */
export interface UnreadFigures {
  /** Of the machine. */
  readonly entity: string
  readonly reason: string
  readonly count: number
}

export interface Fleet {
  readonly nowMs: number
  readonly machines: readonly MachineFigures[]
  /** Groups too: a JVM may live in one. Those that ended within the window are there as well. */
  readonly containers: readonly ContainerFigures[]
  readonly runtimes: readonly RuntimeFigures[]
  /** Seen and not read, or not wholly. */
  readonly unread?: readonly UnreadFigures[]
}
