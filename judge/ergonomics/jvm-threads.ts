/**
 * How many threads a JVM makes for itself, by the CPUs that it believes it has.
 *
 * Source: hotspot/share/runtime/vm_version.cpp calc_parallel_worker_threads,
 *         hotspot/share/compiler/compilationPolicy.cpp; tried with 1 to 128 CPUs
 */
import { type Flags, numberOf, switchOf } from './jvm-flags.ts'

/** Workers of Parallel, G1 and CMS in a pause. */
export function parallelGcThreads(cpus: number): number {
  return cpus <= 8 ? Math.max(1, cpus) : 8 + Math.floor(((cpus - 8) * 5) / 8)
}

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
