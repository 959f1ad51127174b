/** The memory limit that holds for a process, and where it sits. */
import type { RuntimeProfile } from '../profile.ts'

export interface Limit {
  readonly bytes: number
  /** The cgroup that it sits on, or the file that has the machine's memory. */
  readonly source: string
  /** Whether it sits on the cgroup of the process itself, where every runtime looks for it. */
  readonly own: boolean
}

/**
 * A limit above the machine's memory cannot be reached: the machine's memory is the limit then.
 * Undefined where no limit is set.
 */
export function limitOf(profile: RuntimeProfile): Limit | undefined {
  const { memoryLimitBytes, memoryLimitCgroup, machineMemoryBytes, cgroup } = profile
  if (memoryLimitBytes === undefined) return undefined
  if (machineMemoryBytes !== undefined && machineMemoryBytes < memoryLimitBytes)
    return { bytes: machineMemoryBytes, source: '/proc/meminfo', own: true }
  const source = memoryLimitCgroup ?? cgroup ?? 'the cgroup'
  return { bytes: memoryLimitBytes, source, own: cgroup === undefined || source === cgroup }
}
