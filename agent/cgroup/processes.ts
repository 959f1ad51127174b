/**
 * The processes of one cgroup.
 *
 * Source: cgroup.procs, a pid a line; 0 for a process that this one's pid namespace does not show;
 *         /proc/PID/fd and /proc/PID/limits; proc(5)
 */
import { limits } from '../../catalog/limit.ts'
import type { KernelFiles } from '../read/files.ts'
import { malformed } from '../read/malformed.ts'
import { Scan } from '../read/scan.ts'
import * as column from './columns.ts'

/** How far below a container without processes of its own one is looked for. */
const DEPTH_MAX = 3
const NAMES_MAX = 16

const scan = new Scan()

/** At most as many as could have a descriptor each that is looked at. */
export function parseProcs(bytes: Uint8Array, end: number): number[] {
  const pids: number[] = []
  for (scan.over(bytes, end); !scan.done; scan.nextLine()) {
    const start = scan.at
    const pid = scan.unsigned()
    if (Number.isNaN(pid)) throw malformed('cgroup.procs', bytes, start, end, 'a pid')
    pids.push(pid)
  }
  return pids
}

/** Undefined where there is no such file. */
export function readProcs(files: KernelFiles, directory: string): number[] | undefined {
  const end = files.readOnce(`${directory}/cgroup.procs`)
  return end < 0 ? undefined : parseProcs(files.bytes, end)
}

/** A process somewhere below: that of a container that keeps its processes in parts. */
export function findBelow(files: KernelFiles, directory: string, depth = 1): number | undefined {
  if (depth > DEPTH_MAX || !files.exists(directory)) return undefined
  for (const name of files.directories(directory).slice(0, NAMES_MAX)) {
    const below = `${directory}/${name}`
    const pid = readProcs(files, below)?.[0] ?? findBelow(files, below, depth + 1)
    if (pid !== undefined) return pid
  }
  return undefined
}

const OF_PROCESSES = [column.FILE_DESCRIPTORS, column.SOCKETS, column.ULIMIT_OPEN_FILES]

/** Fills the columns that look into each process; false where a limit kept it from that. */
export function lookAtProcesses(
  files: KernelFiles,
  pids: readonly number[],
  values: Float64Array,
): boolean {
  for (const at of OF_PROCESSES) values[at] = Number.NaN
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
