/**
 * What a JVM takes itself to have: CPUs and memory, each with how sure that is and where it is from.
 *
 * Source: -XX:ActiveProcessorCount among the merged arguments; final flags; the maximum of the heap
 * Units:  CPUs, bytes
 */
import { CUT } from '../../../catalog/entity.ts'
import type { JvmFlag } from '../../../catalog/jvm-flag.ts'
import type { Facts, Figures } from '../kind.ts'
import type { FinalFlags } from './deep.ts'
import type { Collector } from './jvm.ts'

export interface Believed {
  readonly facts: Facts
  readonly figures: Figures
}

const PROCESSORS = '-XX:ActiveProcessorCount='

/** Of a list that was cut the flag that wins may be missing: then nothing is said. */
function processorsOf(flags: readonly string[]): number | undefined {
  if (flags.includes(CUT)) return undefined
  const cpus = Number(
    flags.findLast((flag) => flag.startsWith(PROCESSORS))?.slice(PROCESSORS.length),
  )
  return Number.isSafeInteger(cpus) && cpus > 0 ? cpus : undefined
}

/** Collectors whose pauses have one worker a CPU, up to this many. */
const WORKER_A_CPU: ReadonlySet<Collector | undefined> = new Set(['Parallel', 'G1'])
const WORKER_A_CPU_MAX = 8

/** Final flags are sure; of the arguments alone only the flag that sets the number is. */
export function believedCpus(
  flags: readonly string[] | undefined,
  final?: FinalFlags,
  collector?: Collector,
): Believed | undefined {
  const set =
    final === undefined ? flags && processorsOf(flags) : countOf(final, 'ActiveProcessorCount')
  if (set !== undefined) return cpus(set, 'exact -XX:ActiveProcessorCount')
  const workers = final?.get('ParallelGCThreads')
  const made = workers?.origin === 'default' || workers?.origin === 'ergonomic'
  const count = final && countOf(final, 'ParallelGCThreads')
  if (!made || count === undefined || count > WORKER_A_CPU_MAX) return undefined
  return WORKER_A_CPU.has(collector)
    ? cpus(count, 'strong ParallelGCThreads that it chose')
    : undefined
}

const countOf = (final: FinalFlags, name: JvmFlag): number | undefined => {
  const count = Number(final.get(name)?.value)
  return Number.isSafeInteger(count) && count > 0 ? count : undefined
}

const cpus = (believed_cpus: number, source: string): Believed => ({
  facts: { 'candor.runtime.believed.cpus.source': source },
  figures: { believed_cpus },
})

/** `source` says where the maximum of the heap was read. */
export const believedMemory = (
  heapMaxBytes: number | undefined,
  source: string,
): Believed | undefined =>
  heapMaxBytes === undefined
    ? undefined
    : {
        facts: { 'candor.runtime.believed.memory.source': `exact ${source}` },
        figures: { believed_memory_bytes: heapMaxBytes },
      }
