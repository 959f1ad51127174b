/**
 * What a JVM makes of a machine: collector, heap and threads, as it would choose them when it starts
 * with these flags. Pure; used to grade what was seen, and to say what a fix would lead to.
 *
 * Units: bytes, CPUs, threads
 */
import { collectorOf, type JvmCollector } from './jvm-collector.ts'
import { type Flags, numberOf } from './jvm-flags.ts'
import { initialHeap, maxHeap } from './jvm-heap.ts'
import { commonPoolThreads, compilerThreads, gcThreadsOf } from './jvm-threads.ts'

export interface JvmMachine {
  readonly cpus: number
  readonly memoryBytes: number
}

export interface JvmChoice {
  readonly collector: JvmCollector
  readonly heapMaxBytes: number
  readonly heapInitialBytes: number
  readonly parallelGcThreads: number
  readonly concurrentGcThreads: number
  readonly compilerThreads: number
  readonly commonPoolThreads: number
}

export function choiceOf(
  flags: Flags,
  version: string | undefined,
  { cpus, memoryBytes }: JvmMachine,
): JvmChoice {
  const collector = collectorOf(flags, version, cpus, memoryBytes)
  const inputs = { flags, ...(version !== undefined && { version }), collector, memoryBytes }
  const heapMaxBytes = maxHeap(inputs)
  const threads = gcThreadsOf(collector, cpus, heapMaxBytes)
  return {
    collector,
    heapMaxBytes,
    heapInitialBytes: initialHeap(inputs),
    parallelGcThreads: numberOf(flags, 'ParallelGCThreads') ?? threads.parallel,
    concurrentGcThreads: numberOf(flags, 'ConcGCThreads') ?? threads.concurrent,
    compilerThreads: numberOf(flags, 'CICompilerCount') ?? compilerThreads(cpus),
    commonPoolThreads: commonPoolThreads(cpus),
  }
}
