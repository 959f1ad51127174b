/**
 * What a made-up fleet consists of, as data: shapes of machines, what runs on each, how often things
 * restart. plans/ has the ones that there are.
 */
import type { RuntimeKind } from '../catalog/runtime-kind.ts'

export interface Plan {
  readonly shapes: readonly Shape[]
  /** Whether machines tell the time of each CPU. */
  readonly perCpu: boolean
  /** Of one machine, on average; few of them have a fifth of all. */
  readonly restartsPerDay: number
  /** From one version of the agent to the next, and until all machines have it. */
  readonly releaseMs: number
  readonly rolloutMs: number
}

/** A kind of machine, and what runs on each of them. */
export interface Shape {
  readonly name: string
  /** Share of the fleet, in relation to those of the others. */
  readonly weight: number
  readonly cpus: number
  readonly memoryBytes: number
  readonly kernel: string
  readonly holds: readonly { readonly workload: Workload; readonly count: number }[]
}

/** What people deploy. */
export interface Workload {
  readonly namespace: string
  readonly name: string
  readonly image: string
  /** Absent: without such a limit. */
  readonly cpuLimitCores?: number
  readonly memoryLimitBytes?: number
  /** Mean use over a day. */
  readonly cores: number
  readonly memoryBytes: number
  readonly threads: number
  /** Share of the periods in which the quota stops it. */
  readonly throttledShare?: number
  /** Mean time from one start under the same name to the next, and most of what is between two. */
  readonly lifeMs: number
  readonly pauseMs: number
  readonly process?: Process
}

/** The runtime in a container, as far as it is more than its container. */
export interface Process {
  readonly kind: RuntimeKind
  /** Resource attributes beside those that say where it runs. */
  readonly attributes: Readonly<Record<string, string>>
  /** Columns of the table `runtime` that stand still. */
  readonly constants: Readonly<Record<string, number>>
  /** Columns that move by a tenth around this. */
  readonly gauges: Readonly<Record<string, number>>
  /** Columns that grow by this a second, on average. */
  readonly counters: Readonly<Record<string, number>>
}

export const SECOND_MS = 1_000
export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000
export const MIB = 2 ** 20
export const GIB = 2 ** 30

/**
 * Machines that go away and come back, failures and maintenance together: 49 a day of 2,000, as in a
 * cell of Google in 2011, where 1.3 % of the machines made a fifth of it.
 */
export const RESTARTS_PER_DAY = 49 / 2_000
export const LEMON_SHARE = 0.013
export const LEMON_PART = 0.2
