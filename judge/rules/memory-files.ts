/**
 * The files that bound a cgroup's memory, by the name that they have here: v1 and v2 share none of them.
 * A hybrid machine has its controllers on v1.
 *
 * Source: cgroup-v2.rst; cgroup-v1/memory.rst
 */
import type { RuntimeProfile } from '../profile.ts'
import type { Fix } from './evidence.ts'

type Machine = Pick<RuntimeProfile, 'machineCgroups'>

const isV1 = ({ machineCgroups }: Machine): boolean =>
  machineCgroups === 'v1' || machineCgroups === 'hybrid'

/** Where it is slowed down before its limit; v1 has nothing like it. */
export const hasMemoryHigh = (machine: Machine): boolean => !isV1(machine)

export const requestFile = (machine: Machine): string =>
  isV1(machine) ? 'memory.soft_limit_in_bytes' : 'memory.low'

export const swapUseSource = (machine: Machine): string =>
  isV1(machine) ? 'memory.stat total_swap' : 'memory.swap.current'

export const swapLimitSource = (machine: Machine): string =>
  isV1(machine) ? 'memory.memsw.limit_in_bytes less memory.limit_in_bytes' : 'memory.swap.max'

/** Keeps a cgroup out of swap; on v1 each has its own swappiness, whatever the machine's is. */
export const neverSwap = (machine: Machine, cgroup: string): Fix =>
  isV1(machine)
    ? { fix: `memory.swappiness=0 for ${cgroup}`, fixValues: { swappiness: 0 } }
    : {
        fix: `memory.swap.max=0 for ${cgroup}, or vm.swappiness=1 on the machine`,
        fixValues: { swapLimitBytes: 0 },
      }

/** Lets a cgroup with a memory limit have no swap beyond it. */
export const noSwapBeyond = (machine: Machine, cgroup: string, limitBytes: number): Fix =>
  isV1(machine)
    ? {
        fix: `memory.memsw.limit_in_bytes=${limitBytes} for ${cgroup} (memory.swappiness=0 where the kernel does not count swap)`,
        fixValues: { memoryAndSwapLimitBytes: limitBytes },
      }
    : { fix: `memory.swap.max=0 for ${cgroup}`, fixValues: { swapLimitBytes: 0 } }
