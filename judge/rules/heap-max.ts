/** The maximum of a heap as evidence: where it was read, which is not always the same. */
import type { Evidence } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { evidence } from './evidence.ts'

const COUNTERS = 'hsperfdata sun.gc.generation.*.maxCapacity'

export const heapMaxOf = (
  { believedMemory }: Pick<RuntimeProfile, 'believedMemory'>,
  heapMaxBytes: number,
): Evidence =>
  evidence(
    'maximum of the heap',
    heapMaxBytes,
    'By',
    believedMemory?.value === heapMaxBytes ? believedMemory.source : COUNTERS,
  )
