/** How many threads collect while the program stands still, as surely as that can be told. */
import { numberOf } from '../ergonomics/jvm-flags.ts'
import { gcThreadsOf, parallelGcThreads } from '../ergonomics/jvm-threads.ts'
import type { Believed, RuntimeProfile } from '../profile.ts'
import { leastSure } from './cpu.ts'

export function pauseThreads(jvm: RuntimeProfile): Believed | undefined {
  const { collector, finalFlags, flags = [], gcThreads } = jvm
  if (collector === 'Serial') return { value: 1, confidence: 'exact', source: 'collector Serial' }
  const final = Number(finalFlags?.['ParallelGCThreads']?.value ?? Number.NaN)
  if (final > 0) return { value: final, confidence: 'exact', source: 'flag ParallelGCThreads' }
  const set = numberOf(flags, 'ParallelGCThreads')
  if (set !== undefined && set > 0)
    return { value: set, confidence: 'exact', source: '-XX:ParallelGCThreads' }
  const byCpus = threadsByCpus(jvm)
  const seen = seenThreads(gcThreads, jvm)
  // Threads are made when they are needed: those that were seen are the least, not the most.
  if (seen === undefined || (byCpus !== undefined && byCpus.value >= seen.value)) return byCpus
  return byCpus?.confidence === 'strong' ? byCpus : seen
}

/** What follows from the CPUs that the JVM believes in. */
function threadsByCpus(jvm: RuntimeProfile): Believed | undefined {
  const { collector, believedCpus, heapMaxBytes = Number.POSITIVE_INFINITY } = jvm
  if (collector === undefined || believedCpus === undefined) return undefined
  const { parallel } = gcThreadsOf(collector, believedCpus.value, heapMaxBytes)
  if (parallel === 0) return undefined
  return {
    value: parallel,
    confidence: leastSure(believedCpus.confidence, 'strong'),
    source: `${believedCpus.value} CPUs that it believes in`,
  }
}

/** A program may name its own threads like those of a collector: no more than the machine explains. */
function seenThreads(
  gcThreads: number | undefined,
  { machineCpus }: RuntimeProfile,
): Believed | undefined {
  if (gcThreads === undefined || gcThreads === 0) return undefined
  const most = machineCpus === undefined ? gcThreads : parallelGcThreads(machineCpus)
  return {
    value: Math.min(gcThreads, most),
    confidence: 'strong',
    source: '/proc/PID/task/*/comm',
  }
}
