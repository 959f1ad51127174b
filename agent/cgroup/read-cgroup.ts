/** One read of one cgroup. After a failure its values are as they were before. */
import { Before } from './before.ts'
import { type Cgroup, readLimits } from './cgroup.ts'
import { LAST_SEEN } from './columns.ts'

/**
 * A cgroup that is removed leaves one hierarchy of v1 after the other: what it had in those that it
 * left so lately stays.
 */
const LEAVING_MS = 2_000

const before = new Before()

/**
 * True when its limits are not what they were. Throws `CgroupGone`, `MalformedFile` or a refusal.
 * Of the root only the limits are read.
 */
export function readCgroup(cgroup: Cgroup, timeMs: number): boolean {
  before.keep(cgroup.row, cgroup.more)
  let changed: boolean
  try {
    changed = readFiles(cgroup)
  } catch (error) {
    cgroup.limitsDue = true
    before.restore()
    throw error
  }
  before.hold()
  if (Math.abs(timeMs - cgroup.lostMs) < LEAVING_MS) before.fillAbsent()
  noteRead(cgroup, timeMs)
  return changed
}

function readFiles(cgroup: Cgroup): boolean {
  const { files, node } = cgroup
  const { values } = cgroup.row
  const due = cgroup.limitsDue
  let changed = due && readLimits(cgroup)
  if (node.parent === undefined) return changed
  files.readUsage(values)
  cgroup.more = files.more
  if (!Object.is(files.hierarchicalMemoryLimit, cgroup.kernelLimit)) {
    cgroup.kernelLimit = files.hierarchicalMemoryLimit
    changed = true
    if (!due) readLimits(cgroup)
  }
  return changed
}

/** Reads what can still be read of a cgroup without processes; the rest stays. */
export function readAtEnd(cgroup: Cgroup, timeMs: number): void {
  const { files, row } = cgroup
  before.keep(row, cgroup.more)
  try {
    files.readFinal(row.values)
  } catch {
    before.restore()
    return
  }
  before.hold()
  cgroup.more = files.more
  noteRead(cgroup, timeMs)
}

function noteRead(cgroup: Cgroup, timeMs: number): void {
  cgroup.readMs = timeMs
  cgroup.row.values[LAST_SEEN] = timeMs / 1000
}
