/**
 * The last reading of a cgroup that is about to go, or is half gone: on v1 it leaves one hierarchy
 * after the other. Each part that can still be read counts, and the others stay as they were.
 */
import { isRefusal } from '../read/files.ts'
import { MalformedFile } from '../read/malformed.ts'
import { CgroupGone, type OpenFiles } from './cgroup-files.ts'

export function readLast(
  open: OpenFiles,
  values: Float64Array,
  parts: readonly (() => unknown)[],
): void {
  const before = values.slice()
  for (const part of parts) attempt(part)
  for (let i = 0; i < values.length; i += 1) {
    if (Number.isNaN(values[i]!)) values[i] = before[i]!
  }
  // What was read by path may be of a cgroup that has the name now.
  if (!attempt(() => open.prove())) values.set(before)
}

/** False where it is no more, or never could be read. */
function attempt(part: () => unknown): boolean {
  try {
    part()
    return true
  } catch (error) {
    const isExpected =
      error instanceof CgroupGone || error instanceof MalformedFile || isRefusal(error)
    if (!isExpected) throw error
    return false
  }
}
