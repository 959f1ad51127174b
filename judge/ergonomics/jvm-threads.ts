/**
 * How many threads a JVM makes for itself, by the CPUs that it believes it has.
 *
 * Source: hotspot/share/runtime/vm_version.cpp calc_parallel_worker_threads,
 *         hotspot/share/compiler/compilationPolicy.cpp, gc/z/zHeuristics.cpp,
 *         gc/shenandoah/shenandoahHeuristics.cpp; tried with 1 to 128 CPUs
 */
import { type Flags, numberOf, switchOf } from './jvm-flags.ts'

/** Workers of Parallel, G1 and CMS in a pause. */
export function parallelGcThreads(cpus: number): number {
  return cpus <= 8 ? Math.max(1, cpus) : 8 + Math.floor(((cpus - 8) * 5) / 8)
}

/** Threads of G1 that mark while the program runs. */
const g1ConcurrentThreads = (parallel: number): number =>
  Math.max(1, Math.floor((parallel + 2) / 4))

/** Pages of the heap that one worker of ZGC must have at hand: 2 % of the heap bounds its workers. */
const Z_PAGE_BYTES = 2 * 1024 * 1024
const Z_HEAP_SHARE = 0.02

const zThreads = (share: number, cpus: number, heapBytes: number): number => {
  const byHeap = Math.floor((Z_HEAP_SHARE * heapBytes) / Z_PAGE_BYTES)
  return Math.max(1, Math.min(Math.ceil(share * cpus), byHeap))
}

/** Workers of a collector in its pauses, and beside the program. */
export interface GcThreads {
  readonly parallel: number
  readonly concurrent: number
}

/** Workers that a collector makes by itself; of Serial none, since the VM thread does its work. */
export function gcThreadsOf(collector: string, cpus: number, heapBytes: number): GcThreads {
  const parallel = parallelGcThreads(cpus)
  switch (collector) {
    case 'Parallel':
      return { parallel, concurrent: 0 }
    case 'CMS':
      return { parallel, concurrent: Math.floor((parallel + 3) / 4) }
    case 'G1':
      return { parallel, concurrent: g1ConcurrentThreads(parallel) }
    case 'ZGC':
      return {
        parallel: zThreads(0.6, cpus, heapBytes),
        concurrent: zThreads(0.25, cpus, heapBytes),
      }
    case 'Shenandoah':
      return {
        parallel: Math.max(1, Math.floor(cpus / 2)),
        concurrent: Math.max(1, Math.floor(cpus / 4)),
      }
    default:
      return { parallel: 0, concurrent: 0 }
  }
}

/** Workers of the common pool: the caller is the last one. */
export const commonPoolThreads = (cpus: number): number => Math.max(1, cpus - 1)

/** Arenas that malloc of glibc may make, by the CPUs of the machine and no quota. */
export const mallocArenas = (machineCpus: number): number => 8 * machineCpus

/** Compiler threads of tiered compilation, which is the default. */
export function compilerThreads(cpus: number): number {
  const log = Math.floor(Math.log2(Math.max(1, cpus)))
  const logLog = Math.floor(Math.log2(Math.max(1, log)))
  return Math.max(2, Math.floor((log * logLog * 3) / 2))
}

/** Those of them that optimise, and need the most memory: two of three. */
export function optimisingThreads(flags: Flags, cpus: number): number {
  if (flags.includes('-Xint')) return 0
  const all = numberOf(flags, 'CICompilerCount') ?? compilerThreads(cpus)
  if (switchOf(flags, 'TieredCompilation') === false) return all
  return all - Math.max(1, Math.floor(all / 3))
}

/**
 * CPUs that a JVM with container support believes it has: a whole number, a quota rounded up.
 * Undefined when neither quota nor machine is known.
 */
export function believedCpus(
  flags: Flags,
  cpuLimitCores: number | undefined,
  machineCpus: number | undefined,
): number | undefined {
  const fixed = numberOf(flags, 'ActiveProcessorCount')
  if (fixed !== undefined && fixed > 0) return fixed
  if (cpuLimitCores === undefined) return machineCpus
  return Math.max(1, Math.min(Math.ceil(cpuLimitCores), machineCpus ?? Number.POSITIVE_INFINITY))
}
