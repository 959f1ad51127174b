/**
 * The processes of one cgroup.
 *
 * Source: cgroup.procs, a pid a line; 0 for a process that this one's pid namespace does not show;
 *         /proc/PID/fd and /proc/PID/limits; proc(5)
 */
import { limits } from '../../catalog/limit.ts'
import { HEATS, isRefusal, KernelFile, type KernelFiles } from '../read/files.ts'
import { malformed } from '../read/malformed.ts'
import { Scan } from '../read/scan.ts'
import * as column from './columns.ts'
import { HIDDEN, namesIn } from './seen.ts'

/** How far below a container without processes of its own one is looked for. */
const DEPTH_MAX = 3
const NAMES_MAX = 16

const scan = new Scan()

export interface Procs {
  readonly count: number
  /** The first of them. */
  readonly pids: readonly number[]
}

/**
 * `most` is how many pids are wanted; all are counted, however many somebody started. Undefined where
 * there is no such file.
 */
export function readProcs(files: KernelFiles, directory: string, most: number): Procs | undefined {
  const file = new KernelFile(`${directory}/cgroup.procs`, HEATS.afterChange)
  const pids: number[] = []
  let count = 0
  try {
    const read = files.readLines(file, limits.listBytes.value, (end) => {
      count += parseProcs(files.bytes, end, pids, most)
    })
    return read < 0 ? undefined : { count, pids }
  } finally {
    files.close(file)
  }
}

/** Adds pids until there are `most`; returns how many lines there were. */
export function parseProcs(bytes: Uint8Array, end: number, pids: number[], most: number): number {
  let count = 0
  for (scan.over(bytes, end); !scan.done; scan.nextLine()) {
    const start = scan.at
    const pid = scan.unsigned()
    if (Number.isNaN(pid)) throw malformed('cgroup.procs', bytes, start, end, 'a pid')
    if (pids.length < most) pids.push(pid)
    count += 1
  }
  return count
}

/**
 * A process somewhere below: that of a container that keeps its processes in parts. `HIDDEN` where
 * none was found and some parts are closed to this user.
 */
export function findBelow(
  files: KernelFiles,
  directory: string,
  depth = 1,
): number | typeof HIDDEN | undefined {
  if (depth > DEPTH_MAX) return undefined
  const names = namesIn(files, directory)
  if (names === HIDDEN) return HIDDEN
  let isHidden = false
  for (const name of names.slice(0, NAMES_MAX)) {
    const below = `${directory}/${name}`
    const pid = firstPid(files, below) ?? findBelow(files, below, depth + 1)
    if (typeof pid === 'number') return pid
    isHidden ||= pid === HIDDEN
  }
  return isHidden ? HIDDEN : undefined
}

function firstPid(files: KernelFiles, directory: string): number | typeof HIDDEN | undefined {
  try {
    return readProcs(files, directory, 1)?.pids[0]
  } catch (error) {
    if (isRefusal(error)) return HIDDEN
    throw error
  }
}

const OF_PROCESSES = [column.FILE_DESCRIPTORS, column.SOCKETS, column.ULIMIT_OPEN_FILES]

/** Fills the columns that look into each process; false where a limit kept it from that. */
export function lookAtProcesses(
  files: KernelFiles,
  { pids, count }: Procs,
  values: Float64Array,
): boolean {
  for (const at of OF_PROCESSES) values[at] = Number.NaN
  if (pids.length < count) return false
  let descriptors = 0
  let sockets = 0
  for (const pid of pids) {
    const directory = `${files.paths.procfs}/${pid}/fd`
    const names = files.names(directory)
    descriptors += names.length
    if (descriptors > limits.containerDescriptors.value) return false
    for (const name of names) {
      if (files.linkTarget(`${directory}/${name}`)?.startsWith('socket') === true) sockets += 1
    }
  }
  values[column.FILE_DESCRIPTORS] = descriptors
  values[column.SOCKETS] = sockets
  if (pids.length > 0) values[column.ULIMIT_OPEN_FILES] = softLimit(files, pids[0]!)
  return true
}

/** -1 for no limit, as cAdvisor has it. */
function softLimit(files: KernelFiles, pid: number): number {
  const text = files.readText(`${files.paths.procfs}/${pid}/limits`) ?? ''
  const soft = /^Max open files +(\d+|unlimited)/m.exec(text)?.[1]
  return soft === undefined ? Number.NaN : soft === 'unlimited' ? -1 : Number(soft)
}
