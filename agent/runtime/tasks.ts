/**
 * The threads of a process: their names, and the CPU time of each.
 *
 * Source: /proc/PID/task/TID/stat, proc_pid_stat(5); names are cut to 15 bytes by the kernel
 * Units:  the kernel counts ticks of 1/100 s; these records hold seconds.
 *
 * One thread costs about 10 µs, so they are not looked at in every pass.
 */
import { readdirSync } from 'node:fs'
import { limits } from '../../catalog/limit.ts'
import { isGone, parseProcessStat } from './process.ts'
import { readRecord } from './read-record.ts'

export interface Task {
  readonly tid: number
  readonly name: string
  readonly cpuSeconds: number
}

/** Undefined where there are too many, or they may not be read. Throws when the process is gone. */
export function readTasks(procfs: string, pid: number): readonly Task[] | undefined {
  const folder = `${procfs}/${pid}/task`
  try {
    const tids = readdirSync(folder)
    if (tids.length > limits.tasks.value) return undefined
    return tids.flatMap((tid) => readTask(`${folder}/${tid}/stat`, Number(tid)) ?? [])
  } catch (err) {
    if (isGone(err)) throw err
    return undefined
  }
}

/** Undefined for a thread that has ended meanwhile. */
function readTask(path: string, tid: number): Task | undefined {
  try {
    const { comm, cpuSeconds } = parseProcessStat(readRecord(path))
    return { tid, name: comm, cpuSeconds }
  } catch (err) {
    if (isGone(err)) return undefined
    throw err
  }
}

/** `http-nio-8080-exec-12` and `http-nio-8080-exec-7` are of one pool, and so are `1_scheduler` and `2_scheduler`. */
const poolOf = (name: string): string => name.replace(/^\d+_|\d+$/g, '')

export interface Pool {
  readonly name: string
  readonly threads: number
}

const pools = new WeakMap<readonly Task[], { readonly pool: Pool | undefined }>()

/**
 * The largest group of threads that share a name but for its number; one alone is none. Found once a
 * look at the threads, though it is told in every pass.
 */
export function largestPool(tasks: readonly Task[]): Pool | undefined {
  const known = pools.get(tasks)
  if (known !== undefined) return known.pool
  const pool = findPool(tasks)
  pools.set(tasks, { pool })
  return pool
}

function findPool(tasks: readonly Task[]): Pool | undefined {
  const counts = new Map<string, number>()
  for (const { name } of tasks) counts.set(poolOf(name), (counts.get(poolOf(name)) ?? 0) + 1)
  let largest: Pool | undefined
  for (const [name, threads] of counts)
    if (threads > Math.max(1, largest?.threads ?? 0)) largest = { name, threads }
  return largest
}
