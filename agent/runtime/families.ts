/**
 * Masters and their workers: processes of one program of which one is the parent of the others. Where a
 * kind folds its children they are part of their master; else they are runtimes beside it.
 */
import type { RuntimeProcess } from './scan.ts'

export interface Families {
  /** By the pid of the master. */
  readonly children: ReadonlyMap<number, readonly RuntimeProcess[]>
  /** Pids of those whose parent runs the same program. */
  readonly workers: ReadonlySet<number>
}

export function familiesOf(processes: readonly RuntimeProcess[]): Families {
  const byPid = new Map(processes.map((process) => [process.pid, process]))
  const children = new Map<number, RuntimeProcess[]>()
  const workers = new Set<number>()
  for (const process of processes) {
    const parent = byPid.get(process.parentPid)
    if (parent === undefined || parent.kind !== process.kind || parent.exe !== process.exe) continue
    workers.add(process.pid)
    const siblings = children.get(parent.pid)
    if (siblings === undefined) children.set(parent.pid, [process])
    else siblings.push(process)
  }
  return { children, workers }
}
