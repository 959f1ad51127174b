/** What a spool has done, and what the disk did not do, since the process began. */
import type { SpoolDropReason } from './batch.ts'

export type SpoolOperation = 'open' | 'read' | 'write' | 'sync' | 'remove'

export interface SpoolCounts {
  written: number
  /** Bytes at the end of segments that held no whole record. */
  cutBytes: number
  readonly dropped: Record<SpoolDropReason, number>
  readonly errors: Record<SpoolOperation, number>
}

export const noCounts = (): SpoolCounts => ({
  written: 0,
  cutBytes: 0,
  dropped: { spoolBytes: 0, spoolBatches: 0, spoolAge: 0, spoolDamaged: 0 },
  errors: { open: 0, read: 0, write: 0, sync: 0, remove: 0 },
})
