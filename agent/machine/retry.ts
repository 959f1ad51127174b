/**
 * Files that appear while the agent runs: a kernel module is loaded, IPv6 is switched on. A missing
 * file is looked for again after this time; looking each pass would cost more than reading does.
 */
import type { KernelFile, KernelFiles } from '../read/files.ts'

const RETRY_MS = 60_000

/** To be called with the time of each pass. */
export function retrying(
  files: KernelFiles,
  ...missing: readonly KernelFile[]
): (timeMs: number) => void {
  let lookedMs: number | undefined
  return (timeMs) => {
    lookedMs ??= timeMs
    const since = timeMs - lookedMs
    if (since >= 0 && since < RETRY_MS) return
    lookedMs = timeMs
    for (const file of missing) files.retry(file)
  }
}
