/** What is sent, stored or dropped as a whole: one request body under a name of its own. */
import type { Encoding } from './compress.ts'
import type { Ref } from './segment.ts'

export interface Batch {
  /** `<machine>/<boot>/<sequence>`; the same however often it is sent, and never given twice. */
  readonly id: string
  /** Unix ms at which it was made. */
  readonly timeMs: number
  body: Buffer
  encoding: Encoding | undefined
  /** Where it lies in the spool, once it does. */
  ref?: Ref
}

/** Why a batch in the spool was given up: the bound it was beyond, or that it was not whole. */
export type SpoolDropReason = 'spoolBytes' | 'spoolBatches' | 'spoolAge' | 'spoolDamaged'
/** Why a batch was given up. */
export type DropReason = 'pushQueueBytes' | 'stopped' | SpoolDropReason

/**
 * Sequence numbers: µs since boot, and one more than the last where that is as late. The boot is a
 * part of the id, so an agent that is started again gives none a second time, wherever the clock of
 * the machine was set meanwhile.
 */
export function sequenceFrom(bootUs: () => number): () => number {
  let last = -1
  return () => (last = Math.max(last + 1, Math.floor(bootUs())))
}
