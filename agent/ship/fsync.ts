/**
 * What is on the disk after a power cut: what the kernel has written by then, what is older than
 * `limits.spoolSyncMs`, or everything, and then before it is sent.
 */
export const FSYNC_POLICIES = ['never', 'interval', 'always'] as const
export type Fsync = (typeof FSYNC_POLICIES)[number]
