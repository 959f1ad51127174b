/**
 * What a JVM takes itself to have: CPUs and memory, each with how sure that is and where it is from.
 *
 * Source: -XX:ActiveProcessorCount among the merged arguments; the maximum of the heap
 * Units:  CPUs, bytes
 */
import { CUT } from '../../../catalog/entity.ts'
import type { Facts, Figures } from '../kind.ts'

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

export function believedCpus(flags: readonly string[] | undefined): Believed | undefined {
  const believed_cpus = flags && processorsOf(flags)
  if (believed_cpus === undefined) return undefined
  const source = 'exact -XX:ActiveProcessorCount'
  return {
    facts: { 'candor.runtime.believed.cpus.source': source },
    figures: { believed_cpus },
  }
}

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
